"""Who enters a role from outside of the snapshots."""

from __future__ import annotations

from typing import Any

import pytest

from proof.closure.attacked import WITH_MFA, Attack, arn, document, role, snapshot, trusts
from watchword.proof.closure import Answer, Entry, EntryKind

OTHER = "arn:aws:iam::999988887777:root"


def entered(trust: str) -> list[Entry]:
    attack = Attack(snapshot(roles=[role("open", trust)]))
    return list(attack.closure.entered_by(arn("role/open")))


@pytest.mark.parametrize(
    ("principal", "kind"),
    [
        ({"AWS": OTHER}, EntryKind.OTHER_ACCOUNT),
        ({"AWS": "999988887777"}, EntryKind.OTHER_ACCOUNT),
        ({"AWS": "arn:aws:iam::999988887777:user/bob"}, EntryKind.OTHER_ACCOUNT),
        ({"AWS": "*"}, EntryKind.ANYONE),
        ("*", EntryKind.ANYONE),
        ({"Service": "ec2.amazonaws.com"}, EntryKind.SERVICE),
    ],
)
def test_whoever_is_named_without_a_condition_enters_without_mfa(principal: Any, kind: EntryKind) -> None:  # noqa: ANN401
    [entry] = entered(trusts(principal))
    assert entry.kind is kind
    assert entry.without_mfa is Answer.YES
    assert entry.statements


def test_another_account_enters_with_mfa_only_where_the_trust_policy_asks() -> None:
    [entry] = entered(trusts({"AWS": OTHER}, Condition=WITH_MFA))
    assert entry.without_mfa is Answer.NO


def test_a_session_without_mfa_enters_where_a_bare_key_does_not() -> None:
    """`Bool` with `false` matches only where the key is there: in a session that was made without a code."""
    without = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    [entry] = entered(trusts({"AWS": OTHER}, Condition=without))
    assert entry.without_mfa is Answer.YES


def test_an_external_id_that_nobody_here_knows_leaves_it_open() -> None:
    [entry] = entered(trusts({"AWS": OTHER}, Condition={"StringEquals": {"sts:ExternalId": "secret"}}))
    assert entry.without_mfa is Answer.UNDETERMINED
    assert entry.missing == ("sts:ExternalId",)


def test_an_identity_provider_is_told_as_one() -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": arn("saml-provider/corp")},
        "Action": "sts:AssumeRoleWithSAML",
    }
    [entry] = entered(document(statement))
    assert entry.kind is EntryKind.IDENTITY_PROVIDER


def test_those_of_the_account_itself_are_not_from_outside() -> None:
    assert entered(trusts({"AWS": [arn("root"), arn("user/alice")]})) == []


def test_a_role_that_is_not_there_is_said() -> None:
    with pytest.raises(KeyError):
        Attack(snapshot()).closure.entered_by(arn("role/open"))
