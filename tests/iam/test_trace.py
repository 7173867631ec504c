"""The long form of a decision: what each layer, statement and condition says, field by field."""

from __future__ import annotations

import json

import pytest

from iam.policies import USER, allow, compiled, deny, request
from watchword.iam import (
    UNKNOWN,
    CompiledPolicy,
    CredentialKind,
    LayerTrace,
    Match,
    Outcome,
    PolicyKind,
    PolicySet,
    Request,
    StatementTrace,
    compile_policy,
    evaluate,
    parse_policy,
)
from watchword.iam.decision import ConditionTrace, Element
from watchword.iam.outcome import Layer
from watchword.iam.policy import Effect
from watchword.iam.trace import layers

ACCOUNT = "123456789012"
PRESENT = "aws:MultiFactorAuthPresent"
TEXT = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*",
     "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"},
                   "StringLike": {"aws:UserAgent": ["a*", "b"], "aws:a": "1"}}},
    {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::other/*"}
  ]
}"""


def policy(text: str = TEXT) -> CompiledPolicy:
    return compile_policy(parse_policy(text, name="mine"))


def only(asked: Request, policies: PolicySet, layer: Layer = Layer.IDENTITY) -> LayerTrace:
    (found,) = (each for each in layers(asked, policies) if each.layer is layer)
    return found


def test_a_statement_is_shown_with_each_of_its_conditions_and_where_they_stand() -> None:
    document = policy()
    asked = request(context={PRESENT: "true", "aws:UserAgent": "c", "aws:a": UNKNOWN})
    found = only(asked, PolicySet(identity=(document,)))
    denying, allowing = found.statements  # what denies is shown first
    assert allowing == StatementTrace(
        ref=document.rules[0].ref,
        effect=Effect.ALLOW,
        match=Match.NO,
        failed=Element.CONDITION,
        conditions=(
            ConditionTrace(
                operator="Bool", key=PRESENT, values=("true",), line=5, column=29, match=Match.YES
            ),
            ConditionTrace(
                operator="StringLike",
                key="aws:UserAgent",
                values=("a*", "b"),
                line=6,
                column=35,
                match=Match.NO,
            ),
            ConditionTrace(
                operator="StringLike", key="aws:a", values=("1",), line=6, column=65, match=Match.UNKNOWN
            ),
        ),
        missing=(),
    )
    assert denying == StatementTrace(
        ref=document.rules[1].ref,
        effect=Effect.DENY,
        match=Match.NO,
        failed=Element.RESOURCE,
        conditions=(),
        missing=(),
    )
    assert (found.outcome, found.note, found.level) == (Outcome.IMPLICIT_DENY, None, None)


def test_what_hangs_on_unknown_keys_names_them_in_order() -> None:
    asked = request(context={PRESENT: "true", "aws:UserAgent": UNKNOWN, "aws:a": UNKNOWN})
    found = only(asked, PolicySet(identity=(policy(),)))
    allowing = found.statements[1]
    assert (allowing.match, allowing.failed) == (Match.UNKNOWN, None)
    assert allowing.missing == ("aws:UserAgent", "aws:a")
    assert found.outcome is Outcome.UNDETERMINED


def test_statements_about_other_actions_are_not_shown() -> None:
    found = only(request("s3:PutObject"), PolicySet(identity=(policy(),)))
    assert [each.ref.index for each in found.statements] == [1]
    assert only(request("ec2:RunInstances"), PolicySet(identity=(policy(),))).statements == ()


MAYBE = {"StringEquals": {"aws:a": "1"}}


@pytest.mark.parametrize(
    ("statements", "outcome"),
    [
        ([allow()], Outcome.ALLOWED),
        ([], Outcome.IMPLICIT_DENY),
        ([deny()], Outcome.EXPLICIT_DENY),
        ([allow(), deny()], Outcome.EXPLICIT_DENY),
        ([allow(Condition=MAYBE)], Outcome.UNDETERMINED),
        ([allow(), allow(Condition=MAYBE)], Outcome.ALLOWED),
        ([allow(), deny(Condition=MAYBE)], Outcome.UNDETERMINED),
        ([deny(Condition=MAYBE)], Outcome.IMPLICIT_DENY),
        ([deny(), deny(Condition=MAYBE)], Outcome.EXPLICIT_DENY),
        ([allow(Condition=MAYBE), deny(Condition=MAYBE)], Outcome.UNDETERMINED),
    ],
)
def test_a_layer_has_an_outcome_of_its_own(statements: list[dict[str, object]], outcome: Outcome) -> None:
    document = compiled(*statements) if statements else compiled(allow("ec2:*"))
    policies = PolicySet(identity=(document,))
    found = only(request(context={"aws:a": UNKNOWN}), policies)
    assert found.outcome is outcome


def naming(who: object) -> CompiledPolicy:
    return compiled({**allow(), "Principal": who}, name="resource")


@pytest.mark.parametrize(
    ("who", "match", "failed"),
    [
        ({"AWS": USER}, Match.YES, None),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"}, Match.NO, Element.PRINCIPAL),
        ("*", Match.YES, None),
    ],
)
def test_a_statement_with_principals_says_whether_it_names_the_caller(
    who: object, match: Match, failed: Element | None
) -> None:
    (statement,) = only(request(), PolicySet(resource=naming(who)), Layer.RESOURCE).statements
    assert (statement.match, statement.failed) == (match, failed)


def test_a_trust_policy_is_held_against_the_context_of_its_side() -> None:
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": USER},
                "Action": "sts:AssumeRole",
                "Condition": {"Bool": {PRESENT: "true"}},
            },
        }
    )
    trust = compile_policy(parse_policy(text, name="trust", kind=PolicyKind.TRUST))
    own = compiled(allow(Condition={"Bool": {PRESENT: "true"}}))
    asked = request(
        "sts:AssumeRole",
        f"arn:aws:iam::{ACCOUNT}:role/ops",
        context={PRESENT: "false"},
        trust_context={PRESENT: "true"},
    )
    policies = PolicySet(identity=(own,), trust=trust)
    (trusting,) = only(asked, policies, Layer.TRUST).statements
    (owned,) = only(asked, policies).statements
    assert (trusting.match, owned.match) == (Match.YES, Match.NO)


def test_resource_control_policies_allow_what_they_do_not_deny() -> None:
    rcp = compiled({**deny("s3:Put*", Condition=MAYBE), "Principal": "*"})
    policies = PolicySet(identity=(compiled(allow()),), resource_control=((rcp,),))
    context = {"aws:a": UNKNOWN}
    assert only(request(), policies, Layer.RESOURCE_CONTROL).outcome is Outcome.ALLOWED
    put = only(request("s3:PutObject", context=context), policies, Layer.RESOURCE_CONTROL)
    assert (put.outcome, put.level, len(put.statements)) == (Outcome.UNDETERMINED, 0, 1)


# -- layers that speak without a statement


def test_a_call_that_needs_no_permission_says_so() -> None:
    asked = request("sts:GetCallerIdentity", "*", credential=CredentialKind.ACCESS_KEY)
    assert only(asked, PolicySet(), Layer.SERVICE) == LayerTrace(
        layer=Layer.SERVICE,
        outcome=Outcome.ALLOWED,
        statements=(),
        note="sts:GetCallerIdentity needs no permission",
    )


def test_a_refusal_of_the_service_is_told_in_its_own_words_beside_what_the_policies_say() -> None:
    asked = request("iam:ListUsers", "*", credential=CredentialKind.SESSION)
    policies = PolicySet(identity=(compiled(allow()),))
    decision = evaluate(asked, policies)
    service, own = layers(asked, policies)
    assert (service.layer, service.outcome) == (Layer.SERVICE, Outcome.IMPLICIT_DENY)
    assert service.note == f"{decision.aws_code}: {decision.aws_message}"
    assert (own.layer, own.outcome) == (Layer.IDENTITY, Outcome.ALLOWED)


def test_root_is_told_to_need_nothing_in_its_own_account_and_the_owner_elsewhere() -> None:
    root = f"arn:aws:iam::{ACCOUNT}:root"
    tail = ": identity policies and boundaries do not bind it"
    alone = only(request(principal=root), PolicySet(), Layer.ROOT)
    assert (alone.outcome, alone.statements) == (Outcome.ALLOWED, ())
    assert alone.note == f"root is allowed by itself{tail}"
    elsewhere = request("sqs:SendMessage", "arn:aws:sqs:eu-west-1:999999999999:q", principal=root)
    assert only(elsewhere, PolicySet(), Layer.ROOT).note == f"root has all permissions on its own side{tail}"
    key = request("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1", principal=root)
    assert only(key, PolicySet(), Layer.ROOT).note == f"root has all permissions on its own side{tail}"


def test_root_of_the_owner_may_always_put_a_bucket_policy_right() -> None:
    shut = compiled({**deny("s3:*"), "Principal": "*"})
    asked = request(
        "s3:PutBucketPolicy",
        "arn:aws:s3:::bucket",
        principal=f"arn:aws:iam::{ACCOUNT}:root",
        credential=CredentialKind.ROOT_KEY,
    )
    found = [each for each in layers(asked, PolicySet(resource=shut)) if each.layer is Layer.RESOURCE]
    assert "root of the bucket's owner may always put its policy right" in [each.note for each in found]


def test_a_federated_user_without_a_session_policy_is_told_so() -> None:
    asked = request(principal=f"arn:aws:sts::{ACCOUNT}:federated-user/bob")
    found = only(asked, PolicySet(identity=(compiled(allow()),)), Layer.SESSION)
    assert found.outcome is Outcome.IMPLICIT_DENY
    assert found.note == "a federated user session without a session policy may do nothing by itself"


def test_a_level_without_policies_allows_nothing() -> None:
    policies = PolicySet(identity=(compiled(allow()),), service_control=((compiled(allow()),), ()))
    first, second = (each for each in layers(request(), policies) if each.layer is Layer.SERVICE_CONTROL)
    assert (first.outcome, first.note, first.level) == (Outcome.ALLOWED, None, 0)
    assert (second.outcome, second.level) == (Outcome.IMPLICIT_DENY, 1)
    assert second.note == "there is no policy, so nothing is allowed"
    passed = PolicySet(identity=(compiled(allow()),), session=())
    assert only(request(), passed, Layer.SESSION).note == "there is no policy, so nothing is allowed"


def test_a_caller_of_another_account_needs_its_own_policies_too() -> None:
    asked = request("sqs:SendMessage", "arn:aws:sqs:eu-west-1:999999999999:q")
    found = only(asked, PolicySet(resource=naming({"AWS": USER})), Layer.RESOURCE)
    assert found.note == "the caller is of another account: its own policies must allow too"


def test_a_role_that_assumes_itself_is_told_what_it_lacks() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/dev"
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/dev/alice"
    other = naming({"AWS": USER})
    policies = PolicySet(identity=(compiled(allow()),), trust=other)
    asked = request("sts:AssumeRole", role, principal=session)
    assert only(asked, policies, Layer.TRUST).note == (
        "a role that assumes itself must be trusted as any other caller"
    )
    elsewhere = request("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/ops", principal=session)
    assert only(elsewhere, policies, Layer.TRUST).note is None


@pytest.mark.parametrize(
    ("principal", "note"),
    [
        (
            "sns.amazonaws.com",
            "no policy of the resource is given, and nothing else could let this caller in",
        ),
        ("anonymous", "no policy of the resource is given, and nothing else could let this caller in"),
    ],
)
def test_who_has_no_policies_of_its_own_needs_the_resources(principal: str, note: str) -> None:
    found = only(request(principal=principal), PolicySet(), Layer.RESOURCE)
    assert (found.outcome, found.note) == (Outcome.IMPLICIT_DENY, note)
