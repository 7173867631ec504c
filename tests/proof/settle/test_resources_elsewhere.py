"""Resources that another snapshot holds: both the caller's side and the owner's have to allow."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from proof.claims.written_accounts import ARN, allow, document, snapshot, universe, user
from watchword.account.accounts import Accounts
from watchword.account.snapshot import ControlPolicy, Level, Organization, ResourcePolicy, Snapshot
from watchword.iam import CredentialKind, Outcome, evaluate
from watchword.proof.reach import Found, Reacher

BOB = f"{ARN}user/bob"
CAROL = f"{ARN}user/carol"
OTHER = "444455556666"
BUCKET = "arn:aws:s3:::c"
QUEUE = f"arn:aws:sqs:us-east-1:{OTHER}:work"
KEY = f"arn:aws:kms:us-east-1:{OTHER}:key/1"
Statement = dict[str, Any]


def bob(*statements: Statement) -> Snapshot:
    return snapshot([user("bob", *statements)])


def holding(arn: str, *statements: Statement, rcp: Statement | None = None) -> Snapshot:
    """Give the second account, which has one resource."""
    policy = ResourcePolicy(
        arn=arn, account_id=OTHER, service=arn.split(":")[2], document=json.dumps(document(*statements))
    )
    made = msgspec.structs.replace(
        snapshot([]), account_id=OTHER, alias=None, roles=(), policies=(), resource_policies=(policy,)
    )
    return made if rcp is None else msgspec.structs.replace(made, organization=_under(rcp))


def _under(rcp: Statement) -> Organization:
    everything = ControlPolicy(id="p-1", arn="arn:p-1", name="All", document=json.dumps(document(allow("*"))))
    control = ControlPolicy(id="p-2", arn="arn:p-2", name="Guard", document=json.dumps(document(rcp)))
    root = Level(id="r-1", kind="root", scps=(everything,), rcps=(control,))
    return Organization(id="o-1", management_account="999999999999", path=(root,))


def letting(who: str, action: str, resource: str) -> Statement:
    return {"Effect": "Allow", "Principal": {"AWS": who}, "Action": action, "Resource": resource}


def reached(own: Snapshot, other: Snapshot, action: str) -> str:
    """Say whether bob's key reaches an action; a request that shows it is one that is allowed."""
    made = Reacher(Accounts.of([own, other]), universe())
    state = next(each for each in made.states(BOB) if each.credential is CredentialKind.ACCESS_KEY)
    subject = made.subject(BOB, state)
    found = made.reached(subject)
    bit = 1 << universe().bit(action)
    if found.actions & bit:
        shown = found.witness(action)
        assert isinstance(made.answer(subject, action), Found)
        assert evaluate(shown.request, shown.policies).outcome is Outcome.ALLOWED
        return "yes"
    return "perhaps" if any(mask & bit for mask, _ in found.undetermined) else "no"


def on_objects(who: str) -> Statement:
    return letting(who, "s3:GetObject", f"{BUCKET}/*")


def test_a_bucket_of_another_account_takes_that_account_to_let_in() -> None:
    own = bob(allow("s3:GetObject", f"{BUCKET}/*"))
    assert reached(own, holding(BUCKET, on_objects(f"arn:aws:iam::{OTHER}:root")), "s3:GetObject") == "no"


@pytest.mark.parametrize("who", [BOB, f"{ARN}root", "111122223333"])
def test_a_bucket_that_lets_in_the_user_or_its_account_is_reached(who: str) -> None:
    own = bob(allow("s3:GetObject", f"{BUCKET}/*"))
    assert reached(own, holding(BUCKET, on_objects(who)), "s3:GetObject") == "yes"


def test_what_another_accounts_bucket_allows_the_own_policies_have_to_allow_too() -> None:
    own = bob(allow("s3:GetObject", "arn:aws:s3:::d/*"))
    theirs = holding(BUCKET, letting(BOB, "s3:PutObject", f"{BUCKET}/*"))
    assert reached(own, theirs, "s3:PutObject") == "no"
    assert reached(own, theirs, "s3:GetObject") == "yes"  # d is nobody else's as far as is seen


@pytest.mark.parametrize(
    ("arn", "action"), [(QUEUE, "sqs:SendMessage"), (KEY, "kms:Decrypt")], ids=["queue", "key"]
)
def test_queues_and_keys_of_another_account_take_both_sides(arn: str, action: str) -> None:
    lets, lets_another = letting(BOB, action, "*"), letting(CAROL, action, "*")
    assert reached(bob(allow(action, arn)), holding(arn, lets), action) == "yes"
    assert reached(bob(allow(action, arn)), holding(arn, lets_another), action) == "no"
    assert reached(bob(allow("s3:ListBucket")), holding(arn, lets), action) == "no"


@pytest.mark.parametrize(("account", "said"), [(OTHER, "yes"), ("111122223333", "no")])
def test_the_account_of_the_resource_is_its_owners(account: str, said: str) -> None:
    only = {"StringEquals": {"aws:ResourceAccount": account}}
    own = bob({**allow("sqs:SendMessage", QUEUE), "Condition": only})
    assert reached(own, holding(QUEUE, letting(BOB, "sqs:SendMessage", "*")), "sqs:SendMessage") == said


def test_resource_control_policies_of_the_owner_hold() -> None:
    own = bob(allow("s3:GetObject", f"{BUCKET}/*"))
    guard = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    assert reached(own, holding(BUCKET, on_objects(BOB), rcp=guard), "s3:GetObject") == "no"


def test_whoever_may_be_of_the_account_is_looked_for() -> None:
    own = bob(allow("sqs:SendMessage", QUEUE))
    everybody = letting("*", "sqs:SendMessage", "*")
    assert reached(own, holding(QUEUE, everybody), "sqs:SendMessage") == "yes"
    service = {**everybody, "Principal": {"Service": "sns.amazonaws.com"}}
    assert reached(own, holding(QUEUE, service), "sqs:SendMessage") == "no"
