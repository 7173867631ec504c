"""Small accounts, written down in a few words."""

from __future__ import annotations

import json
from typing import Any

from watchword.account.read import read_snapshot
from watchword.account.snapshot import Snapshot

ID = "123456789012"
ALICE = f"arn:aws:iam::{ID}:user/alice"
ROLE = f"arn:aws:iam::{ID}:role/deploy"
ROOT = f"arn:aws:iam::{ID}:root"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
EVERYTHING: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
LISTING: dict[str, Any] = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
NO_IAM: dict[str, Any] = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(*actions: str, principal: object = None) -> str:
    return document(
        {
            "Effect": "Allow",
            "Action": list(actions) or "sts:AssumeRole",
            "Principal": principal or {"AWS": ROOT},
        }
    )


def managed(arn: str, *statements: dict[str, Any], default: str = "v1") -> dict[str, Any]:
    versions = [{"id": "v1", "document": document(*statements)}]
    name = arn.rpartition("/")[2]
    return {"arn": arn, "id": f"ANPA{name}", "name": name, "default_version": default, "versions": versions}


def user(name: str = "alice", **more: object) -> dict[str, Any]:
    return {"arn": f"arn:aws:iam::{ID}:user/{name}", "id": f"AIDA{name.upper()}", "name": name, **more}


def role(name: str = "deploy", **more: object) -> dict[str, Any]:
    fields = {"trust": trust(), **more}
    return {"arn": f"arn:aws:iam::{ID}:role/{name}", "id": f"AROA{name.upper()}", "name": name, **fields}


def group(name: str, **more: object) -> dict[str, Any]:
    return {"arn": f"arn:aws:iam::{ID}:group/{name}", "id": f"AGPA{name.upper()}", "name": name, **more}


def inline(name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "document": document(*statements)}


def snapshot(account: str = ID, /, **parts: object) -> Snapshot:
    fields = {"users": [], "groups": [], "roles": [], "policies": [], **parts}
    value = {"schema": "watchword/snapshot/v1", "account_id": account, "source": "read", **fields}
    return read_snapshot(json.dumps(value).encode(), name="test.json")


def organization(*levels: dict[str, Any], management: str = "999999999999") -> dict[str, Any]:
    return {"id": "o-one", "management_account": management, "path": list(levels)}


def level(ident: str, kind: str, *policies: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    scps = [
        {
            "id": f"p-{name}",
            "arn": f"arn:aws:organizations::p/{name}",
            "name": name,
            "document": document(what),
        }
        for name, what in policies
    ]
    return {"id": ident, "name": ident, "kind": kind, "scps": scps}
