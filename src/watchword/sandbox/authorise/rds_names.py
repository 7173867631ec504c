"""Filters for templates of RDS: the groups that it takes by itself, and ARNs that end in an id.

Source: Amazon RDS User Guide, "Identity-based policy examples" (who creates an instance needs the default
option, parameter and subnet groups), "Working with parameter groups", "Working with option groups".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from watchword.sandbox.authorise.scope import Scope, Unidentified, WholeArn

# Engines whose groups are named after two numbers of the version (mysql8.0), and after one (postgres15).
_TWO_NUMBERS = frozenset({"mysql", "mariadb", "aurora-mysql"})
_ONE_NUMBER = frozenset({"postgres", "aurora-postgresql"})
_SOURCES = (
    ("SourceDBInstanceIdentifier", "db"),
    ("SourceDBClusterIdentifier", "cluster"),
    ("DBSnapshotIdentifier", "snapshot"),
    ("DBClusterSnapshotIdentifier", "cluster-snapshot"),
    ("SnapshotIdentifier", "cluster-snapshot"),
)


def _engine(scope: Scope, *, new: str) -> tuple[str, str]:
    params, region = scope.params, scope.operation.region
    named = str(params.get("Engine") or "").lower()
    for parameter, kind in _SOURCES:
        source = params.get(parameter)
        if source:
            found = scope.lookup.rds_engine(region, kind, str(source).rpartition(":")[2].lower())
            break
    else:
        found = scope.lookup.rds_engine(region, new, named)
    engine, version = found or (named, "")
    return named or engine, str(params.get("EngineVersion") or version)


def _major(engine: str, version: str) -> str:
    numbers = re.match(r"(\d+)(?:\.(\d+))?", version)
    if numbers and engine in _TWO_NUMBERS and numbers[2] is not None:
        return f"{numbers[1]}.{numbers[2]}"
    if numbers and engine in _ONE_NUMBER:
        old = int(numbers[1]) < 10 and numbers[2] is not None
        return f"{numbers[1]}.{numbers[2]}" if old else numbers[1]
    raise Unidentified("which groups RDS takes for this engine and version is not known: name them")


def _default_option_group(new: str) -> Callable[[str, Scope], str]:
    def name(_value: str, scope: Scope) -> str:
        engine, version = _engine(scope, new=new)
        return f"default:{engine}-{_major(engine, version).replace('.', '-')}"

    return name


def _default_parameter_group(new: str) -> Callable[[str, Scope], str]:
    def name(_value: str, scope: Scope) -> str:
        engine, version = _engine(scope, new=new)
        return f"default.{engine}{_major(engine, version)}"

    return name


def _behind(kind: str) -> Callable[[str, Scope], str]:
    def arn(value: str, scope: Scope) -> str:
        found = scope.lookup.rds_arn(scope.operation.region, kind, value)
        if found is None:
            raise Unidentified(f"there is no such {kind}")
        return WholeArn(found)

    return arn


_TYPES = (
    "auto-backup", "cev", "cluster", "cluster-auto-backup", "cluster-endpoint", "cluster-pg",
    "cluster-snapshot", "db", "db-proxy", "db-proxy-endpoint", "deployment", "es", "integration", "og",
    "pg", "ri", "secgrp", "shard-group", "snapshot", "subgrp", "target-group", "tenant-database",
)  # fmt: skip
_OWN = re.compile(rf"arn:([^:]+):rds:([^:]+):([^:]+):(?:{'|'.join(_TYPES)}):([a-zA-Z0-9_.:-]+)")
_GLOBAL = re.compile(r"arn:([^:]+):rds::([^:]+):global-cluster:([a-zA-Z0-9-]+)")


def _any_own(value: str, scope: Scope) -> str:
    """Read the ARN of any resource of this account and region."""
    own, everywhere = _OWN.fullmatch(value), _GLOBAL.fullmatch(value)
    if own and own.groups()[:3] == (scope.partition, scope.operation.region, scope.account):
        return WholeArn(value)
    if everywhere and everywhere.groups()[:2] == (scope.partition, scope.account):
        return WholeArn(value)
    raise Unidentified("the ARN of a resource of this account and region is expected")


FILTERS: Mapping[str, Callable[[str, Scope], str]] = {
    "rds_arn": _any_own,
    "rds_proxy": _behind("proxy"),
    "rds_shard_group": _behind("shard-group"),
    "rds_default_og": _default_option_group("new-db"),
    "rds_default_pg": _default_parameter_group("new-db"),
    "rds_default_cluster_og": _default_option_group("new-cluster"),
    "rds_default_cluster_pg": _default_parameter_group("new-cluster"),
}
# Those that give a whole ARN.
WHOLE = frozenset({"rds_arn", "rds_proxy", "rds_shard_group"})
