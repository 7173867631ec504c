"""A claim about resources is held against these, and its witness is a request on one of them."""

from __future__ import annotations

import json

import msgspec
import pytest

from proof.claims.written_accounts import (
    ACCOUNT,
    ARN,
    Statement,
    allow,
    claims,
    counting,
    deny_without_mfa,
    document,
    proof_of,
    role,
    snapshot,
    user,
)
from watchword.account.snapshot import ResourcePolicy, Snapshot
from watchword.proof.result import Proof, Step

BOB = f"{ARN}user/bob"
PAYROLL = "arn:aws:s3:::payroll"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"
OBJECTS = [f"{PAYROLL}/*"]


def about(action: str, resource: str) -> str:
    return f"  - name: kept\n    actions: ['{action}']\n    resources: ['{resource}']\n"


def with_policy(account: Snapshot, arn: str, statement: Statement) -> Snapshot:
    policy = ResourcePolicy(
        arn=arn,
        account_id=ACCOUNT,
        service=arn.split(":")[2],
        document=json.dumps(document({"Effect": "Allow", **statement})),
    )
    return msgspec.structs.replace(account, resource_policies=(policy,))


def last_step(proof: Proof) -> Step:
    (finding,) = counting(proof)
    assert finding.witness is not None
    return proof.witnesses[finding.witness].steps[-1]


IN_THE_CLEAR = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": OBJECTS,
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
NAMES_BOB = {"Principal": {"AWS": BOB}, "Action": "s3:*", "Resource": OBJECTS}
LEAVES_IT_TO_THE_ACCOUNT = {"Principal": {"AWS": f"{ARN}root"}, "Action": "kms:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("account", "claimed", "on"),
    [
        pytest.param(
            with_policy(snapshot([user("bob", allow("s3:GetObject", OBJECTS))]), PAYROLL, IN_THE_CLEAR),
            about("s3:GetObject", OBJECTS[0]),
            f"{PAYROLL}/",
            id="a bucket with a policy of its own",
        ),
        pytest.param(
            with_policy(snapshot([user("bob")]), PAYROLL, NAMES_BOB),
            about("s3:GetObject", OBJECTS[0]),
            f"{PAYROLL}/",
            id="a bucket whose policy lets in by itself",
        ),
        pytest.param(
            with_policy(snapshot([user("bob", allow("kms:*"))]), KEY, LEAVES_IT_TO_THE_ACCOUNT),
            about("kms:Decrypt", KEY),
            KEY,
            id="a key",
        ),
        pytest.param(
            snapshot([user("bob")], roles=[role("deploy", {"Principal": {"AWS": BOB}})]),
            about("sts:AssumeRole", f"{ARN}role/*"),
            f"{ARN}role/deploy",
            id="a role",
        ),
    ],
)
def test_a_claim_about_one_resource_asks_what_that_one_says(account: Snapshot, claimed: str, on: str) -> None:
    proof = proof_of(account, claimed=claims(claimed))
    assert proof.outcome.value == "refuted"
    assert last_step(proof).resource.startswith(on)


def test_the_witness_is_on_what_the_claim_is_about_and_not_on_what_else_is_reached() -> None:
    claimed = claims(about("s3:GetObject", OBJECTS[0]))
    alone = snapshot([user("bob", allow("s3:GetObject", ["arn:aws:s3:::a/*", *OBJECTS]))])
    assert last_step(proof_of(alone, claimed=claimed)).resource.startswith(PAYROLL)
    reads = role("reads", {"Principal": {"AWS": BOB}}, allow("s3:GetObject", OBJECTS))
    beside = snapshot([user("bob", allow("s3:GetObject", "arn:aws:s3:::a/*"))], roles=[reads])
    step = last_step(proof_of(beside, claimed=claimed))
    assert (step.actor, step.resource.startswith(PAYROLL)) == (f"{ARN}role/reads", True)


def test_the_witness_is_not_where_an_exception_lets_it_be() -> None:
    claimed = claims(
        "  - name: nothing\n    exceptions:\n      - who: user/bob\n        actions: 's3:GetObject'\n"
        f"        resources: '{OBJECTS[0]}'\n        owner: a\n"
        "        reason: b\n        expires: 2030-01-01\n"
    )
    account = snapshot([user("bob", allow("s3:GetObject", [*OBJECTS, "arn:aws:s3:::x/*"]))])
    assert last_step(proof_of(account, claimed=claimed)).resource.startswith("arn:aws:s3:::x/")


def test_to_enable_a_device_for_anybody_is_shown_on_somebody_else() -> None:
    everybodys = user("bob", allow("iam:EnableMFADevice"))
    assert last_step(proof_of(snapshot([everybodys, user("zoe")]))).resource == f"{ARN}user/zoe"
    own = user("bob", allow("iam:EnableMFADevice", f"{ARN}user/${{aws:username}}"))
    helps = role("helps", {"Principal": {"AWS": BOB}}, allow("iam:EnableMFADevice"))
    assert last_step(proof_of(snapshot([own, user("zoe")], roles=[helps]))).actor == f"{ARN}role/helps"


def test_whoever_is_alone_in_an_account_enables_a_device_for_nobody_else() -> None:
    account = snapshot([user("bob", allow("*"), deny_without_mfa("iam:EnableMFADevice"))])
    assert proof_of(account).outcome.value == "proved"
