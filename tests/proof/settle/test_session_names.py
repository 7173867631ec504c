"""Whoever assumes a role says what the session is called, and some policies ask for one of a certain name."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from proof.claims.written_accounts import (
    ACCOUNT,
    ARN,
    allow,
    claims,
    proof_of,
    role,
    snapshot,
    universe,
    user,
)
from watchword.account.accounts import Accounts
from watchword.account.snapshot import ResourcePolicy, Snapshot
from watchword.proof.reach import Reached, Reacher

WORK = f"{ARN}role/work"
FILES = "arn:aws:s3:::files"
Statement = dict[str, Any]


def session(name: str) -> str:
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/work/{name}"


def account(*statements: Statement, named: str | None = None) -> Snapshot:
    found = snapshot(
        [user("bob")], roles=[role("work", {"Principal": {"AWS": f"{ARN}user/bob"}}, *statements)]
    )
    text = (
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", '
        f'"Principal": {{"AWS": "{named}"}}, "Resource": "{FILES}/*"}}}}'
    )
    policy = ResourcePolicy(arn=FILES, account_id=ACCOUNT, service="s3", document=text)
    return found if named is None else msgspec.structs.replace(found, resource_policies=(policy,))


def reached(snapshot: Snapshot) -> Reached:
    made = Reacher(Accounts.of([snapshot]), universe())
    (state,) = made.states(WORK)
    return made.reached(made.subject(WORK, state))


def why_open(found: Reached, action: str) -> str | None:
    bit = 1 << universe().bit(action)
    assert not found.actions & bit
    return next((why for mask, why in found.undetermined if mask & bit), None)


def asked_of(value: str) -> dict[str, Any]:
    return {"Condition": {"StringLike": {"aws:userid": value}}}


def test_a_bucket_that_names_one_session_may_let_in_whoever_calls_theirs_so() -> None:
    assert why_open(reached(account(named=session("nightly"))), "s3:GetObject") == (
        "it takes a session of the role that is called `nightly`"
    )


@pytest.mark.parametrize(
    "named", [session("*"), session("x" * 65), session("nightly").replace("work", "rest")]
)
def test_no_session_is_called_by_a_pattern_or_like_one_of_another_role(named: str) -> None:
    assert why_open(reached(account(named=named)), "s3:GetObject") is None


@pytest.mark.parametrize("value", ["*:nightly", "AROAWORK????????????:nightly", "*:night*"])
def test_a_user_id_that_ends_in_a_name_is_had_by_a_session_of_that_name(value: str) -> None:
    assert "is called" in (
        why_open(reached(account(allow("ec2:DescribeRegions", **asked_of(value)))), "ec2:DescribeRegions")
        or ""
    )


def test_a_user_id_of_another_role_is_had_under_no_name() -> None:
    found = reached(account(allow("ec2:DescribeRegions", **asked_of("AROAOTHER:nightly"))))
    assert why_open(found, "ec2:DescribeRegions") is None


def test_a_claim_about_such_a_bucket_is_refuted_by_who_assumes_the_role_under_that_name() -> None:
    claimed = claims(f"  - name: files\n    actions: ['s3:GetObject']\n    resources: ['{FILES}/*']\n")
    proof = proof_of(account(named=session("nightly")), claimed=claimed)
    assert proof.outcome.value == "refuted"
