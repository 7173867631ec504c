"""Messages of a topic reach the queues whose policies let SNS send to them, and nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_aws import LocalAws
from refusal import refusal


def queue_policy(queue: str, **condition: object) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        **({"Condition": condition} if condition else {}),
    }
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


class Fanout:
    """A topic, and a queue that is subscribed to it."""

    def __init__(self, sandbox: LocalAws) -> None:
        self._sandbox = sandbox
        self.sns, self.sqs = sandbox.client("sns"), sandbox.client("sqs")
        self.topic = self.sns.create_topic(Name="news")["TopicArn"]
        self.url = self.sqs.create_queue(QueueName="inbox")["QueueUrl"]
        self.queue = f"arn:aws:sqs:us-east-1:{sandbox.account}:inbox"
        self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=self.queue)

    def let_in(self, policy: str) -> None:
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": policy})

    def received(self) -> list[str]:
        found = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(each["Body"])["Message"] for each in found]


@pytest.fixture
def fanout(sandbox: LocalAws) -> Fanout:
    return Fanout(sandbox)


def test_a_queue_without_a_policy_gets_nothing(sandbox: LocalAws, fanout: Fanout) -> None:
    fanout.sns.publish(TopicArn=fanout.topic, Message="hello")
    assert fanout.received() == []
    last = sandbox.log[-2]
    assert (last.principal, last.action, last.resource) == (
        "sns.amazonaws.com",
        "sqs:SendMessage",
        fanout.queue,
    )
    assert last.outcome == "implicitDeny"


def test_a_queue_that_lets_the_topic_in_gets_its_messages(fanout: Fanout) -> None:
    fanout.let_in(queue_policy(fanout.queue, ArnEquals={"aws:SourceArn": fanout.topic}))
    fanout.sns.publish(TopicArn=fanout.topic, Message="one")
    fanout.sns.publish_batch(
        TopicArn=fanout.topic, PublishBatchRequestEntries=[{"Id": "2", "Message": "two"}]
    )
    assert sorted(fanout.received()) == ["one", "two"]


@pytest.mark.parametrize(
    "condition",
    [
        {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:other"}},
        {"StringEquals": {"aws:SourceAccount": "999999999999"}},
    ],
)
def test_a_queue_that_lets_others_in_gets_nothing(fanout: Fanout, condition: dict[str, Any]) -> None:
    fanout.let_in(queue_policy(fanout.queue, **condition))
    fanout.sns.publish(TopicArn=fanout.topic, Message="hello")
    assert fanout.received() == []


def test_who_may_publish_does_not_thereby_send_to_the_queue(sandbox: LocalAws, fanout: Fanout) -> None:
    statement = {"Effect": "Allow", "Action": ["sns:Publish", "sqs:*"], "Resource": "*"}
    key = sandbox.user("writer", json.dumps({"Version": "2012-10-17", "Statement": statement}))
    sandbox.client("sns", key).publish(TopicArn=fanout.topic, Message="hello")
    assert fanout.received() == []


def test_what_the_policy_hangs_on_must_be_known(fanout: Fanout) -> None:
    fanout.let_in(queue_policy(fanout.queue, IpAddress={"aws:SourceIp": "10.0.0.0/8"}))
    code, _, text = refusal(fanout.sns.publish, TopicArn=fanout.topic, Message="hello")
    assert (code, "aws:SourceIp" in text) == ("SandboxUnsupported", True)


@pytest.mark.parametrize(
    ("protocol", "endpoint"),
    [
        ("https", "https://example.com/"),
        ("lambda", "arn:aws:lambda:us-east-1:123456789012:function:f"),
        ("sqs", "arn:aws:sqs:us-east-1:999999999999:inbox"),
        ("sqs", "inbox"),
    ],
)
def test_other_deliveries_are_refused_by_name(fanout: Fanout, protocol: str, endpoint: str) -> None:
    asked = {"TopicArn": fanout.topic, "Protocol": protocol, "Endpoint": endpoint}
    assert refusal(fanout.sns.subscribe, **asked)[0] == "SandboxUnsupported"


def test_who_may_subscribe_what_is_decided(sandbox: LocalAws, fanout: Fanout) -> None:
    statement = {
        "Effect": "Allow",
        "Action": "sns:Subscribe",
        "Resource": fanout.topic,
        "Condition": {
            "StringEquals": {"sns:Protocol": "email"},
            "StringLike": {"sns:Endpoint": "*@example.com"},
        },
    }
    key = sandbox.user("reader", json.dumps({"Version": "2012-10-17", "Statement": statement}))
    sns = sandbox.client("sns", key)
    sns.subscribe(TopicArn=fanout.topic, Protocol="email", Endpoint="a@example.com")
    for protocol, endpoint in (("email", "a@example.org"), ("sqs", fanout.queue)):
        asked = {"TopicArn": fanout.topic, "Protocol": protocol, "Endpoint": endpoint}
        assert refusal(sns.subscribe, **asked)[0] == "AuthorizationError"
