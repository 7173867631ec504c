"""An account of a few resources, for the authorise room's tests: values only, no moto."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from watchword.iam import CredentialKind, Principal, PrincipalKind
from watchword.sandbox.authorise.required import ActionOnResource, required
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.wire.operation import Operation, Protocol

ACCOUNT = "123456789012"
NOW = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)


EC2 = {
    ("default_subnet", "eu-west-1a"): ("subnet-default",),
    ("default_group", "subnet-default"): ("sg-default",),
    ("default_group", "subnet-1"): ("sg-default",),
    ("security_group", "web"): ("sg-web",),
    ("launch_template", "web"): ("lt-1",),
    ("key_pair", "key-1"): ("mine",),
    ("address", "1.2.3.4"): ("eipalloc-1",),
    ("profile_roles", "web"): (f"arn:aws:iam::{ACCOUNT}:role/web",),
}


RDS = {("new-db", "mysql"): ("mysql", "8.0.35"), ("snapshot", "s"): ("postgres", "15.4")}


@dataclass
class SmallAccount:
    """A lookup over dictionaries."""

    paths: dict[tuple[str, str], str] = field(default_factory=dict)
    tags_by_arn: dict[str, dict[str, str]] = field(default_factory=dict)
    boundaries: dict[str, str] = field(default_factory=dict)

    def path_of(self, kind: str, name: str) -> str | None:
        return self.paths.get((kind, name))

    def key_owner(self, access_key_id: str) -> str | None:
        return "alice" if access_key_id == "AKIAALICE" else None

    def secret_arn(self, region: str, secret_id: str) -> str | None:
        known = secret_id == "password"
        return f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:password-AbCdEf" if known else None

    def kms_key_arn(self, region: str, key_id: str) -> str | None:
        return f"arn:aws:kms:{region}:{ACCOUNT}:key/1" if key_id in ("1", "alias/one") else None

    def kms_key_of_ciphertext(self, region: str, ciphertext: bytes) -> str | None:
        return f"arn:aws:kms:{region}:{ACCOUNT}:key/1" if ciphertext == b"made with 1" else None

    def kms_key_metadata(self, arn: str) -> Mapping[str, object] | None:
        facts = {"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS"}
        return {**facts, "MultiRegion": False, "Aliases": ("alias/one",)} if arn.endswith(":key/1") else None

    def dynamodb_partition_key(self, arn: str) -> str | None:
        return None if arn.endswith("/index/global") else "UserId"

    def athena_work_group(self, region: str, kind: str, identifier: str) -> str | None:
        return {("named query", "n"): "team", ("query execution", "e"): "primary"}.get((kind, identifier))

    def service_linked_role_name(self, service: str, suffix: str | None) -> str | None:
        return "AWSServiceRoleForThis" if service == "this.amazonaws.com" else None

    def ec2_names(self, region: str, kind: str, value: str) -> tuple[str, ...]:
        return EC2.get((kind, value), ())

    def log_query_groups(self, region: str, query_id: str) -> tuple[str, ...]:
        return ("group",) if query_id == "q" else ()

    def rds_engine(self, region: str, kind: str, name: str) -> tuple[str, str] | None:
        return RDS.get((kind, name))

    def rds_arn(self, region: str, kind: str, name: str) -> str | None:
        return f"arn:aws:rds:{region}:{ACCOUNT}:db-proxy:prx-1" if (kind, name) == ("proxy", "p") else None

    def object_is_tagged(self, bucket: str, key: str) -> bool:
        return (bucket, key) == ("b", "tagged")

    def object_tags(self, bucket: str, key: str, version_id: str | None) -> Mapping[str, str]:
        return {"team": "ops"} if (bucket, key) == ("b", "tagged") else {}

    def tags(self, arn: str) -> Mapping[str, str] | None:
        return self.tags_by_arn.get(arn)

    def account_of(self, arn: str) -> str | None:
        return arn.split(":")[4] if arn.count(":") > 4 and arn.split(":")[4] else None

    def account_of_ciphertext(self, region: str, ciphertext: bytes) -> str | None:
        return None

    def membership(self, account: str) -> None:
        return None

    def organization_arn(self, entity_id: str) -> None:
        return None

    def boundary(self, arn: str) -> str | None:
        return self.boundaries.get(arn)


def operation(service: str, name: str, params: Mapping[str, Any] | None = None) -> Operation:
    """Return a call; its protocol does not matter here."""
    return Operation(
        service=service,
        name=name,
        protocol=Protocol.QUERY,
        region="eu-west-1",
        signing_name=service,
        api_version="1",
        params=params or {},
    )


def needed(
    service: str, name: str, params: Mapping[str, Any] | None = None, lookup: SmallAccount | None = None
) -> list[tuple[str, str]]:
    """Return the actions and resources that a call needs."""
    return [(each.action, each.resource) for each in questions(service, name, params, lookup)]


def questions(
    service: str, name: str, params: Mapping[str, Any] | None = None, lookup: SmallAccount | None = None
) -> tuple[ActionOnResource, ...]:
    """Return the questions to the engine that a call asks."""
    return required(
        operation(service, name, params),
        caller_user_name="alice",
        account=ACCOUNT,
        partition="aws",
        lookup=lookup or SmallAccount(),
    )


def alice() -> Caller:
    """Return a user with a long-term key."""
    return Caller(
        principal=Principal(
            arn=f"arn:aws:iam::{ACCOUNT}:user/team/alice", account=ACCOUNT, kind=PrincipalKind.USER
        ),
        kind=CredentialKind.ACCESS_KEY,
        access_key_id="AKIAALICE",
        user_name="alice",
        user_id="AIDAALICE",
    )
