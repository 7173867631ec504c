"""Which condition keys a request carries: with a value, absent, or unknown."""

from __future__ import annotations

from typing import Any

from sandbox.authorise.small_account import ACCOUNT, NOW, SmallAccount, alice, operation, questions
from watchword.iam import UNKNOWN, ContextValue
from watchword.sandbox.authorise.context import Setting, context_of
from watchword.sandbox.wire.request import WireRequest


def context(
    service: str,
    name: str,
    params: dict[str, Any] | None = None,
    *,
    keys: tuple[str, ...] = (),
    lookup: SmallAccount | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> dict[str, ContextValue]:
    account = lookup or SmallAccount()
    setting = Setting(
        caller=alice(),
        operation=operation(service, name, params),
        request=WireRequest(method="POST", raw_path="/", headers=headers),
        now=NOW,
        account=ACCOUNT,
        principal_tags={"team": "red"},
        lookup=account,
    )
    return context_of(setting, questions(service, name, params, account)[0], keys)


def test_what_every_request_of_a_user_carries() -> None:
    found = context("ec2", "DescribeRegions", headers=(("User-Agent", "test"),))
    assert found == {
        "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/team/alice",
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalType": "User",
        "aws:PrincipalIsAWSService": "false",
        "aws:PrincipalTag/team": "red",
        "aws:userid": "AIDAALICE",
        "aws:username": "alice",
        "aws:CurrentTime": "2026-05-06T07:08:09Z",
        "aws:EpochTime": "1778051289",
        "aws:RequestedRegion": "eu-west-1",
        "aws:SecureTransport": "true",
        "aws:SourceIp": "127.0.0.1",
        "aws:UserAgent": "test",
        "aws:ViaAWSService": "false",
        "ec2:Region": "eu-west-1",
    }


def test_a_key_that_nobody_can_know_is_unknown() -> None:
    keys = ("aws:somethingnew", "ec2:resourcetag/team", "ec2:tenancy", "aws:resourcetag/team")
    found = context("ec2", "StopInstances", {"InstanceIds": ["i-1"]}, keys=keys)
    assert {key: found.get(key) for key in keys} == dict.fromkeys(keys, UNKNOWN)


def test_a_key_of_another_service_or_situation_is_absent() -> None:
    keys = (
        "s3:prefix",
        "aws:sourcevpce",
        "aws:principalorgid",
        "aws:multifactorauthpresent",
        "aws:calledvia",
    )
    found = context("ec2", "DescribeRegions", keys=keys)
    assert not {key.lower() for key in found} & set(keys)


def test_what_a_parameter_carries_is_known_and_absent_without_it() -> None:
    keys = ("s3:prefix", "s3:delimiter")
    found = context("s3", "ListObjectsV2", {"Bucket": "b", "Prefix": "home/"}, keys=keys)
    assert found["s3:prefix"] == "home/"
    assert "s3:delimiter" not in found


def test_tags_of_the_request_and_of_the_resource() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:user/bob"
    lookup = SmallAccount(tags_by_arn={arn: {"owner": "alice"}})
    params = {"UserName": "bob", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}
    keys = ("aws:resourcetag/owner", "aws:resourcetag/other", "aws:requesttag/c")
    found = context("iam", "TagUser", params, keys=keys, lookup=lookup)
    assert found["aws:RequestTag/a"] == "1"
    assert found["aws:TagKeys"] == ("a", "b")
    assert found["aws:ResourceTag/owner"] == found["iam:ResourceTag/owner"] == "alice"
    assert "aws:resourcetag/other" not in found
    assert "aws:requesttag/c" not in found


def test_the_tags_of_what_cannot_be_looked_up_are_unknown() -> None:
    found = context("iam", "DeleteUser", {"UserName": "bob"}, keys=("aws:resourcetag/owner",))
    assert found["aws:resourcetag/owner"] is UNKNOWN


def test_the_boundary_is_that_of_the_request_or_of_the_user() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:user/bob"
    lookup = SmallAccount(boundaries={arn: "arn:aws:iam::1:policy/b"})
    found = context("iam", "PutUserPolicy", {"UserName": "bob"}, lookup=lookup)
    assert found["iam:PermissionsBoundary"] == "arn:aws:iam::1:policy/b"
    asked = {"UserName": "new", "PermissionsBoundary": "arn:aws:iam::1:policy/c"}
    assert context("iam", "CreateUser", asked)["iam:PermissionsBoundary"] == "arn:aws:iam::1:policy/c"
    assert "iam:PermissionsBoundary" not in context("iam", "CreateUser", {"UserName": "new"})
