from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from iam.policies import USER, allow, compiled, deny
from watchword.iam import (
    UNKNOWN,
    AddStatement,
    Call,
    Change,
    CompiledPolicy,
    CredentialKind,
    Explanation,
    Known,
    Layer,
    Outcome,
    PolicyKind,
    PolicySet,
    Question,
    SendCode,
    SetKey,
    StatementRef,
    TakeAwayCondition,
    TakeAwayStatement,
    UseCredential,
    ask,
    compile_policy,
    evaluate,
    explain,
    explanation,
    parse_policy,
    principal_from_arn,
    signer,
)
from watchword.iam.explanation import _are_two
from watchword.iam.policy import Effect

SEEDS = Path(__file__).parent.parent / "cases" / "policies"
WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
FROM_OFFICE = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
T = "T00:00:00Z"
ROLE = "arn:aws:iam::123456789012:role/admin"


def question(
    policies: PolicySet,
    action: str = "s3:GetObject",
    *,
    kind: CredentialKind = CredentialKind.ACCESS_KEY,
    resource: str = "arn:aws:s3:::bucket/key",
    principal: str = USER,
    known: Known | None = None,
    with_code: bool = False,
) -> Question:
    who = signer(principal_from_arn(principal), kind)
    assert who is not None
    call = Call(action=action, resource=resource, with_code=with_code)
    return ask(call, who, kind, policies, known=known or Known())


def explained(policies: PolicySet, action: str = "s3:GetObject", **rest: Any) -> Explanation:  # noqa: ANN401 what `question` takes
    asked = question(policies, action, **rest)
    return explain(asked.request, policies, signed_with=asked.signed_with)


def identity(*statements: dict[str, object]) -> PolicySet:
    return PolicySet(identity=(compiled(*statements),))


def trust(*statements: dict[str, object]) -> CompiledPolicy:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return compile_policy(parse_policy(text, name="trust", kind=PolicyKind.TRUST))


def only_turn(explanation: Explanation) -> tuple[Change, ...]:
    (turn,) = explanation.turns
    return turn.changes


def steps(explanation: Explanation) -> list[object]:
    return [step for change in only_turn(explanation) for step in change.steps]


def test_a_deny_without_mfa_is_turned_by_a_session_with_mfa_first_of_all() -> None:
    found = explained(identity(allow(), deny(Condition=WITHOUT_MFA)))
    assert found.decision.outcome is Outcome.EXPLICIT_DENY
    assert steps(found)[0] == UseCredential(kind=CredentialKind.SESSION_MFA)
    assert [type(each) for each in steps(found)[-1:]] == [TakeAwayStatement]


def test_what_is_allowed_with_mfa_is_denied_with_an_access_key() -> None:
    found = explained(identity(allow(Condition=WITH_MFA)), kind=CredentialKind.SESSION_MFA)
    assert found.decision.outcome is Outcome.ALLOWED
    assert steps(found)[0] == UseCredential(kind=CredentialKind.ACCESS_KEY)
    assert {change.outcome for change in only_turn(found)} == {Outcome.IMPLICIT_DENY}


def test_a_condition_that_failed_is_taken_away_alone_or_with_the_others() -> None:
    conditions = {**WITH_MFA, "NumericLessThan": {"aws:MultiFactorAuthAge": "60"}}
    taken = [
        each
        for each in steps(explained(identity(allow(Condition=conditions))))
        if isinstance(each, TakeAwayCondition)
    ]
    # One by itself is not enough: an access key fails both.
    assert [each.key for each in taken] == [None]
    taken = [
        each
        for each in steps(explained(identity(allow(Condition=WITH_MFA))))
        if isinstance(each, TakeAwayCondition)
    ]
    assert [(each.operator, each.key) for each in taken] == [("Bool", "aws:MultiFactorAuthPresent")]


def test_a_key_gets_a_value_that_the_policy_takes() -> None:
    known = Known(context={"aws:SourceIp": "192.0.2.7"})
    found = explained(identity(allow(Condition=FROM_OFFICE)), known=known)
    assert SetKey(key="aws:SourceIp", value="203.0.113.0") in steps(found)


def test_a_key_that_must_not_be_there_is_left_out() -> None:
    condition = {"Null": {"s3:x-amz-acl": "true"}}
    found = explained(identity(allow(Condition=condition)), known=Known(context={"s3:x-amz-acl": "private"}))
    assert SetKey(key="s3:x-amz-acl", value=None) in steps(found)


@pytest.mark.parametrize(
    ("condition", "given", "wanted"),
    [
        ({"StringLike": {"aws:UserAgent": "aws-cli/*"}}, "curl", "aws-cli/example"),
        ({"NumericLessThan": {"s3:max-keys": "10"}}, "10", "9"),
        ({"NumericGreaterThan": {"s3:max-keys": "10"}}, "10", "11"),
        ({"DateGreaterThan": {"aws:CurrentTime": f"2030-01-01{T}"}}, f"2026-01-01{T}", f"2030-01-02{T}"),
        ({"DateLessThan": {"aws:CurrentTime": f"2030-01-01{T}"}}, f"2031-01-01{T}", f"2029-12-31{T}"),
        ({"Bool": {"aws:SecureTransport": "true"}}, "false", "true"),
        ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, "10.1.2.3", "192.0.2.1"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::l-*"}}, "arn:aws:s3:::b", "arn:aws:s3:::l-example"),
        ({"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}, "us-east-1", "example"),
    ],
)  # fmt: skip
def test_each_family_of_operators_has_values_to_try(
    condition: dict[str, dict[str, str]], given: str, wanted: str
) -> None:
    key = next(iter(*(each.keys() for each in condition.values())))
    found = explained(identity(allow(Condition=condition)), known=Known(context={key: given}))
    assert SetKey(key=key, value=wanted) in steps(found)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:username": "bob"}},
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:user/bob"}},
        {"Bool": {"aws:ViaAWSService": "true"}},
    ],
)
def test_a_key_that_follows_from_the_principal_or_the_credential_is_no_change(
    condition: dict[str, object],
) -> None:
    found = explained(identity(allow(Condition=condition)))
    assert steps(found)
    assert not [each for each in steps(found) if isinstance(each, SetKey)]


def test_a_statement_is_added_to_the_layer_that_lacks_it() -> None:
    policies = PolicySet(identity=(compiled(allow()),), permissions_boundary=compiled(allow("ec2:*")))
    (step,) = steps(explained(policies))
    assert isinstance(step, AddStatement)
    assert step.layer is Layer.BOUNDARY
    assert json.loads(step.document) == {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::bucket/key",
    }


def test_the_level_of_scps_that_lacks_it_gets_the_statement() -> None:
    full, some = compiled(allow(), name="full"), compiled(allow("ec2:*"), name="some")
    policies = PolicySet(identity=(full,), service_control=((full,), (some,)))
    (step,) = steps(explained(policies))
    assert isinstance(step, AddStatement)
    assert (step.layer, step.level) == (Layer.SERVICE_CONTROL, 1)


def test_another_account_must_allow_too() -> None:
    found = explained(
        identity(allow()), resource="arn:aws:sqs:eu-west-1:210987654321:q", action="sqs:SendMessage"
    )
    (step,) = steps(found)
    assert isinstance(step, AddStatement)
    assert step.layer is Layer.RESOURCE
    assert json.loads(step.document)["Principal"] == {"AWS": USER}


def test_two_changes_are_found_where_one_is_not_enough() -> None:
    found = explained(identity(deny(Condition=WITHOUT_MFA)))
    first, *_ = only_turn(found)
    assert [type(each) for each in first.steps] == [UseCredential, AddStatement]
    assert first.outcome is Outcome.ALLOWED
    assert all(len(each.steps) == 2 for each in only_turn(found))


def test_none_is_said_where_there_is_none() -> None:
    found = explained(identity(deny(), deny(), deny()))
    (turn,) = found.turns
    assert turn.changes == ()
    assert turn.complete


def test_an_undetermined_answer_is_turned_both_ways() -> None:
    found = explained(identity(allow(Condition=FROM_OFFICE)))
    assert found.decision.missing == ("aws:SourceIp",)
    to_allow, to_deny = found.turns
    assert SetKey(key="aws:SourceIp", value="203.0.113.0") in to_allow.changes[0].steps
    assert SetKey(key="aws:SourceIp", value="192.0.2.1") in to_deny.changes[0].steps
    assert found.found(Layer.IDENTITY, "AWS:sourceip") is UNKNOWN


def test_an_assume_role_call_needs_a_code_and_one_with_a_code_needs_it() -> None:
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": USER},
        "Condition": WITH_MFA,
    }
    policies = PolicySet(trust=trust(statement))
    without = explained(policies, "sts:AssumeRole", resource=ROLE)
    assert SendCode(sent=True) in steps(without)
    sent = explained(policies, "sts:AssumeRole", resource=ROLE, with_code=True)
    assert sent.decision.outcome is Outcome.ALLOWED
    assert SendCode(sent=False) in steps(sent)
    assert sent.found(Layer.TRUST, "aws:MultiFactorAuthPresent") == "true"


def test_what_the_policies_alone_decide_is_turned_by_the_credential_too() -> None:
    policies = identity(allow(Condition=WITH_MFA))
    asked = question(policies)
    pure = replace(asked.request, credential=None)
    found = explain(pure, policies, signed_with=CredentialKind.ACCESS_KEY)
    assert UseCredential(kind=CredentialKind.SESSION_MFA) in steps(found)
    assert not [each for each in steps(explain(pure, policies)) if isinstance(each, UseCredential)]


def test_the_services_rules_stay_switched_off_when_another_credential_is_tried() -> None:
    policies = identity(allow("iam:ListUsers"))
    asked = question(policies, "iam:ListUsers", kind=CredentialKind.SESSION_MFA, resource="*")
    assert UseCredential(kind=CredentialKind.SESSION) in steps(explain(asked.request, policies))
    pure = replace(asked.request, credential=None)
    found = explain(pure, policies, signed_with=CredentialKind.SESSION_MFA)
    assert UseCredential(kind=CredentialKind.SESSION) not in steps(found)


# What a change costs.

WITHOUT = (
    CredentialKind.ACCESS_KEY,
    CredentialKind.SESSION,
    CredentialKind.CONSOLE,
    CredentialKind.FORWARDED,
)
FRESH = {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}


@pytest.mark.parametrize(
    "policies",
    [
        identity(allow(), deny(Condition=WITHOUT_MFA)),
        identity(allow(), deny(Condition={"Null": {"aws:MultiFactorAuthAge": "true"}})),
        identity(allow(Condition=WITH_MFA)),
        identity(allow(Condition=FRESH)),
        identity(allow(Condition={**WITH_MFA, **FRESH})),
        identity(deny(Condition=WITHOUT_MFA)),
    ],
)
def test_the_way_with_mfa_comes_first_and_a_change_that_drops_mfa_says_whom_it_lets_in(
    policies: PolicySet,
) -> None:
    changes = only_turn(explained(policies))
    assert UseCredential(kind=CredentialKind.SESSION_MFA) in changes[0].steps
    for change in changes:
        by_credential = any(isinstance(step, UseCredential) for step in change.steps)
        assert change.without_mfa == (() if by_credential else WITHOUT)
    assert changes[-1].without_mfa


def test_no_change_of_one_step_stands_before_the_way_with_mfa() -> None:
    condition = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
    found = explained(identity(allow(Condition=condition)), kind=CredentialKind.SESSION)
    assert steps(found)[0] == UseCredential(kind=CredentialKind.SESSION_MFA)
    assert UseCredential(kind=CredentialKind.ACCESS_KEY) in steps(found)


def test_a_fresh_session_is_offered_where_the_age_of_mfa_counts() -> None:
    first, *_ = only_turn(explained(identity(allow(Condition=FRESH))))
    assert first.steps == (
        UseCredential(kind=CredentialKind.SESSION_MFA),
        SetKey(key="aws:MultiFactorAuthAge", value="3599"),
    )


def test_no_age_of_mfa_is_less_than_nothing() -> None:
    found = explained(identity(allow(Condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "0"}})))
    assert not [each for each in steps(found) if isinstance(each, SetKey)]


def test_a_trust_policy_without_its_condition_lets_a_bare_key_in() -> None:
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": USER},
        "Condition": WITH_MFA,
    }
    changes = only_turn(explained(PolicySet(trust=trust(statement)), "sts:AssumeRole", resource=ROLE))
    assert {type(change.steps[0]): change.without_mfa for change in changes} == {
        UseCredential: (),
        SendCode: (),
        TakeAwayCondition: WITHOUT,
        AddStatement: WITHOUT,
    }


def test_where_mfa_was_not_asked_nobody_is_said_to_be_let_in_without() -> None:
    for policies in (identity(allow("ec2:*")), identity(allow(), deny()), identity(allow(), deny("s3:*"))):
        assert {change.without_mfa for change in only_turn(explained(policies))} == {()}


def test_a_role_that_never_has_mfa_loses_none() -> None:
    found = explained(
        identity(allow(), deny(Condition=WITHOUT_MFA)), principal=ROLE, kind=CredentialKind.ROLE_SESSION
    )
    assert {change.without_mfa for change in only_turn(found)} == {()}


def test_a_deny_that_binds_others_too_is_not_taken_away_for_a_role_without_a_word() -> None:
    full = compiled(allow())
    policies = PolicySet(
        identity=(full,), service_control=((full, compiled(deny(Condition=WITHOUT_MFA), name="deny")),)
    )
    (change,) = only_turn(explained(policies, principal=ROLE, kind=CredentialKind.ROLE_SESSION))
    assert isinstance(change.steps[0], TakeAwayStatement)
    assert CredentialKind.ROLE_SESSION in change.without_mfa
    other = PolicySet(identity=(full,), service_control=((full, compiled(deny(), name="deny")),))
    (change,) = only_turn(explained(other, principal=ROLE, kind=CredentialKind.ROLE_SESSION))
    assert change.without_mfa == ()


# Every change, made in the text itself and asked again.


def seeds() -> Iterator[tuple[str, str]]:
    for path in sorted(SEEDS.glob("*.json")):
        if path.stem not in {"seed-4-ManageMFA", "seed-3-supervisor-trust"}:
            yield path.stem, path.read_text(encoding="utf-8")


ALL = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
ASKED = ("ec2:DescribeRegions", "iam:ListUsers", "iam:ChangePassword", "s3:ListAllMyBuckets")


@pytest.mark.parametrize(
    "kind", [CredentialKind.ACCESS_KEY, CredentialKind.SESSION, CredentialKind.SESSION_MFA]
)
@pytest.mark.parametrize(("name", "text"), list(seeds()))
def test_every_change_turns_the_answer_when_it_is_made_in_the_text(
    name: str, text: str, kind: CredentialKind
) -> None:
    made = 0
    for texts in ({name: text}, {name: text, "all": ALL}):
        policies = read(texts)
        for action in ASKED:
            asked = question(policies, action, kind=kind, resource="*")
            outcome = evaluate(asked.request, policies).outcome
            for turn in explain(asked.request, policies).turns:
                for change in turn.changes:
                    after = again(change, texts, asked)
                    assert after == change.outcome
                    assert after != outcome
                    made += 1
    assert made > 8


def read(texts: dict[str, str]) -> PolicySet:
    return PolicySet(
        identity=tuple(compile_policy(parse_policy(text, name=name)) for name, text in texts.items())
    )


def again(change: Change, texts: dict[str, str], asked: Question) -> Outcome:
    documents = {name: json.loads(text) for name, text in texts.items()}
    kind, context = asked.signed_with, dict[str, Any]()
    gone: list[tuple[str, int]] = []
    for step in change.steps:
        match step:
            case UseCredential():
                kind = step.kind
            case SetKey():
                context[step.key] = step.value
            case TakeAwayStatement():
                gone.append((step.statement.policy, step.statement.index))
            case TakeAwayCondition():
                statement = statements(documents[step.statement.policy])[step.statement.index]
                if step.key is None or step.operator is None:
                    del statement["Condition"]
                else:
                    del statement["Condition"][step.operator][step.key]
                    statement["Condition"] = {
                        key: each for key, each in statement["Condition"].items() if each
                    }
            case AddStatement():
                documents["added"] = {"Version": "2012-10-17", "Statement": json.loads(step.document)}
            case SendCode():
                raise AssertionError(step)
    for policy, index in gone:
        documents[policy]["Statement"] = [
            each for at, each in enumerate(statements(documents[policy])) if at != index
        ]
    left = {name: json.dumps(each) for name, each in documents.items() if statements(each)}
    known = Known(
        context={key: value for key, value in context.items() if value is not None},
        absent=frozenset(key for key, value in context.items() if value is None),
    )
    policies = read(left)
    assert kind is not None
    after = question(policies, asked.request.action, kind=kind, resource="*", known=known)
    return evaluate(after.request, policies).outcome


def statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    found = document["Statement"]
    return found if isinstance(found, list) else [found]


# The explanation as a whole.


def test_an_explanation_holds_the_decision_its_layers_and_which_way_it_is_turned() -> None:
    policies = identity(allow(Condition=FROM_OFFICE))
    asked = question(policies)
    found = explain(asked.request, policies)
    assert found.decision == evaluate(asked.request, policies)
    assert found.layers == found.decision.trace
    assert found.question == asked
    assert [turn.to_allow for turn in found.turns] == [True, False]
    assert [turn.to_allow for turn in explained(identity(allow())).turns] == [False]
    assert [turn.to_allow for turn in explained(identity(deny())).turns] == [True]


def test_a_key_is_found_as_the_layer_sees_it() -> None:
    request = replace(
        question(identity(allow())).request,
        context={"aws:A": "own"},
        trust_context={"aws:A": "trust"},
    )
    found = explain(request, identity(allow()))
    assert found.found(Layer.TRUST, "AWS:a") == "trust"
    assert found.found(Layer.IDENTITY, "AWS:a") == "own"
    assert found.found(Layer.IDENTITY, "aws:b") is None


def test_no_fresh_session_is_offered_to_turn_an_allowance() -> None:
    old = {"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}
    found = explained(identity(allow(Condition=old)))
    assert found.decision.outcome is Outcome.ALLOWED
    assert all(len(change.steps) == 1 for change in only_turn(found))


# Two changes together.


def test_of_several_values_of_one_key_only_the_first_that_turns_the_answer_is_told() -> None:
    condition = {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "10.0.0.0/8"]}}
    found = explained(identity(allow(Condition=condition)), known=Known(context={"aws:SourceIp": "1.2.3.4"}))
    assert [each for each in steps(found) if isinstance(each, SetKey)] == [
        SetKey(key="aws:SourceIp", value="203.0.113.0")
    ]


def test_beside_another_step_one_credential_stands_for_all() -> None:
    changes = only_turn(explained(identity(deny(Condition=WITHOUT_MFA))))
    pairs = [each.steps for each in changes]
    with_addition = [first for first, second in pairs if isinstance(second, AddStatement)]
    assert [each for each in with_addition if isinstance(each, UseCredential)] == [
        UseCredential(kind=CredentialKind.SESSION_MFA)
    ]


def test_two_steps_change_two_things() -> None:
    (policy,) = identity(allow(), deny(), deny("s3:*")).identity
    one, other = policy.rules[1].ref, policy.rules[2].ref

    def gone(ref: StatementRef, layer: Layer = Layer.IDENTITY, level: int | None = None) -> TakeAwayStatement:
        return TakeAwayStatement(layer=layer, level=level, statement=ref, effect=Effect.DENY)

    free = TakeAwayCondition(
        layer=Layer.IDENTITY, level=None, statement=one, effect=Effect.DENY, operator=None, key=None
    )
    scp = Layer.SERVICE_CONTROL
    session, key = UseCredential(kind=CredentialKind.SESSION), UseCredential(kind=CredentialKind.ACCESS_KEY)
    a, b = SetKey(key="aws:a", value="1"), SetKey(key="aws:b", value="1")
    assert not _are_two(session, key)
    assert not _are_two(a, SetKey(key="aws:a", value=None))
    assert not _are_two(gone(one), gone(one))
    assert not _are_two(free, gone(one))
    for pair in (
        (session, a),
        (a, b),
        (gone(one), gone(other)),
        (free, gone(other)),
        (gone(one), gone(one, Layer.BOUNDARY)),
        (gone(one, scp, 0), gone(one, scp, 1)),
        (a, gone(one)),
    ):
        assert _are_two(*pair)


def test_the_search_says_when_it_was_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    policies = identity(allow(), deny(), deny(), deny())  # three pairs, none of which is enough
    asked = question(policies)

    def complete(most: int) -> bool:
        monkeypatch.setattr(explanation, "MAX_PAIRS", most)
        (turn,) = explain(replace(asked.request, credential=None), policies).turns
        assert turn.changes == ()
        return turn.complete

    assert [complete(most) for most in (2, 3, 4)] == [False, True, True]
    monkeypatch.setattr(explanation, "MAX_PAIRS", 1)
    pair = identity(allow(), deny(), deny())
    (turn,) = explain(replace(question(pair).request, credential=None), pair).turns
    assert (len(turn.changes), turn.complete) == (1, True)


def test_a_change_that_lets_in_without_mfa_comes_last() -> None:
    policies = identity(allow(), deny(Condition={**WITHOUT_MFA, "Null": {"aws:SourceIp": "false"}}))
    found = explained(policies, known=Known(context={"aws:SourceIp": "1.2.3.4"}))
    warned = [bool(change.without_mfa) for change in only_turn(found)]
    assert warned == sorted(warned)
    assert warned[-1]
