"""What organizations and resources say, held against the resource that a call is made on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from proof.claims.written_accounts import ACCOUNT, ARN, allow, document, snapshot, universe, user
from watchword.account.accounts import Accounts
from watchword.account.snapshot import ControlPolicy, Level, Organization, ResourcePolicy, Snapshot
from watchword.iam import CredentialKind
from watchword.proof.reach import Reacher

BOB = f"{ARN}user/bob"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:work"
Statement = dict[str, Any]


def bob(*statements: Statement) -> Snapshot:
    return snapshot([user("bob", *statements)])


def under(account: Snapshot, *rcp: Statement) -> Snapshot:
    everything = ControlPolicy(id="p-1", arn="arn:p-1", name="All", document=_text([allow("*")]))
    control = ControlPolicy(id="p-2", arn="arn:p-2", name="Guard", document=_text(rcp))
    root = Level(id="r-1", kind="root", scps=(everything,), rcps=(control,))
    organization = Organization(id="o-1", management_account="999999999999", path=(root,))
    return msgspec.structs.replace(account, organization=organization)


def with_policy(account: Snapshot, arn: str, *statements: Statement) -> Snapshot:
    policy = ResourcePolicy(
        arn=arn, account_id=ACCOUNT, service=arn.split(":")[2], document=_text(statements)
    )
    return msgspec.structs.replace(account, resource_policies=(policy,))


def _text(statements: Sequence[Statement]) -> str:
    return json.dumps(document(*statements))


def reached(account: Snapshot, *actions: str) -> dict[str, str]:
    """Say of each action whether bob's key reaches it."""
    made = Reacher(Accounts.of([account]), universe())
    state = next(each for each in made.states(BOB) if each.credential is CredentialKind.ACCESS_KEY)
    found = made.reached(made.subject(BOB, state))
    return {action: _said(found.actions, found.undetermined, action) for action in actions}


def _said(actions: int, undetermined: Sequence[tuple[int, str]], action: str) -> str:
    bit = 1 << universe().bit(action)
    if actions & bit:
        return "yes"
    return "perhaps" if any(mask & bit for mask, _ in undetermined) else "no"


def test_a_resource_control_policy_says_nothing_of_calls_that_have_no_resource() -> None:
    account = under(
        bob(allow("*")),
        {"Effect": "Deny", "Principal": "*", "Action": ["kms:*", "sqs:*"], "Resource": "*"},
    )
    assert reached(account, "sqs:SendMessage", "sqs:ListQueues", "kms:ListKeys") == {
        "sqs:SendMessage": "no",
        "sqs:ListQueues": "yes",
        "kms:ListKeys": "yes",
    }


def test_a_resource_control_policy_says_nothing_of_services_that_it_does_not_cover() -> None:
    account = under(
        bob(allow("*")), {"Effect": "Deny", "Principal": "*", "Action": ["ec2:*", "s3:*"], "Resource": "*"}
    )
    assert reached(account, "s3:GetObject", "ec2:TerminateInstances") == {
        "s3:GetObject": "no",
        "ec2:TerminateInstances": "yes",
    }


def test_the_policy_of_a_resource_lets_nobody_do_what_has_no_resource() -> None:
    for arn, on_it, on_none in (
        (KEY, "kms:Decrypt", "kms:ListKeys"),
        (QUEUE, "sqs:SendMessage", "sqs:ListQueues"),
    ):
        service = arn.split(":")[2]
        names_bob = {"Effect": "Allow", "Principal": {"AWS": BOB}, "Action": f"{service}:*", "Resource": "*"}
        account = with_policy(bob(), arn, names_bob)
        assert reached(account, on_it, on_none) == {on_it: "yes", on_none: "no"}


def test_objects_are_not_reached_without_saying_which() -> None:
    everywhere = ["arn:aws:s3:::*", "arn:aws:s3:*:*:accesspoint/*"]
    account = bob(allow("s3:*"), {"Effect": "Deny", "Action": "s3:*", "Resource": everywhere})
    assert reached(account, "s3:GetObject", "s3:ListBucket") == {"s3:GetObject": "no", "s3:ListBucket": "no"}


def test_whether_a_call_that_may_name_a_resource_has_to_is_left_open() -> None:
    tables = "arn:aws:dynamodb:*:*:table/*"
    account = bob(allow("dynamodb:*"), {"Effect": "Deny", "Action": "dynamodb:*", "Resource": tables})
    assert reached(account, "dynamodb:ListExports") == {"dynamodb:ListExports": "perhaps"}
