"""Accounts of a few lines, for tests of claims."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from watchword.account.accounts import Accounts
from watchword.account.read import read_snapshot
from watchword.account.snapshot import Snapshot
from watchword.iam import Universe
from watchword.local.universe import load_universe
from watchword.proof.claim import DEFAULT_CLAIM, Claim
from watchword.proof.claim_file import read_claims
from watchword.proof.prove import prove
from watchword.proof.result import Proof, ProvedFinding, ProvedPrincipal

ACCOUNT = "111122223333"
ARN = f"arn:aws:iam::{ACCOUNT}:"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIXTURES = Path(__file__).parents[2] / "accounts"
Statement = dict[str, Any]


@functools.cache
def universe() -> Universe:
    return load_universe()


def allow(actions: str | Sequence[str], resource: str | Sequence[str] = "*", **more: object) -> Statement:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


WITH_MFA: dict[str, Any] = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}


def deny_without_mfa(*exempt: str) -> Statement:
    condition = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    return {"Effect": "Deny", "NotAction": list(exempt), "Resource": "*", "Condition": condition}


def user(
    name: str,
    *statements: Statement,
    path: str = "/",
    groups: Sequence[str] = (),
    attached: Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    inline = [{"name": "Own", "document": document(*statements)}] if statements else []
    return {
        "arn": f"{ARN}user{path}{name}",
        "id": f"AIDA{name.upper():X<16}",
        "name": name,
        "path": path,
        "groups": list(groups),
        "inline": inline,
        "attached": list(attached),
        "tags": dict(tags or {}),
    }


def group(name: str, *statements: Statement) -> dict[str, Any]:
    inline = [{"name": "Work", "document": document(*statements)}]
    return {"arn": f"{ARN}group/{name}", "id": f"AGPA{name.upper():X<16}", "name": name, "inline": inline}


def role(name: str, trust: Statement, *statements: Statement) -> dict[str, Any]:
    return {
        "arn": f"{ARN}role/{name}",
        "id": f"AROA{name.upper():X<16}",
        "name": name,
        "trust": document({"Action": "sts:AssumeRole", "Effect": "Allow", **trust}),
        "inline": [{"name": "Does", "document": document(*statements)}],
    }


def document(*statements: Statement) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def snapshot(
    users: Sequence[Mapping[str, Any]] = (),
    groups: Sequence[Mapping[str, Any]] = (),
    roles: Sequence[Mapping[str, Any]] = (),
    *,
    devices: Sequence[str] = (),
    root_has_key: bool = False,
) -> Snapshot:
    """Return an account in which every user has an active key, and nobody a password."""
    value = {
        "schema": "watchword/snapshot/v1",
        "account_id": ACCOUNT,
        "source": "read",
        "taken_at": "2026-11-20T09:00:00Z",
        "users": list(users),
        "groups": list(groups),
        "roles": list(roles),
        "policies": [],
        "login_profiles": [],
        "access_keys": [
            {"user": each["name"], "id": f"AKIA{number:016}", "status": "Active"}
            for number, each in enumerate(users)
        ],
        "mfa_devices": [{"user": name, "serial": f"{ARN}mfa/{name}", "kind": "virtual"} for name in devices],
        "account_summary": {
            "AccountAccessKeysPresent": int(root_has_key),
            "AccountMFAEnabled": 1,
            "AccountPasswordPresent": 1,
        },
        "organization": {"id": None},
        "resource_policies": [],
    }
    return read_snapshot(json.dumps(value).encode(), name="written")


def fixture(name: str) -> Snapshot:
    path = FIXTURES / f"{name}.json"
    return read_snapshot(path.read_bytes(), name=path.name)


def claims(text: str) -> tuple[Claim, ...]:
    return read_claims(f"schema: watchword/claims/v1\nclaims:\n{text}", file="claims.yaml")


def proof_of(
    *snapshots: Snapshot, claimed: Sequence[Claim] = (DEFAULT_CLAIM,), now: datetime = NOW, full: bool = False
) -> Proof:
    return prove(Accounts.of(snapshots), universe=universe(), now=now, claims=claimed, full=full)


def counting(proof: Proof) -> list[ProvedFinding]:
    return [each for each in proof.findings if each.exception is None]


def principal(proof: Proof, name: str) -> ProvedPrincipal:
    return next(each for each in proof.principals if each.name == name)


def actions_of(proof: Proof, finding: ProvedFinding) -> tuple[str, ...]:
    return proof.action_sets[finding.actions.set]
