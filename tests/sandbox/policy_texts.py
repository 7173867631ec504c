"""Policies as tests write them, and a sandbox for a whole module."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local_aws import Key, LocalAws, local_aws

ACCOUNT = "123456789012"
OTHER = "111122223333"


def policy(*statements: dict[str, Any]) -> str:
    """Return a document."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(*actions: str, resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a statement that allows."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(*actions: str, resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a statement that denies."""
    return {"Effect": "Deny", "Action": list(actions), "Resource": resource, **more}


def user_arn(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:user/{name}"


@contextmanager
def sandbox_in(folder: Path) -> Iterator[LocalAws]:
    with local_aws(folder / "sandbox") as running:
        yield running


def other_account(sandbox: LocalAws) -> Key:
    """Add a second account, and return the key of its root."""
    made = sandbox.inner.add_account(OTHER)
    return Key(access_key_id=made.access_key_id, secret_access_key=made.secret_access_key)


def session_of(sandbox: LocalAws, caller: Key, role: str, **more: Any) -> Key:  # noqa: ANN401 - AssumeRole's
    """Assume a role as somebody, under the session name `work`."""
    sts = sandbox.client("sts", caller)
    assumed = sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName="work", **more)
    return Key.of(assumed["Credentials"])


def role_for(sandbox: LocalAws, name: str, trusted: str, **more: Any) -> None:  # noqa: ANN401 - CreateRole's
    """Make a role that a user may assume."""
    trust = {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"}
    sandbox.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust), **more)
