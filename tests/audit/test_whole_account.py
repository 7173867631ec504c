"""An account that has everything, read over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.handlers import json_decode_policies

from audit.between import between
from audit.reading import ODD, TRUST, Altered, people, read, run, shared
from local_aws import LocalAws, local_aws
from watchword.account.read import read_snapshot, write_snapshot
from watchword.account.snapshot import ROOT_USER, Snapshot


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """One filled account for a module: these tests only look at it."""
    with local_aws(tmp_path_factory.mktemp("whole") / "sandbox") as running:
        people(running)
        for number in range(5):
            running.client("iam").create_virtual_mfa_device(VirtualMFADeviceName=f"spare{number}")
        yield running


@pytest.fixture(scope="module")
def taken(aws: LocalAws) -> Snapshot:
    """The account as it was read."""
    return read(aws)


def test_an_account_is_read_with_all_that_its_users_have(aws: LocalAws, taken: Snapshot) -> None:
    alice, bob = taken.users
    assert (alice.name, alice.groups, alice.tags) == ("alice", ("staff",), {"team": "blue"})
    assert alice.boundary == taken.policies[0].arn
    assert bob.path == "/guests/"
    assert [(one.user, one.reset_required) for one in taken.login_profiles or ()] == [("alice", True)]
    keys = [
        (one.user, one.status, one.last_used and one.last_used.service) for one in taken.access_keys or ()
    ]
    assert keys == [(ROOT_USER, "Active", None), ("alice", "Active", "s3"), ("bob", "Inactive", None)]
    devices = {(one.user, one.kind) for one in taken.mfa_devices or ()}
    assert devices == {("alice", "virtual"), ("alice", "fido"), ("bob", "hardware")}
    assert [one.serial.rpartition("/")[2] for one in taken.unassigned_devices or ()] == [
        "nobody",
        *(f"spare{number}" for number in range(5)),
    ]
    assert [row["user"] for row in taken.credential_report or ()] == [ROOT_USER, "alice", "bob"]
    assert (taken.account_summary or {})["Users"] == 2
    assert taken.password_policy is not None
    assert not taken.password_policy.custom
    assert taken.organization is not None
    assert taken.organization.is_none
    assert (taken.alias, taken.account_id) == ("house", aws.account)
    assert taken.roles[0].max_session_seconds == 7200
    assert [(one.what, one.code) for one in taken.unread] == [("resource_policies", "NotAsked")]


def test_documents_are_the_text_that_was_written(aws: LocalAws, taken: Snapshot) -> None:
    assert taken.users[0].inline[0].document == ODD
    assert taken.roles[0].trust == TRUST
    own = next(policy for policy in taken.policies if policy.name == "Own")
    assert [version.id for version in own.versions] == ["v2", "v1"]
    assert own.versions[1].document == ODD


def test_what_the_aws_command_writes_is_the_same_account(aws: LocalAws, taken: Snapshot) -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "awscli", "iam", "get-account-authorization-details", "--output", "json"],
        env=aws.environment | aws.root.environment,
        capture_output=True,
        check=True,
    )
    raw = read_snapshot(listed.stdout, name="details.json")
    assert raw.source == "GetAccountAuthorizationDetails"
    assert _meaning(shared(raw)) == _meaning(shared(taken))
    # As boto3 hands it out without its decoding, page by page.
    client = aws.client("iam")
    client.meta.events.unregister("after-call.iam", json_decode_policies)
    pages = list(
        client.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 2})
    )
    told = read_snapshot(json.dumps(pages, default=str).encode(), name="pages.json")
    assert shared(told) == shared(taken)


def test_a_snapshot_is_the_same_when_it_is_read_from_its_file(aws: LocalAws, taken: Snapshot) -> None:
    assert read_snapshot(write_snapshot(taken), name="a.json") == taken


def test_small_pages_tell_the_same(aws: LocalAws, taken: Snapshot) -> None:
    with between(aws.endpoint_url) as middle:
        small = read(aws, url=middle.url, calls=Altered(aws=aws, asked=_of_two))
        assert middle.calls["GetAccountAuthorizationDetails"] >= 3
        assert middle.calls["ListVirtualMFADevices"] >= 4
    assert _still(small) == _still(taken)


def test_a_policy_that_the_details_lack_is_read_by_itself(aws: LocalAws) -> None:
    def without(operation: str, answer: dict[str, Any]) -> dict[str, Any]:
        return {**answer, "Policies": []} if operation == "GetAccountAuthorizationDetails" else answer

    taken = read(aws, calls=Altered(aws=aws, answered=without))
    own = next(policy for policy in taken.policies if policy.name == "Own")
    assert own.versions[0].document == ODD.replace("s3:*", "sqs:*")
    assert any(policy.name == "IAMReadOnlyAccess" for policy in taken.policies)


def test_the_whole_command_says_what_was_read_and_where_it_is(aws: LocalAws, tmp_path: Path) -> None:
    done = run(aws, tmp_path, "root", "-o", "a.json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"account {aws.account} (house), read as arn:aws:iam::{aws.account}:root",
        "  2 users, 1 group, 1 role, 2 managed policies",
        "  1 password, 3 access keys, 3 MFA devices",
        "  in no organization",
        "  policies of resources not asked for (`--resources`)",
        "written to `a.json`",
    ]
    file = tmp_path / "a.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in tmp_path.iterdir() if one.name.startswith("a.")) == ["a.json"]
    assert read_snapshot(file.read_bytes(), name="a.json").users[0].name == "alice"


def _still(snapshot: Snapshot) -> dict[str, Any]:
    """Return a snapshot without what another reading changes: when the key that reads was used."""
    value = json.loads(write_snapshot(snapshot))
    del value["credential_report"], value["credential_report_at"]
    return dict(value)


def _meaning(part: dict[str, Any]) -> dict[str, Any]:
    """Return the same with documents as values: the AWS command makes objects of them."""
    return json.loads(json.dumps(part, default=str), object_hook=_decoded)  # type: ignore[no-any-return]


def _decoded(value: dict[str, Any]) -> dict[str, Any]:
    return {name: json.loads(one) if name in {"document", "trust"} else one for name, one in value.items()}


def _of_two(_operation: str, params: dict[str, Any]) -> dict[str, Any]:
    return {**params, "MaxItems": 2} if "MaxItems" in params else params
