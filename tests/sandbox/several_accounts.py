"""Policies for the tests of several accounts, and a sandbox that begins anew for each of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from local_aws import Key, LocalAws, local_aws

OTHER = "111122223333"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """One server for a module."""
    path: Path = tmp_path_factory.mktemp("accounts")
    with local_aws(path / "sandbox") as running:
        yield running


@pytest.fixture
def aws(server: LocalAws) -> LocalAws:
    """A sandbox with nothing in it."""
    server.reset()
    return server


def document(*statements: Mapping[str, Any]) -> str:
    """Return a policy with these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: str | list[str], resource: str | list[str] = "*", **more: object) -> str:
    """Return a policy that allows."""
    return document({"Effect": "Allow", "Action": actions, "Resource": resource, **more})


def deny(actions: str | list[str], **more: object) -> str:
    """Return a policy that denies."""
    return document({"Effect": "Deny", "Action": actions, "Resource": "*", **more})


def trusting(principal: str, **more: object) -> str:
    """Return a trust policy."""
    return document({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **more})


def assumed(aws: LocalAws, key: Key | None, role_arn: str, **params: object) -> Key:
    """Return a session of a role."""
    answer = aws.client("sts", key).assume_role(RoleArn=role_arn, RoleSessionName="test", **params)
    return Key.of(answer["Credentials"])
