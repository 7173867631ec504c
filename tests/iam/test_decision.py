"""A request and a decision as values."""

from __future__ import annotations

import pytest

from iam.policies import allow, compiled, request
from watchword.iam import CredentialKind, PolicySet, evaluate


def test_a_request_knows_its_service_and_its_operation_up_to_the_first_colon() -> None:
    asked = request("S3:GetObject:x")
    assert (asked.service, asked.operation) == ("s3", "getobject:x")
    assert asked.plan_key == (asked.standing, "s3:getobject:x")


@pytest.mark.parametrize("action", ["GetObject", "", "*"])
def test_an_action_without_its_service_is_refused_with_what_is_expected(action: str) -> None:
    with pytest.raises(ValueError, match=r"is not an action: `service:Name` is expected$") as caught:
        request(action)
    assert str(caught.value).startswith(f"`{action}`")


def test_a_trust_policy_sees_its_own_context_when_there_is_one() -> None:
    assert request(context={"aws:A": "1"}).folded_trust == {"aws:a": "1"}
    asked = request(context={"aws:A": "1"}, trust_context={"aws:B": "2"})
    assert (asked.folded, asked.folded_trust) == ({"aws:a": "1"}, {"aws:b": "2"})


@pytest.mark.parametrize(
    ("action", "credential", "ruled"),
    [
        ("iam:ListUsers", CredentialKind.SESSION, True),
        ("STS:GetSessionToken", CredentialKind.ACCESS_KEY, True),
        ("iam:ListUsers", None, False),
        ("s3:GetObject", CredentialKind.SESSION, False),
    ],
)
def test_only_two_services_have_rules_and_only_for_a_credential(
    action: str, credential: CredentialKind | None, ruled: bool
) -> None:
    assert request(action, credential=credential).has_service_rules is ruled


def test_a_decision_shows_the_answer_the_layer_and_what_it_hangs_on() -> None:
    document = compiled(allow(Condition={"StringEquals": {"aws:a": "1"}}), name="mine")
    decision = evaluate(request(), PolicySet(identity=(document,)))
    assert repr(decision) == "Decision('implicitDeny', layer='identity', statements=(), missing=())"


def test_what_was_arranged_for_an_action_is_kept_with_the_policies() -> None:
    policies = PolicySet(identity=(compiled(allow("s3:Get*")),))
    plan = policies.plan(request())
    assert policies.plan(request()) is plan
    assert policies.plan(request("s3:PutObject")) is not plan
    assert policies == PolicySet(identity=policies.identity)
