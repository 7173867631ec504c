"""GetFederationToken over HTTP, with policies that are really decided."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws import Key, LocalAws

USER = "broker"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str, resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


_WITH_MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
_OWN = policy(
    allow("sts:GetFederationToken", "arn:aws:sts::*:federated-user/an*"),
    allow("ec2:DescribeRegions"),
    {**allow("s3:ListAllMyBuckets"), **_WITH_MFA},
    allow("iam:*"),
)


@pytest.fixture
def key(sandbox: LocalAws) -> Key:
    return sandbox.user(USER, _OWN)


def federated(sandbox: LocalAws, key: Key, *statements: dict[str, Any], **more: Any) -> Key:  # noqa: ANN401
    params = {"Name": "anna", **more} | ({"Policy": policy(*statements)} if statements else {})
    return Key.of(sandbox.client("sts", key).get_federation_token(**params)["Credentials"])


def test_its_session_is_somebody_by_another_name(sandbox: LocalAws, key: Key) -> None:
    answer = sandbox.client("sts", key).get_federation_token(Name="anna", Policy=policy(allow("*")))
    arn = f"arn:aws:sts::{sandbox.account}:federated-user/anna"
    assert answer["FederatedUser"] == {"FederatedUserId": f"{sandbox.account}:anna", "Arn": arn}
    assert answer["PackedPolicySize"] > 0
    identity = sandbox.client("sts", Key.of(answer["Credentials"])).get_caller_identity()
    assert (identity["Arn"], identity["UserId"]) == (arn, f"{sandbox.account}:anna")


def test_it_may_do_what_both_the_user_and_the_session_policy_allow(sandbox: LocalAws, key: Key) -> None:
    both = federated(sandbox, key, allow("ec2:DescribeRegions"), allow("sqs:ListQueues"))
    assert sandbox.client("ec2", both).describe_regions()["Regions"]
    with pytest.raises(ClientError, match="AccessDenied"):
        sandbox.client("sqs", both).list_queues()
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        sandbox.client("ec2", federated(sandbox, key, allow("s3:*"))).describe_regions()


def test_without_a_session_policy_it_may_do_nothing(sandbox: LocalAws, key: Key) -> None:
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        sandbox.client("ec2", federated(sandbox, key)).describe_regions()


def test_it_never_has_mfa(sandbox: LocalAws, key: Key) -> None:
    sandbox.device(USER)
    session = federated(sandbox, key, allow("*"))
    with pytest.raises(ClientError, match="AccessDenied"):
        sandbox.client("s3", session).list_buckets()
    assert sandbox.log[-1].mfa == "false"
    assert sandbox.log[-1].credential == "federated"


def test_it_may_not_call_iam_nor_get_further_sessions(sandbox: LocalAws, key: Key) -> None:
    session = federated(sandbox, key, allow("*"))
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        sandbox.client("iam", session).list_users()
    sts = sandbox.client("sts", session)
    for call in (
        lambda: sts.get_federation_token(Name="anna"),
        sts.get_session_token,
        lambda: sts.assume_role(RoleArn=f"arn:aws:iam::{sandbox.account}:role/x", RoleSessionName="me"),
    ):
        with pytest.raises(ClientError, match="with session credentials"):
            call()


def test_the_user_s_policies_say_for_whom_it_may_be_called(sandbox: LocalAws, key: Key) -> None:
    with pytest.raises(ClientError, match="not authorized to perform: sts:GetFederationToken"):
        federated(sandbox, key, allow("*"), Name="bert")


def test_it_ends_in_time_and_with_the_user(sandbox: LocalAws, key: Key) -> None:
    first, second = (federated(sandbox, key, allow("*"), DurationSeconds=seconds) for seconds in (900, 3600))
    sandbox.move_clock(901)
    with pytest.raises(ClientError, match="ExpiredToken"):
        sandbox.client("sts", first).get_caller_identity()
    iam = sandbox.client("iam")
    iam.delete_access_key(UserName=USER, AccessKeyId=key.access_key_id)
    assert sandbox.client("sts", second).get_caller_identity()["UserId"] == f"{sandbox.account}:anna"
    iam.delete_user_policy(UserName=USER, PolicyName="inline")
    iam.delete_user(UserName=USER)
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        sandbox.client("sts", second).get_caller_identity()


def test_what_cannot_be_done_exactly_is_refused_by_name(sandbox: LocalAws, key: Key) -> None:
    with pytest.raises(ClientError, match="watchword sandbox: GetFederationToken by root"):
        federated(sandbox, sandbox.root, allow("*"))
    with pytest.raises(ClientError, match="watchword sandbox: GetFederationToken with Tags"):
        federated(sandbox, key, allow("*"), Tags=[{"Key": "team", "Value": "a"}])
    with pytest.raises(ClientError, match="MalformedPolicyDocument"):
        federated(sandbox, key, Policy="{}")


def test_a_name_that_is_none_is_refused(sandbox: LocalAws, key: Key) -> None:
    with pytest.raises(ClientError, match="ValidationError"):
        sandbox.client("sts", key).get_federation_token(Name="an;")
