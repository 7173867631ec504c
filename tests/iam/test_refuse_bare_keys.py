"""The policy that docs/conditions.md offers to administrators, beside the one that docs/enrol.md offers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from iam.policies import USER, Statement, allow, compiled
from watchword.iam import (
    CompiledPolicy,
    CredentialKind,
    Decision,
    Layer,
    Outcome,
    PolicyKind,
    PolicySet,
    Request,
    compile_policy,
    evaluate,
    mfa_context,
    parse_policy,
    principal_context,
    principal_from_arn,
)

DOCS = Path(__file__).parent.parent.parent / "docs"
ACCOUNT = "123456789012"
ALICE = principal_from_arn(USER)
OBJECT = "arn:aws:s3:::bucket/key"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/lists"
WITHOUT_MFA = (CredentialKind.ACCESS_KEY, CredentialKind.SESSION)
# What each action of the enrolment policy is called on: one's own user or device, or a list of all.
ENROLLING = {
    "iam:CreateVirtualMFADevice": f"arn:aws:iam::{ACCOUNT}:mfa/alice",
    "iam:DeleteVirtualMFADevice": f"arn:aws:iam::{ACCOUNT}:mfa/alice-2",
    "iam:EnableMFADevice": USER,
    "iam:ListMFADevices": USER,
    "iam:ListVirtualMFADevices": f"arn:aws:iam::{ACCOUNT}:mfa/",
}


def document(page: str) -> str:
    (text,) = re.findall(r"```json\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    return str(text)


def offered(page: str) -> CompiledPolicy:
    return compile_policy(parse_policy(document(page), name=page, kind=PolicyKind.IDENTITY))


def statements(page: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(document(page))["Statement"]
    return found


REFUSE = offered("conditions.md")
ENROL = offered("enrol.md")
EVERYTHING = compiled(allow(), name="everything")


def decide(
    action: str,
    resource: str,
    kind: CredentialKind,
    *policies: CompiledPolicy,
    trust: CompiledPolicy | None = None,
) -> Decision:
    context = {**principal_context(ALICE), **mfa_context(kind)}
    request = Request(principal=ALICE, action=action, resource=resource, context=context, credential=kind)
    return evaluate(request, PolicySet(identity=policies, trust=trust))


@pytest.mark.parametrize("kind", WITHOUT_MFA)
def test_work_without_mfa_is_denied(kind: CredentialKind) -> None:
    decision = decide("s3:GetObject", OBJECT, kind, REFUSE, EVERYTHING)
    assert decision.outcome is Outcome.EXPLICIT_DENY
    assert [statement.policy for statement in decision.statements] == ["conditions.md"]


def test_a_session_with_mfa_is_let_through() -> None:
    kind = CredentialKind.SESSION_MFA
    assert decide("s3:GetObject", OBJECT, kind, REFUSE, EVERYTHING).outcome is Outcome.ALLOWED


def test_it_allows_nothing_by_itself() -> None:
    kind = CredentialKind.SESSION_MFA
    assert decide("s3:GetObject", OBJECT, kind, REFUSE).outcome is Outcome.IMPLICIT_DENY


def test_it_excepts_what_the_enrolment_policy_allows_and_the_way_to_mfa() -> None:
    (refused,) = statements("conditions.md")
    actions = [each["Action"] for each in statements("enrol.md")]
    enrolling = {name for each in actions for name in ([each] if isinstance(each, str) else each)}
    assert enrolling == set(ENROLLING)
    assert set(refused["NotAction"]) == {*enrolling, "sts:GetSessionToken"}


@pytest.mark.parametrize("action", ENROLLING)
def test_an_access_key_can_enrol(action: str) -> None:
    decision = decide(action, ENROLLING[action], CredentialKind.ACCESS_KEY, REFUSE, ENROL)
    assert decision.outcome is Outcome.ALLOWED


@pytest.mark.parametrize("action", ENROLLING)
def test_a_session_without_mfa_is_kept_from_enrolling_by_iam_itself_and_not_by_the_policy(
    action: str,
) -> None:
    decision = decide(action, ENROLLING[action], CredentialKind.SESSION, REFUSE, ENROL)
    assert (decision.allowed, decision.layer) == (False, Layer.SERVICE)


def test_an_access_key_can_become_a_session() -> None:
    assert decide("sts:GetSessionToken", "*", CredentialKind.ACCESS_KEY, REFUSE).allowed


def test_a_device_is_not_taken_away_without_mfa() -> None:
    decision = decide("iam:DeactivateMFADevice", USER, CredentialKind.ACCESS_KEY, REFUSE, EVERYTHING)
    assert decision.outcome is Outcome.EXPLICIT_DENY


@pytest.mark.parametrize("kind", WITHOUT_MFA)
def test_a_role_that_trusts_the_user_is_not_assumed_without_mfa(kind: CredentialKind) -> None:
    trusting: Statement = {"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "sts:AssumeRole"}
    trust = compiled(trusting, name="trust", kind=PolicyKind.TRUST)
    decision = decide("sts:AssumeRole", ROLE, kind, REFUSE, EVERYTHING, trust=trust)
    assert decision.outcome is Outcome.EXPLICIT_DENY
