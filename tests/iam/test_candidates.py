"""Which changes are tried to turn an answer, in which order, and how an added statement is worded."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from iam.policies import USER, Statement, allow, compiled, deny
from watchword.iam import (
    UNKNOWN,
    AddStatement,
    Assumptions,
    Call,
    CompiledPolicy,
    CredentialKind,
    Known,
    Layer,
    MfaState,
    PolicySet,
    Question,
    SendCode,
    SetKey,
    TakeAwayCondition,
    TakeAwayStatement,
    UseCredential,
    ask,
    principal_from_arn,
    signer,
)
from watchword.iam._candidates import candidates, fresh_credentials
from watchword.iam.policy import Effect
from watchword.iam.trace import layers

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/admin"
PRESENT, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
WITH_MFA = {"Bool": {PRESENT: "true"}}


def question(
    policies: PolicySet,
    action: str = "s3:GetObject",
    resource: str = "arn:aws:s3:::bucket/key",
    *,
    principal: str = USER,
    kind: CredentialKind | None = CredentialKind.ACCESS_KEY,
    known: Known | None = None,
    with_code: bool = False,
) -> Question:
    who = principal_from_arn(principal)
    signing = signer(who, kind) if kind else who
    assert signing is not None
    call = Call(action=action, resource=resource, with_code=with_code)
    return ask(call, signing, kind, policies, known=known or Known())


def tried(asked: Question, *, to_allow: bool = True) -> list[object]:
    return list(candidates(asked, layers(asked.request, asked.policies), to_allow=to_allow))


def identity(*statements: Statement) -> PolicySet:
    return PolicySet(identity=(compiled(*statements),))


def naming(who: object, *statements: Statement) -> CompiledPolicy:
    return compiled(*({**each, "Principal": who} for each in statements))


def kinds(asked: Question, *, to_allow: bool) -> list[CredentialKind]:
    return [each.kind for each in tried(asked, to_allow=to_allow) if isinstance(each, UseCredential)]


def added(asked: Question) -> list[tuple[Layer, int | None, dict[str, object]]]:
    return [
        (each.layer, each.level, json.loads(each.document))
        for each in tried(asked)
        if isinstance(each, AddStatement)
    ]


# -- credentials and codes


def test_whoever_wants_in_is_told_of_credentials_with_mfa_first() -> None:
    asked = question(identity(allow(Condition=WITH_MFA)))
    in_order = [each for each in CredentialKind if each in set(kinds(asked, to_allow=False))]
    assert kinds(asked, to_allow=False) == in_order
    with_mfa = {CredentialKind.SESSION_MFA, CredentialKind.CONSOLE_MFA, CredentialKind.FORWARDED_MFA}
    wanted = kinds(asked, to_allow=True)
    assert set(wanted[:3]) == with_mfa
    assert wanted == [each for each in in_order if each in with_mfa] + [
        each for each in in_order if each not in with_mfa
    ]
    assert CredentialKind.ACCESS_KEY not in wanted


def test_without_a_credential_or_with_a_code_no_other_credential_is_tried() -> None:
    policies = identity(allow(Condition=WITH_MFA))
    assert kinds(replace(question(policies), signed_with=None), to_allow=True) == []
    with_code = question(policies, "sts:AssumeRole", ROLE, with_code=True)
    assert kinds(with_code, to_allow=True) == []


@pytest.mark.parametrize(
    ("action", "kind", "with_code", "sent"),
    [
        ("sts:AssumeRole", CredentialKind.ACCESS_KEY, False, True),
        ("sts:AssumeRole", CredentialKind.ACCESS_KEY, True, False),
        ("sts:AssumeRole", CredentialKind.SESSION, False, None),
        ("sts:GetFederationToken", CredentialKind.ACCESS_KEY, False, None),
        ("s3:AssumeRole", CredentialKind.ACCESS_KEY, False, None),
    ],
)
def test_a_code_goes_with_an_assume_role_call_of_a_long_term_key(
    action: str, kind: CredentialKind, with_code: bool, sent: bool | None
) -> None:
    asked = question(identity(allow()), action, ROLE, kind=kind, with_code=with_code)
    assert [each for each in tried(asked) if isinstance(each, SendCode)] == (
        [] if sent is None else [SendCode(sent=sent)]
    )


def test_a_fresh_session_has_an_age_that_a_condition_names() -> None:
    condition = {"NumericLessThan": {"AWS:multifactorauthage": ["60", "0.5"]}}
    asked = question(identity(allow(Condition=condition)))
    found = fresh_credentials(asked, layers(asked.request, asked.policies))
    assert [(use.kind, key.value) for use, key in found] == [
        (kind, age)
        for kind in (CredentialKind.SESSION_MFA, CredentialKind.CONSOLE_MFA, CredentialKind.FORWARDED_MFA)
        for age in ("60", "59", "61")
    ]
    assert {key.key for _, key in found} == {AGE}
    other = question(identity(allow(Condition={"NumericLessThan": {"s3:max-keys": "60"}})))
    assert fresh_credentials(other, layers(other.request, other.policies)) == []


# -- keys


def keys(asked: Question) -> list[tuple[str, str | None]]:
    return [(each.key, each.value) for each in tried(asked) if isinstance(each, SetKey)]


def test_a_key_is_tried_with_the_values_of_all_conditions_on_it_and_absent() -> None:
    policies = identity(
        allow(Condition={"StringEquals": {"aws:RequestedRegion": ["a", "b"]}}),
        deny(Condition={"StringLike": {"AWS:requestedregion": "c*"}}),
    )
    asked = question(policies, known=Known(context={"aws:RequestedRegion": "b"}))
    key = "AWS:requestedregion"  # as it is written first: what denies is looked at first
    assert keys(asked) == [(key, value) for value in ("cexample", "example", "a", None)]


def test_some_keys_are_in_every_request_and_are_not_tried_absent() -> None:
    for key in ("aws:CurrentTime", "aws:EpochTime", "aws:SecureTransport", "aws:TokenIssueTime"):
        asked = question(identity(allow(Condition={"Null": {key: "false"}})), kind=CredentialKind.SESSION)
        assert (key, None) not in keys(asked)
    assert ("aws:SourceIp", None) in keys(
        question(identity(allow(Condition={"Null": {"aws:SourceIp": "true"}})))
    )


def test_mfa_is_tried_as_a_key_only_where_nobody_knows_it() -> None:
    policies = identity(allow(Condition=WITH_MFA))
    assert keys(question(policies)) == []
    open_ = question(policies, kind=CredentialKind.LOGIN_MFA)
    assert open_.request.folded[PRESENT.lower()] is UNKNOWN
    assert keys(open_) == [(PRESENT, "true"), (PRESENT, "false"), (PRESENT, None)]


def test_no_more_than_twelve_values_of_a_key_are_tried() -> None:
    values = [f"v{at}" for at in range(20)]
    asked = question(identity(allow(Condition={"StringEquals": {"aws:a": values}})))
    assert keys(asked) == [("aws:a", value) for value in (*values[:12], None)]


def test_conditions_of_statements_about_something_else_are_not_tried() -> None:
    condition = {"StringEquals": {"aws:a": "1"}}
    elsewhere = {**allow(Condition=condition), "Resource": "arn:aws:s3:::other"}
    assert keys(question(identity(elsewhere))) == []


# -- statements and conditions


def test_to_be_allowed_denials_are_taken_away_and_conditions_of_allowances() -> None:
    policies = identity(
        allow(Condition={"StringEquals": {"aws:a": "1", "aws:b": "2"}}),
        deny(),
        deny(Condition={"StringEquals": {"aws:c": "3"}}),
        deny(Condition={"Null": {"aws:RequestedRegion": "false"}}),
    )
    (policy,) = policies.identity
    refs = [rule.ref for rule in policy.rules]
    known = Known(context={"aws:a": "0", "aws:b": "2"}, absent=frozenset({"aws:RequestedRegion"}))
    asked = question(policies, known=known)

    def without(at: int, effect: Effect, operator: str | None, key: str | None) -> TakeAwayCondition:
        return TakeAwayCondition(
            layer=Layer.IDENTITY, level=None, statement=refs[at], effect=effect, operator=operator, key=key
        )

    def gone(at: int, effect: Effect) -> TakeAwayStatement:
        return TakeAwayStatement(layer=Layer.IDENTITY, level=None, statement=refs[at], effect=effect)

    found = [each for each in tried(asked) if isinstance(each, TakeAwayStatement | TakeAwayCondition)]
    assert found == [
        gone(1, Effect.DENY),
        gone(2, Effect.DENY),
        without(0, Effect.ALLOW, "StringEquals", "aws:a"),
    ]
    open_ = question(policies, known=Known())
    found = [each for each in tried(open_, to_allow=False) if isinstance(each, TakeAwayCondition)]
    assert found == [
        without(2, Effect.DENY, "StringEquals", "aws:c"),
        without(3, Effect.DENY, "Null", "aws:RequestedRegion"),
    ]
    taken = [each for each in tried(open_, to_allow=False) if isinstance(each, TakeAwayStatement)]
    assert taken == [gone(0, Effect.ALLOW)]
    both = [each for each in tried(open_) if isinstance(each, TakeAwayCondition)]
    assert both == [
        without(0, Effect.ALLOW, "StringEquals", "aws:a"),
        without(0, Effect.ALLOW, "StringEquals", "aws:b"),
        without(0, Effect.ALLOW, None, None),
    ]


def test_a_statement_that_something_else_keeps_away_is_left_alone() -> None:
    elsewhere = {**allow(Condition=WITH_MFA), "Resource": "arn:aws:s3:::other"}
    kept = {**deny(), "Resource": "arn:aws:s3:::other"}
    found = tried(question(identity(elsewhere, kept)))
    assert not [each for each in found if isinstance(each, TakeAwayStatement | TakeAwayCondition)]


def test_what_is_taken_away_is_told_with_its_level() -> None:
    full = compiled(allow())
    policies = PolicySet(
        identity=(full,),
        service_control=((full,), (compiled(allow(), deny(), deny(Condition={"Null": {"aws:x": "true"}})),)),
    )
    found = [each for each in tried(question(policies)) if isinstance(each, TakeAwayStatement)]
    assert {(each.layer, each.level) for each in found} == {(Layer.SERVICE_CONTROL, 1)}
    conditions = [
        each for each in tried(question(policies), to_allow=False) if isinstance(each, TakeAwayCondition)
    ]
    assert {(each.layer, each.level) for each in conditions} == {(Layer.SERVICE_CONTROL, 1)}


# -- statements added


CALL: Statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/key"}


def test_every_layer_that_does_not_surely_allow_gets_the_narrowest_statement() -> None:
    other = compiled(allow("ec2:*"))
    policies = PolicySet(
        identity=(other,),
        permissions_boundary=other,
        session=(compiled(allow(Condition={"StringEquals": {"aws:a": "1"}})),),
        service_control=((compiled(allow()),), (other,)),
        resource_control=((naming("*", deny("ec2:*")),),),
        endpoint=(naming("*", allow("ec2:*")),),
    )
    found = added(question(policies, principal=ROLE, kind=CredentialKind.ROLE_SESSION))
    assert found == [
        (Layer.SERVICE_CONTROL, 1, CALL),
        (Layer.ENDPOINT, 0, {**CALL, "Principal": "*"}),
        (Layer.IDENTITY, None, CALL),
        (Layer.BOUNDARY, None, CALL),
        (Layer.SESSION, None, CALL),
    ]
    assert not [each for each in tried(question(policies), to_allow=False) if isinstance(each, AddStatement)]


@pytest.mark.parametrize(
    ("principal", "kind", "named"),
    [
        (USER, CredentialKind.ACCESS_KEY, {"AWS": USER}),
        (ROLE, CredentialKind.ROLE_SESSION, {"AWS": ROLE}),
        ("sns.amazonaws.com", CredentialKind.SERVICE, {"Service": "sns.amazonaws.com"}),
        ("anonymous", None, "*"),
        (
            f"arn:aws:iam::{ACCOUNT}:saml-provider/idp",
            None,
            {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/idp"},
        ),
    ],
)
def test_the_policy_of_a_resource_names_who_asks(
    principal: str, kind: CredentialKind | None, named: object
) -> None:
    policies = PolicySet(identity=(compiled(allow("ec2:*")),), resource=naming("*", allow("s3:PutObject")))
    found = {
        layer: document for layer, _, document in added(question(policies, principal=principal, kind=kind))
    }
    assert found[Layer.RESOURCE] == {**CALL, "Principal": named}


def test_a_role_gets_a_trust_policy_and_a_key_a_key_policy() -> None:
    found = added(question(PolicySet(), "sts:AssumeRole", ROLE))
    trusting = {"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "sts:AssumeRole"}
    assert (Layer.TRUST, None, trusting) in found
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
    found = added(question(PolicySet(), "kms:Decrypt", key))
    letting = {"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "kms:Decrypt"}
    assert (Layer.KEY, None, {**letting, "Resource": "*"}) in found
    assert (Layer.IDENTITY, None, {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}) in found
    assert len(found) == len({(layer, level) for layer, level, _ in found})


def test_another_account_gets_a_policy_and_ones_own_resource_none() -> None:
    queue = "arn:aws:sqs:eu-west-1:999999999999:q"
    found = added(question(PolicySet(), "sqs:SendMessage", queue))
    assert [layer for layer, _, _ in found] == [Layer.RESOURCE, Layer.IDENTITY]
    own = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"
    assert [layer for layer, _, _ in added(question(PolicySet(), "sqs:SendMessage", own))] == [Layer.IDENTITY]


def test_what_cannot_stand_in_a_policy_is_not_added() -> None:
    odd = question(PolicySet(), "s3:GetObject", "not an arn")
    assert added(odd) == []


def test_an_added_statement_is_written_as_people_write_it() -> None:
    (step,) = (each for each in tried(question(PolicySet())) if isinstance(each, AddStatement))
    assert step.document == (
        '{\n  "Effect": "Allow",\n  "Action": "s3:GetObject",\n  "Resource": "arn:aws:s3:::bucket/key"\n}'
    )


def test_the_assumptions_say_which_credentials_have_mfa() -> None:
    asked = question(identity(allow(Condition=WITH_MFA)))
    assumptions = Assumptions(console_with_mfa=MfaState.FALSE, forwarded_from_mfa_session=MfaState.FALSE)
    assumed = replace(asked, request=replace(asked.request, assumptions=assumptions))
    assert kinds(assumed, to_allow=True)[0] is CredentialKind.SESSION_MFA
    condition = {"NumericLessThan": {AGE: "60"}}
    aged = replace(assumed, policies=identity(allow(Condition=condition)))
    found = fresh_credentials(aged, layers(aged.request, aged.policies))
    assert {use.kind for use, _ in found} == {CredentialKind.SESSION_MFA}


def test_a_key_after_one_that_is_settled_is_tried() -> None:
    conditions = {"StringEquals": {"aws:username": "bob", "aws:a": "1"}}
    asked = question(identity(allow(Condition=conditions)))
    assert keys(asked) == [("aws:a", "1"), ("aws:a", "example"), ("aws:a", None)]


def test_a_key_that_only_the_trust_policy_sees_is_looked_up_there() -> None:
    trusting = naming(
        {"AWS": USER},
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Condition": WITH_MFA, "Resource": "*"},
    )
    asked = question(PolicySet(trust=trusting), "sts:AssumeRole", ROLE)
    split = replace(asked.request, context={}, trust_context={PRESENT: UNKNOWN})
    assert [value for _, value in keys(replace(asked, request=split))] == ["true", "false"]
    settled = replace(asked.request, context={PRESENT: UNKNOWN}, trust_context={PRESENT: "false"})
    assert [value for _, value in keys(replace(asked, request=settled))] == ["true", "false", None]


def test_what_the_service_refuses_does_not_hide_what_the_policies_lack() -> None:
    asked = question(PolicySet(), "iam:ListUsers", "*", kind=CredentialKind.SESSION)
    wanted: Statement = {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}
    assert added(asked) == [(Layer.IDENTITY, None, wanted)]


def test_whoever_is_nobody_needs_a_policy_of_the_resource_and_root_no_policy_of_its_own() -> None:
    assert added(question(PolicySet(), principal="anonymous", kind=None)) == [
        (Layer.RESOURCE, None, {**CALL, "Principal": "*"})
    ]
    root = question(PolicySet(), principal=f"arn:aws:iam::{ACCOUNT}:root", kind=CredentialKind.ROOT_KEY)
    assert added(root) == []
