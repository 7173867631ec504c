"""What the gate lets through, with policies given by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from sandbox.authorise.small_account import ACCOUNT, NOW, SmallAccount, alice, operation
from watchword.sandbox.authorise.call import Call
from watchword.sandbox.authorise.gate import Gate
from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.log import DecisionLog
from watchword.sandbox.wire.error import AwsError
from watchword.sandbox.wire.request import WireRequest


@dataclass(frozen=True)
class Document:
    name: str
    text: str


@dataclass(frozen=True)
class Held:
    identity: tuple[Document, ...] = ()
    boundary: Document | None = None


@dataclass
class Store(SmallAccount):
    """An account in which alice has one policy."""

    held: Held = field(default_factory=Held)

    def of_account(self, account: str, /) -> Store:
        return self

    def service_control(self, account: str) -> tuple[()]:
        return ()

    def resource_control(self, account: str) -> tuple[()]:
        return ()

    def user_policies(self, name: str) -> Held:
        return self.held

    def role_policies(self, name: str) -> Held:
        return Held()

    def managed_policy(self, arn: str) -> Document | None:
        return None

    def user_tags(self, name: str) -> Mapping[str, str]:
        return {}

    def role_tags(self, name: str) -> Mapping[str, str]:
        return {}

    def resource_policy(self, arn: str, *, action: str, caller_account: str) -> Document | None:
        return Document("default", _DEFAULT_KEY_POLICY) if ":key/" in arn else None


_DEFAULT_KEY_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
)


def gate(log: DecisionLog, *actions: str) -> Gate:
    statement = {"Effect": "Allow", "Action": list(actions) or "none:None", "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    store = Store(held=Held(identity=(Document("own", text),)))
    clock = SandboxClock(lambda: NOW)
    return Gate(partition="aws", store=store, clock=clock, log=log)


def decrypt() -> Call:
    return Call(
        operation=operation("kms", "Decrypt", {"KeyId": "1"}),
        request=WireRequest(method="POST", raw_path="/"),
        caller=alice(),
        request_id="1",
    )


def test_a_kms_key_has_the_policy_that_leaves_it_to_the_identity_policies() -> None:
    log = DecisionLog()
    gate(log, "kms:Decrypt").policies(decrypt())
    (record,) = log
    assert (record.outcome, record.layer) == ("allowed", "key")


def test_a_key_that_no_identity_policy_allows_is_refused_in_aws_words() -> None:
    with pytest.raises(AwsError, match="because no identity-based policy allows the kms:Decrypt action"):
        gate(DecisionLog(), "kms:Encrypt").policies(decrypt())
