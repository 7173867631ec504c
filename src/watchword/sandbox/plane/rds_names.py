"""What calls of RDS do not say: engines and versions that it takes by itself, and ARNs that end in an id."""

from __future__ import annotations

from watchword.sandbox.plane.moto_object import MotoObject


def rds_engine(account: str, region: str, kind: str, name: str) -> tuple[str, str] | None:
    """Return engine and version of a `db`, `cluster`, `snapshot` or `cluster-snapshot`; None: not there.

    With `new-db` or `new-cluster` the name is an engine, and the version the one that is taken by itself.
    """
    from moto.rds.models import DBCluster, DBInstance, rds_backends

    backend: MotoObject = rds_backends[account][region]
    try:
        match kind:
            case "new-db":
                return name, str(DBInstance.default_engine_versions[name])
            case "new-cluster":
                return name, str(DBCluster.default_engine_version(name))
            case "db":
                found = backend.databases[name]
            case "cluster":
                found = backend.clusters[name]
            case "snapshot":
                found = backend.database_snapshots[name].database
            case "cluster-snapshot":
                found = backend.cluster_snapshots[name].cluster
            case _:
                return None
    except KeyError:
        return None
    return str(found.engine), str(found.engine_version)


def rds_arn(account: str, region: str, kind: str, name: str) -> str | None:
    """Return the ARN of a `proxy` or a `shard-group`, which a name does not tell; None: it is not there."""
    from moto.rds.models import rds_backends

    backend: MotoObject = rds_backends[account][region]
    match kind:
        case "proxy":
            found = backend.db_proxies.get(name)
            return None if found is None else str(found.arn)
        case "shard-group":
            found = backend.shard_groups.get(name)
            return None if found is None else str(found.db_shard_group_arn)
        case _:
            return None
