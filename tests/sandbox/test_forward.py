"""Calls of services on somebody's behalf: the same questions as their own calls, in another MFA state."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from local_aws import Key, LocalAws
from watchword.report.sandbox import decision_as_text
from watchword.report.style import Style
from watchword.sandbox.identity.caller import Caller, identify_caller
from watchword.sandbox.wire.error import AwsError
from watchword.sandbox.wire.protocol import Dialect

CLOUDFORMATION = "cloudformation.amazonaws.com"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allowed_if(operator: str, key: str, value: object) -> str:
    return policy({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {key: value}}})


def caller_of(sandbox: LocalAws, key: Key) -> Caller:
    inner = sandbox.inner
    return identify_caller(
        key.access_key_id,
        key.session_token,
        directory=inner.directory,
        sessions=inner._sessions,
        dialect=Dialect.QUERY,
    ).caller


def forward(
    sandbox: LocalAws,
    key: Key,
    service: str,
    operation: str,
    params: Mapping[str, Any] | None = None,
    *,
    via: str | None = CLOUDFORMATION,
    runs: bool = True,
) -> dict[str, Any]:
    return sandbox.inner.forward.call(
        caller_of(sandbox, key),
        via=via,
        service=service,
        operation=operation,
        params=params or {},
        region="us-east-1",
        request_id=str(uuid.uuid4()),
        runs=runs,
    )


def refused(sandbox: LocalAws, key: Key, service: str, operation: str, **params: object) -> str:
    with pytest.raises(AwsError) as caught:
        forward(sandbox, key, service, operation, params)
    return f"{caught.value.code}: {caught.value.message}"


def test_a_key_that_has_no_mfa_state_gets_false_on_the_way(sandbox: LocalAws) -> None:
    for name, operator, direct, forwarded in (
        ("a", "Bool", False, True),
        ("b", "BoolIfExists", True, True),
    ):
        key = sandbox.user(name, allowed_if(operator, "aws:MultiFactorAuthPresent", "false"))
        for via, allowed in ((None, direct), (CLOUDFORMATION, forwarded)):
            if allowed:
                assert forward(sandbox, key, "sqs", "ListQueues", via=via) == {}
            else:
                with pytest.raises(AwsError, match="AccessDenied"):
                    forward(sandbox, key, "sqs", "ListQueues", via=via)


def test_a_session_keeps_its_mfa_state_and_its_age(sandbox: LocalAws) -> None:
    fresh = {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": "900"},
    }
    text = policy({"Effect": "Allow", "Action": "sns:*", "Resource": "*", "Condition": fresh})
    key = sandbox.user("c", text)
    session = sandbox.session(key, sandbox.device("c"))
    assert forward(sandbox, session, "sns", "ListTopics") == {"Topics": []}
    without = sandbox.session(key)
    assert "is not authorized to perform: SNS:ListTopics" in refused(sandbox, without, "sns", "ListTopics")
    sandbox.move_clock(1000)
    assert "is not authorized to perform: SNS:ListTopics" in refused(sandbox, session, "sns", "ListTopics")


@pytest.mark.parametrize(
    ("operator", "key", "value", "allowed"),
    [
        ("Bool", "aws:ViaAWSService", "true", True),
        ("Bool", "aws:ViaAWSService", "false", False),
        ("ForAnyValue:StringEquals", "aws:CalledVia", [CLOUDFORMATION], True),
        ("ForAnyValue:StringEquals", "aws:CalledVia", ["athena.amazonaws.com"], False),
        ("StringEquals", "aws:CalledViaFirst", CLOUDFORMATION, True),
        ("StringEquals", "aws:CalledViaLast", CLOUDFORMATION, True),
        ("IpAddress", "aws:SourceIp", "127.0.0.0/8", True),
        ("StringLike", "aws:UserAgent", "*", None),
        ("DateGreaterThan", "aws:TokenIssueTime", "2001-01-01T00:00:00Z", None),
    ],
)
def test_what_a_policy_sees_of_the_service_that_calls(
    sandbox: LocalAws, operator: str, key: str, value: object, allowed: bool | None
) -> None:
    holder = sandbox.user("d", allowed_if(operator, key, value))
    try:
        if allowed:
            forward(sandbox, holder, "sqs", "ListQueues")
            return
        text = refused(sandbox, holder, "sqs", "ListQueues")
        assert ("SandboxUnsupported" in text, key.lower() in text.lower()) == (
            allowed is None,
            allowed is None,
        )
    finally:
        iam = sandbox.client("iam")
        iam.delete_user_policy(UserName="d", PolicyName="inline")
        iam.delete_access_key(UserName="d", AccessKeyId=holder.access_key_id)
        iam.delete_user(UserName="d")


def test_services_that_only_one_page_of_aws_names_leave_the_key_unknown(sandbox: LocalAws) -> None:
    key = sandbox.user("e", allowed_if("ForAnyValue:StringEquals", "aws:CalledVia", "s3.amazonaws.com"))
    with pytest.raises(AwsError, match=r"(?i)aws:CalledVia"):
        forward(sandbox, key, "sqs", "ListQueues", via="s3.amazonaws.com")


def test_the_log_says_via_whom(sandbox: LocalAws) -> None:
    key = sandbox.user("f", allowed_if("Bool", "aws:ViaAWSService", "true"))
    forward(sandbox, key, "sqs", "ListQueues")
    forward(sandbox, key, "sqs", "ListQueues", runs=False)
    last = sandbox.log[-2:]
    assert [(each.via, each.outcome, each.mfa, each.credential) for each in last] == [
        (CLOUDFORMATION, "allowed", "false", "forwarded")
    ] * 2
    sandbox.client("sqs").list_queues()
    assert sandbox.log[-1].via is None


def test_a_session_without_a_code_calls_no_iam_through_anybody(sandbox: LocalAws) -> None:
    key = sandbox.user("g", policy({"Effect": "Allow", "Action": "*", "Resource": "*"}))
    text = refused(sandbox, sandbox.session(key), "iam", "ListUsers")
    assert text == "InvalidClientTokenId: The security token included in the request is invalid"
    assert forward(sandbox, key, "iam", "ListUsers")["Users"]


def test_calls_of_every_protocol_run_and_come_back(sandbox: LocalAws) -> None:
    root = sandbox.root
    forward(sandbox, root, "s3", "CreateBucket", {"Bucket": "forwarded"})
    forward(sandbox, root, "s3", "PutObject", {"Bucket": "forwarded", "Key": "a b/c", "Body": b"x"})
    assert sandbox.client("s3").get_object(Bucket="forwarded", Key="a b/c")["Body"].read() == b"x"
    assert forward(sandbox, root, "s3", "ListObjectsV2", {"Bucket": "forwarded"})["KeyCount"] == 1
    vpc = forward(sandbox, root, "ec2", "CreateVpc", {"CidrBlock": "10.0.0.0/16"})["Vpc"]["VpcId"]
    assert vpc.startswith("vpc-")
    url = forward(sandbox, root, "sqs", "CreateQueue", {"QueueName": "q"})["QueueUrl"]
    assert url in sandbox.client("sqs").list_queues()["QueueUrls"]
    assert forward(sandbox, root, "lambda", "ListFunctions", {})["Functions"] == []
    with pytest.raises(AwsError, match="NoSuchBucket"):
        forward(sandbox, root, "s3", "ListObjectsV2", {"Bucket": "nothing-there"})
    with pytest.raises(AwsError, match="Missing required parameter"):
        forward(sandbox, root, "ec2", "DeleteVpc", {})


def test_the_printed_log_names_the_service(sandbox: LocalAws) -> None:
    key = sandbox.user("h", allowed_if("Bool", "aws:ViaAWSService", "true"))
    forward(sandbox, key, "sqs", "ListQueues")
    told = decision_as_text(sandbox.log[-1].as_json(), Style(color=False))
    assert f"(forwarded via {CLOUDFORMATION}, MFA false)" in told
