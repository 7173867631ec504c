"""Whoever assumes a role passes tags and a source identity only where that is allowed as well."""

from __future__ import annotations

from typing import Any

import pytest

from proof.claims.written_accounts import ARN, proof_of, role, snapshot, user

CALL = "sts:AssumeRole"
TAG = {"StringEquals": {"aws:RequestTag/team": "blue"}}
NO_OTHER_TAG = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
SOURCE = {"StringEquals": {"sts:SourceIdentity": "alice"}}


@pytest.mark.parametrize(
    ("actions", "condition", "outcome"),
    [
        ([CALL], TAG, "proved"),
        ([CALL, "sts:TagSession"], TAG, "refuted"),
        ([CALL], NO_OTHER_TAG, "refuted"),
        ([CALL], SOURCE, "proved"),
        ([CALL, "sts:SetSourceIdentity"], SOURCE, "refuted"),
    ],
)
def test_a_trust_policy_that_asks_for_what_is_passed_lets_in_who_may_pass_it(
    actions: list[str], condition: dict[str, Any], outcome: str
) -> None:
    trust = {"Principal": {"AWS": f"{ARN}user/alice"}, "Action": actions, "Condition": condition}
    assert proof_of(snapshot([user("alice")], roles=[role("work", trust)])).outcome.value == outcome
