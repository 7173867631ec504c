"""A request and a decision as values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from iam.policies import Statement, allow, compiled, deny, request
from watchword.iam import (
    UNKNOWN,
    Assumptions,
    ContextValue,
    CredentialKind,
    Decision,
    Layer,
    Outcome,
    PolicySet,
    evaluate,
)


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


# -- which layer decides


def test_the_layer_that_allowed_is_named() -> None:
    everything = PolicySet(identity=(compiled(allow()),))
    assert evaluate(request(), everything).layer is Layer.IDENTITY
    root = request(principal="arn:aws:iam::123456789012:root")
    assert evaluate(root, PolicySet()).layer is Layer.ROOT
    free = request("sts:GetCallerIdentity", "*", credential=CredentialKind.ACCESS_KEY)
    decision = evaluate(free, PolicySet())
    assert (decision.outcome, decision.layer) == (Outcome.ALLOWED, Layer.SERVICE)


CONTESTED = Assumptions(session_with_mfa_is_limited=UNKNOWN)
PRESENT = "aws:MultiFactorAuthPresent"


def perhaps_refused(*statements: Statement, present: ContextValue = "true") -> Decision:
    """A call of which it is contested whether the service refuses it."""
    asked = replace(
        request(
            "sts:DecodeAuthorizationMessage",
            "*",
            context={PRESENT: present, "aws:a": "1"},
            credential=CredentialKind.SESSION_MFA,
        ),
        assumptions=CONTESTED,
    )
    return evaluate(asked, PolicySet(identity=(compiled(*statements),)))


def test_what_the_service_may_refuse_hangs_on_the_assumption_unless_the_policies_deny_it() -> None:
    open_ = perhaps_refused(allow())
    assert (open_.outcome, open_.layer) == (Outcome.UNDETERMINED, Layer.SERVICE)
    assert open_.missing == ("session_with_mfa_is_limited",)
    assert len(open_.statements) == 1
    assert perhaps_refused(allow("s3:*")).outcome is Outcome.IMPLICIT_DENY
    by_key = perhaps_refused(allow(), deny(Condition={"StringEquals": {"aws:a": "1"}}))
    assert by_key.outcome is Outcome.EXPLICIT_DENY
    also = perhaps_refused(allow(Condition={"Bool": {PRESENT: "true"}}), present=UNKNOWN)
    assert also.missing == (PRESENT, "session_with_mfa_is_limited")


def test_what_is_denied_in_every_state_of_mfa_is_denied_whatever_the_service_does() -> None:
    decision = perhaps_refused(
        allow(),
        deny(Condition={"Bool": {PRESENT: "true"}}),
        deny(Condition={"BoolIfExists": {PRESENT: "false"}}),
        present=UNKNOWN,
    )
    assert decision.outcome is Outcome.EXPLICIT_DENY
    assert decision.in_every_mfa_state


def test_a_session_by_an_identity_provider_is_held_to_the_rules_of_role_sessions() -> None:
    session = "arn:aws:sts::123456789012:assumed-role/web/x"
    everything = PolicySet(identity=(compiled(allow()),))
    by_provider = request("iam:ListUsers", "*", principal=session, credential=CredentialKind.FEDERATED)
    assert evaluate(by_provider, everything).outcome is Outcome.ALLOWED
    bob = "arn:aws:sts::123456789012:federated-user/bob"
    by_user = request("iam:ListUsers", "*", principal=bob, credential=CredentialKind.FEDERATED)
    refused = evaluate(by_user, everything)
    assert (refused.outcome, refused.layer) == (Outcome.IMPLICIT_DENY, Layer.SERVICE)


def naming(who: str, **rest: Statement) -> Statement:
    return {**allow("s3:GetObject"), "Principal": {"AWS": f"arn:aws:iam::123456789012:user/{who}"}, **rest}


def test_any_statement_of_the_resources_policy_that_names_the_caller_lets_it_in() -> None:
    resource = compiled(naming("bob"), naming("alice"), name="bucket")
    decision = evaluate(request(), PolicySet(resource=resource))
    assert (decision.outcome, decision.layer) == (Outcome.ALLOWED, Layer.RESOURCE)
    assert [(each.policy, each.index) for each in decision.statements] == [("bucket", 1)]


def test_where_either_side_could_let_in_both_are_named() -> None:
    resource = compiled(naming("alice", Condition={"StringEquals": {"aws:a": "1"}}), name="bucket")
    own = compiled(allow(Condition={"StringEquals": {"aws:b": "1"}}), name="mine")
    asked = request(context={"aws:a": UNKNOWN, "aws:b": UNKNOWN})
    decision = evaluate(asked, PolicySet(identity=(own,), resource=resource))
    assert (decision.outcome, decision.missing) == (Outcome.UNDETERMINED, ("aws:a", "aws:b"))
    assert {each.policy for each in decision.statements} == {"bucket", "mine"}


def test_each_state_of_mfa_is_tried_in_its_own_words_and_with_the_age_that_is_known() -> None:
    absent = allow(Condition={"Null": {PRESENT: "true"}})
    false = allow(Condition={"StringEquals": {PRESENT: "false"}})
    fresh = allow(Condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "60"}})
    policies = PolicySet(identity=(compiled(absent, false, fresh),))
    known = request(context={PRESENT: UNKNOWN, "aws:MultiFactorAuthAge": "30"})
    assert evaluate(known, policies).outcome is Outcome.ALLOWED
    for age in (None, UNKNOWN):
        context: dict[str, ContextValue] = {PRESENT: UNKNOWN}
        if age is not None:
            context["aws:MultiFactorAuthAge"] = age
        assert evaluate(request(context=context), policies).outcome is Outcome.UNDETERMINED
