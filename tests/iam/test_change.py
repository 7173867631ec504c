"""What a question is once a step is made: each step by itself, on each layer."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from iam.policies import USER, allow, compiled, deny, request
from watchword.iam import (
    UNKNOWN,
    AddStatement,
    Assumptions,
    CompiledPolicy,
    ContextValue,
    CredentialKind,
    Layer,
    MfaState,
    Outcome,
    PolicySet,
    Question,
    SendCode,
    SetKey,
    TakeAwayCondition,
    TakeAwayStatement,
    UseCredential,
    evaluate,
)
from watchword.iam.change import ADDED, changed, policies_of
from watchword.iam.policy import Effect

PRESENT, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
ANYONE = {"Principal": "*"}
LAYERS = [
    (Layer.IDENTITY, None),
    (Layer.BOUNDARY, None),
    (Layer.SESSION, None),
    (Layer.TRUST, None),
    (Layer.RESOURCE, None),
    (Layer.KEY, None),
    (Layer.SERVICE_CONTROL, 0),
    (Layer.SERVICE_CONTROL, 1),
    (Layer.SERVICE_CONTROL, 2),
    (Layer.RESOURCE_CONTROL, 0),
    (Layer.RESOURCE_CONTROL, 1),
    (Layer.RESOURCE_CONTROL, 2),
    (Layer.ENDPOINT, 0),
    (Layer.ENDPOINT, 1),
]
each_layer = pytest.mark.parametrize(("layer", "level"), LAYERS)


def plain(name: str) -> CompiledPolicy:
    return compiled(allow("s3:Get*"), deny("s3:Put*", Condition={"Bool": {PRESENT: "false"}}), name=name)


def naming(name: str) -> CompiledPolicy:
    return compiled(allow("s3:Get*", **ANYONE), deny("s3:Put*", **ANYONE), name=name)


def every_layer() -> PolicySet:
    return PolicySet(
        identity=(plain("identity 0"), plain("identity 1")),
        permissions_boundary=plain("boundary"),
        session=(plain("session"),),
        trust=naming("trust"),
        resource=naming("resource"),
        service_control=tuple((plain(f"scp {level}"),) for level in range(3)),
        resource_control=tuple((naming(f"rcp {level}"),) for level in range(3)),
        endpoint=(naming("endpoint 0"), naming("endpoint 1")),
    )


def question(policies: PolicySet | None = None, **context: ContextValue) -> Question:
    keys = {key.replace("_", ":"): value for key, value in context.items()}
    asked = request(context=keys, credential=CredentialKind.ACCESS_KEY)
    return Question(request=asked, policies=policies or every_layer(), signed_with=CredentialKind.ACCESS_KEY)


def rules(policies: PolicySet) -> dict[tuple[Layer, int | None], list[tuple[str, list[str]]]]:
    """For each layer its policies: the name, and which of its statements are left."""
    return {
        (layer, level): [
            (each.name, [f"{rule.ref.policy} {rule.ref.index}" for rule in each.rules])
            for each in policies_of(policies, layer, level)
        ]
        for layer, level in LAYERS
        if layer is not Layer.KEY
    }


# -- policies


@each_layer
def test_a_statement_is_taken_out_of_its_policy_and_of_no_other(layer: Layer, level: int | None) -> None:
    asked = question()
    before = rules(asked.policies)
    target = policies_of(asked.policies, layer, level)[-1]
    step = TakeAwayStatement(layer=layer, level=level, statement=target.rules[1].ref, effect=Effect.DENY)
    after = changed(asked, step)
    place = (Layer.RESOURCE if layer is Layer.KEY else layer, level)
    expected = dict(before)
    expected[place] = [*before[place][:-1], (target.name, [f"{target.name} 0"])]
    assert rules(after.policies) == expected
    assert (after.request, after.signed_with) == (asked.request, asked.signed_with)


@each_layer
def test_a_statement_is_put_into_the_first_policy_of_its_layer(layer: Layer, level: int | None) -> None:
    asked = question()
    before = rules(asked.policies)
    statement = (
        allow("ec2:*")
        if "scp" in layer.value or layer.value in {"identity", "boundary", "session"}
        else allow("ec2:*", **ANYONE)
    )
    after = changed(asked, AddStatement(layer=layer, level=level, document=json.dumps(statement)))
    place = (Layer.RESOURCE if layer is Layer.KEY else layer, level)
    (name, had), *rest = before[place]
    assert rules(after.policies) == {**before, place: [(name, [*had, f"{ADDED} 0"]), *rest]}
    assert rules(asked.policies) == before


@pytest.mark.parametrize(
    ("layer", "level"),
    [
        (Layer.IDENTITY, None),
        (Layer.BOUNDARY, None),
        (Layer.SESSION, None),
        (Layer.TRUST, None),
        (Layer.RESOURCE, None),
        (Layer.KEY, None),
        (Layer.ENDPOINT, None),
    ],
)
def test_where_there_is_no_policy_the_statement_makes_one(layer: Layer, level: int | None) -> None:
    with_principal = layer in {Layer.TRUST, Layer.RESOURCE, Layer.KEY, Layer.ENDPOINT}
    statement = allow("s3:*", **(ANYONE if with_principal else {}))
    if layer is Layer.TRUST:
        del statement["Resource"]
    after = changed(
        question(PolicySet()), AddStatement(layer=layer, level=level, document=json.dumps(statement))
    )
    (added,) = policies_of(after.policies, layer, level)
    assert (added.name, len(added.rules)) == (ADDED, 1)
    others = [
        each for each in LAYERS if each[0] not in {layer, Layer.SERVICE_CONTROL, Layer.RESOURCE_CONTROL}
    ]
    for other, _ in others:
        if {other, layer} != {Layer.RESOURCE, Layer.KEY}:
            assert policies_of(after.policies, other, None) == ()


def test_the_layers_without_policies_have_none_to_change() -> None:
    asked = question()
    for layer in (Layer.SERVICE, Layer.ROOT):
        assert policies_of(asked.policies, layer, None) == ()
        step = AddStatement(layer=layer, level=None, document=json.dumps(allow()))
        assert changed(asked, step).policies == asked.policies


def conditioned() -> Question:
    conditions = {
        "Bool": {PRESENT: "true"},
        "StringEquals": {"aws:a": "1", "aws:b": "2"},
        "StringLike": {"aws:a": "1*"},
    }
    return question(PolicySet(identity=(compiled(deny("ec2:*"), allow(Condition=conditions)),)))


@pytest.mark.parametrize(
    ("operator", "key", "left"),
    [
        ("Bool", PRESENT, {"StringEquals aws:a", "StringEquals aws:b", "StringLike aws:a"}),
        ("StringEquals", "aws:a", {f"Bool {PRESENT}", "StringEquals aws:b", "StringLike aws:a"}),
        ("StringLike", "aws:a", {f"Bool {PRESENT}", "StringEquals aws:a", "StringEquals aws:b"}),
        (None, None, set()),
    ],
)
def test_one_condition_is_taken_away_or_all(operator: str | None, key: str | None, left: set[str]) -> None:
    asked = conditioned()
    (policy,) = asked.policies.identity
    step = TakeAwayCondition(
        layer=Layer.IDENTITY,
        level=None,
        statement=policy.rules[1].ref,
        effect=Effect.ALLOW,
        operator=operator,
        key=key,
    )
    (after,) = changed(asked, step).policies.identity
    first, second = after.rules
    assert first is policy.rules[0]
    assert {f"{each.operator} {each.key.text}" for each, _ in second.conditions} == left
    assert (second.ref, second.deny) == (policy.rules[1].ref, False)


# -- what the request says


def test_a_key_gets_another_value_or_none_in_any_spelling() -> None:
    asked = question(aws_SourceIp="10.0.0.1", aws_a="1")
    after = changed(asked, SetKey(key="AWS:sourceip", value="192.0.2.1")).request
    assert after.context == {"aws:a": "1", "AWS:sourceip": "192.0.2.1"}
    assert after.trust_context is None
    assert changed(asked, SetKey(key="AWS:sourceip", value=None)).request.context == {"aws:a": "1"}
    assert changed(asked, SetKey(key="aws:new", value="x")).request.folded["aws:new"] == "x"
    assert after.credential is CredentialKind.ACCESS_KEY


def test_a_key_is_set_for_the_trust_policy_too_when_it_has_a_context_of_its_own() -> None:
    asked = question(aws_SourceIp="10.0.0.1")
    split = replace(
        asked,
        request=replace(asked.request, trust_context={"aws:SourceIp": "10.0.0.1", PRESENT: "true"}),
    )
    after = changed(split, SetKey(key="aws:SourceIp", value="192.0.2.1")).request
    assert after.context == {"aws:SourceIp": "192.0.2.1"}
    assert after.trust_context == {"aws:SourceIp": "192.0.2.1", PRESENT: "true"}
    after = changed(split, SetKey(key="aws:SourceIp", value=None)).request
    assert (after.context, after.trust_context) == ({}, {PRESENT: "true"})


# -- with what it is signed


def test_another_credential_brings_its_own_keys_and_leaves_the_others() -> None:
    asked = question(aws_SourceIp="10.0.0.1", aws_multifactorauthpresent="false", aws_CalledVia="x")
    after = changed(asked, UseCredential(kind=CredentialKind.SESSION_MFA))
    assert after.request.context == {
        "aws:SourceIp": "10.0.0.1",
        PRESENT: "true",
        AGE: UNKNOWN,
        "aws:TokenIssueTime": UNKNOWN,
        "aws:ViaAWSService": "false",
    }
    assert after.request.credential is CredentialKind.SESSION_MFA
    assert after.signed_with is CredentialKind.SESSION_MFA
    assert after.policies is asked.policies


def test_the_pure_decision_stays_pure_with_another_credential() -> None:
    asked = question()
    pure = replace(asked, request=replace(asked.request, credential=None))
    after = changed(pure, UseCredential(kind=CredentialKind.SESSION))
    assert after.request.credential is None
    assert after.signed_with is CredentialKind.SESSION


def test_another_credential_is_read_under_the_assumptions_of_the_request() -> None:
    asked = question()
    assumed = replace(
        asked, request=replace(asked.request, assumptions=Assumptions(console_with_mfa=MfaState.FALSE))
    )
    after = changed(assumed, UseCredential(kind=CredentialKind.CONSOLE_MFA)).request
    assert after.context[PRESENT] == "false"
    assert changed(asked, UseCredential(kind=CredentialKind.CONSOLE_MFA)).request.context[PRESENT] == "true"


def test_a_code_shows_mfa_of_this_moment_and_leaving_it_out_what_the_credential_carries() -> None:
    asked = question(aws_SourceIp="10.0.0.1")
    sent = changed(asked, SendCode(sent=True))
    fresh = {"aws:SourceIp": "10.0.0.1", PRESENT: "true", AGE: "0"}
    assert (sent.request.context, sent.request.trust_context) == (fresh, fresh)
    assert sent.signed_with is CredentialKind.ACCESS_KEY
    back = changed(sent, SendCode(sent=False))
    assert back.request.trust_context is None
    assert back.request.context == {"aws:SourceIp": "10.0.0.1", "aws:ViaAWSService": "false"}
    assert (back.signed_with, back.request.credential) == (CredentialKind.ACCESS_KEY,) * 2


def test_what_a_code_shows_to_the_callers_own_policies_is_an_assumption() -> None:
    asked = question(aws_SourceIp="10.0.0.1")
    assumptions = Assumptions(own_policy_at_assume_role_with_code=MfaState.ABSENT)
    assumed = replace(asked, request=replace(asked.request, assumptions=assumptions))
    sent = changed(assumed, SendCode(sent=True)).request
    assert sent.context == {"aws:SourceIp": "10.0.0.1"}
    assert sent.trust_context == {"aws:SourceIp": "10.0.0.1", PRESENT: "true", AGE: "0"}


@pytest.mark.parametrize("sent", [True, False])
def test_nobody_sends_a_code_without_a_credential(sent: bool) -> None:
    asked = replace(question(), signed_with=None)
    assert changed(asked, SendCode(sent=sent)) is asked


def test_what_is_changed_is_what_is_decided() -> None:
    asked = question(PolicySet(identity=(compiled(deny()),)))
    (policy,) = asked.policies.identity
    free = changed(
        asked,
        TakeAwayStatement(
            layer=Layer.IDENTITY, level=None, statement=policy.rules[0].ref, effect=Effect.DENY
        ),
    )
    let = changed(free, AddStatement(layer=Layer.IDENTITY, level=None, document=json.dumps(allow())))
    outcomes = [evaluate(each.request, each.policies).outcome for each in (asked, free, let)]
    assert outcomes == [Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY, Outcome.ALLOWED]
    assert asked.request.principal.arn == USER
