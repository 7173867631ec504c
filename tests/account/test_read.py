"""A snapshot, or what AWS answers, read from a file: all that is wrong is said at once, with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from watchword.account.errors import UnreadableSnapshot
from watchword.account.read import read_snapshot, write_snapshot
from watchword.account.snapshot import Snapshot

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = "111122223333"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
TEXT = '{"Version":"2012-10-17",\n  "Statement":{"Effect":"Allow","Action":"s3:Get%20*","Resource":"*"}}'


def _user(name: str = "bob", **more: Any) -> dict[str, Any]:  # noqa: ANN401 any JSON
    return {
        "Path": "/",
        "UserName": name,
        "UserId": "AIDAEXAMPLE",
        "Arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "CreateDate": "2026-01-02T03:04:05+00:00",
        **more,
    }


def _details(**more: Any) -> dict[str, Any]:  # noqa: ANN401 any JSON
    lists: dict[str, Any] = {
        name: [] for name in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    }
    return {**lists, "UserDetailList": [_user()], **more}


def _read(value: object) -> Snapshot:
    return read_snapshot(json.dumps(value).encode(), name="a.json")


def _problems(data: bytes | object) -> tuple[str, ...]:
    with pytest.raises(UnreadableSnapshot) as caught:
        read_snapshot(data if isinstance(data, bytes) else json.dumps(data).encode(), name="a.json")
    return caught.value.problems


# --- what AWS answers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (POLICY, json.dumps(POLICY, indent=2)),
        (TEXT, TEXT),
        (quote(TEXT, safe=""), TEXT),
        ("no policy at all", "no policy at all"),
    ],
)
def test_documents_are_objects_text_or_encoded_text(document: object, text: str) -> None:
    inline = [{"PolicyName": "p", "PolicyDocument": document}]
    taken = _read(_details(UserDetailList=[_user(UserPolicyList=inline)]))
    assert taken.users[0].inline[0].document == text


def test_what_the_details_do_not_tell_is_not_read() -> None:
    taken = _read(_details())
    assert (taken.account_id, taken.source, taken.taken_at) == (
        ACCOUNT,
        "GetAccountAuthorizationDetails",
        None,
    )
    assert taken.access_keys is None
    assert not taken.is_read("mfa_devices", "bob")
    assert taken.is_read("users")
    assert {one.code for one in taken.unread} == {"NotInTheFile"}


def test_a_page_that_is_not_the_last_says_what_may_be_missing() -> None:
    taken = _read(_details(IsTruncated=True, Marker="x"))
    assert not taken.is_read("users")
    assert {one.what for one in taken.unread if one.code == "Truncated"} == {
        "users",
        "groups",
        "roles",
        "policies",
    }


def test_a_list_that_was_filtered_away_is_not_read_and_one_that_is_empty_is() -> None:
    value = _details()
    del value["Policies"]
    taken = _read(value)
    assert not taken.is_read("policies")
    assert taken.is_read("groups")


def test_pages_are_put_together() -> None:
    pages = [
        _details(IsTruncated=True, Marker="x"),
        _details(UserDetailList=[_user("alice")], IsTruncated=False),
    ]
    taken = _read(pages)
    assert [user.name for user in taken.users] == ["alice", "bob"]
    assert taken.is_read("users")


def test_a_file_of_a_windows_editor_is_read() -> None:
    data = b"\xef\xbb\xbf" + json.dumps(_details()).encode()
    assert read_snapshot(data, name="a.json").account_id == ACCOUNT


def test_the_partition_and_the_account_are_those_of_the_arns() -> None:
    user = {**_user(), "Arn": f"arn:aws-us-gov:iam::{ACCOUNT}:user/bob"}
    assert _read(_details(UserDetailList=[user])).partition == "aws-us-gov"


# --- what is wrong ---------------------------------------------------------------------------------------


def test_all_that_is_wrong_is_said_at_once_with_its_place() -> None:
    value = json.loads(write_snapshot(_read(_details())))
    del value["roles"]
    value["users"][0]["arn"] = 7
    value["users"].append("bob")
    value["taken_at"] = "yesterday"
    value["account_id"] = "12"
    value["access_keys"] = [{"user": "bob", "id": "AKIA", "status": "Broken"}]
    assert _problems(value) == (
        "$.account_id: expected `str` matching regex '^[0-9]{12}$'",
        "$.taken_at: invalid RFC3339 encoded datetime",
        "$.users[0].arn: expected `str`, got `int`",
        "$.users[1]: expected `object`, got `str`",
        "$: `roles` is missing",
        "$.access_keys[0].status: invalid enum value 'Broken'",
    )


def test_wrong_values_of_aws_details_have_their_place_too() -> None:
    value = _details(UserDetailList=[{**_user(), "GroupList": "staff"}], Policies=[{"Arn": 3}])
    problems = _problems(value)
    assert "$.UserDetailList[0].GroupList: expected `array`, got `str`" in problems
    assert "$.Policies[0].Arn: expected `str`, got `int`" in problems
    assert "$.Policies[0]: `PolicyName` is missing" in problems


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "line 1, column 1: not JSON"),
        (b'{"schema":\n  nope}', "line 2, column 3: not JSON"),
        (b"\xff\xfe", "byte 1 is not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b"7", "neither"),
        (b"[]", "neither"),
        (b'{"Users": []}', "neither"),
        (
            b'{"schema": "watchword/snapshot/v9"}',
            "expected `watchword/snapshot/v1`, found `watchword/snapshot/v9`",
        ),
        (b'{"schema": null}', "found `None`"),
        (b'{"UserDetailList": []}', "nobody knows whose it is"),
    ],
)
def test_what_is_no_snapshot_is_said_in_one_sentence(data: bytes, said: str) -> None:
    problems = _problems(data)
    assert len(problems) == 1
    assert said in problems[0]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (b'{"x":' + b'{"a":' * 5000 + b"1" + b"}" * 5001, "nested too deeply"),
        (b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}", "nested too deeply"),
        (b'{"x":' + b"9" * 6000 + b"}", "a number in it is too long"),
        (b'{"alias":"\\ud800"}', "half a sign"),
    ],
    ids=["objects", "lists", "digits", "surrogate"],
)
def test_json_that_python_or_utf_8_does_not_take_is_refused_in_words(more: bytes, said: str) -> None:
    whole = json.dumps(_details()).encode()
    (problem,) = _problems(whole[:-1] + b"," + more[1:])
    assert said in problem


@pytest.mark.parametrize("resource", ["", ":role/bob", ":user/bobby", ":user/"])
def test_an_arn_that_names_something_else_is_refused(resource: str) -> None:
    (problem,) = _problems(_details(UserDetailList=[_user(Arn=f"arn:aws:iam::{ACCOUNT}{resource}")]))
    assert problem.endswith("does not name the user `bob`")


def test_two_accounts_in_one_file_are_refused() -> None:
    other = {**_user("eve"), "Arn": "arn:aws:iam::999999999999:user/eve"}
    problems = _problems(_details(UserDetailList=[_user(), other]))
    assert problems == (
        "$.users[1].arn: `arn:aws:iam::999999999999:user/eve` is not of account 111122223333",
    )


def test_one_user_twice_is_refused() -> None:
    problems = _problems([_details(), _details()])
    assert problems == ("$.users[1].arn: `arn:aws:iam::111122223333:user/bob` stands at [0] already",)


def test_an_error_is_readable_lines() -> None:
    with pytest.raises(UnreadableSnapshot) as caught:
        _read(_details(UserDetailList=[{"UserName": f"\x1b[2J{n}", "Arn": n} for n in range(30)]))
    lines = caught.value.diagnostics().splitlines()
    assert lines[0] == "error: `a.json` is not a snapshot"
    assert lines[-2:] == ["  and 70 more", "see: docs/prove/snapshot.md"]
    assert "\x1b" not in caught.value.diagnostics()


# --- what is written -------------------------------------------------------------------------------------


def test_what_is_written_is_read_as_the_same() -> None:
    taken = _read(_details(UserDetailList=[_user(Tags=[{"Key": "é", "Value": "\u2028"}])]))
    data = write_snapshot(taken)
    assert read_snapshot(data, name="a.json") == taken
    assert data.endswith(b"}\n")


def test_what_a_later_version_adds_is_passed_over() -> None:
    value = json.loads(write_snapshot(_read(_details())))
    value["new_field"] = {"x": 1}
    assert _read(value).users[0].name == "bob"


def test_the_published_schema_is_that_of_the_types() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:watchword:snapshot:v1",
        **msgspec.json.schema(Snapshot),
    }
    text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    assert (ROOT / "docs/prove/snapshot.v1.schema.json").read_text(encoding="utf-8") == text
