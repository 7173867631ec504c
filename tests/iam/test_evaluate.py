"""What holds for every decision, and what the case files cannot say."""

from __future__ import annotations

import decimal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam.case_files import FILES, cases_of
from iam.policies import USER, Statement, allow, compiled, deny, request
from watchword.iam import (
    UNKNOWN,
    CompiledPolicy,
    ContextValue,
    CredentialKind,
    Decision,
    Element,
    Layer,
    Match,
    Outcome,
    PolicyKind,
    PolicySet,
    evaluate,
    principal_from_arn,
)

DENIALS: Final = {Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY}
MFA: Final = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
TRUST: Final[Statement] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": USER}}

actions = st.sampled_from(["*", "s3:*", "s3:Get*", "s3:GetObject", "ec2:*", "s3:Put?bject"])
resources = st.sampled_from(
    ["*", "arn:aws:s3:::bucket/*", "arn:aws:s3:::other/*", "arn:aws:s3:::${aws:A}/key"]
)
operators = st.sampled_from(
    ["StringEquals", "StringNotEquals", "StringLikeIfExists", "Null", "ForAllValues:StringLike", "Bool"]
)
conditions = st.none() | st.builds(
    lambda operator, key, value: {operator: {key: value}},
    operators,
    st.sampled_from(["aws:A", "aws:B", "aws:MultiFactorAuthPresent"]),
    st.sampled_from(["true", "bucket", "*", ["bucket", "true"]]),
)
values = st.sampled_from(["true", "false", "bucket", "", ("bucket", "x"), UNKNOWN])
contexts = st.dictionaries(st.sampled_from(["aws:A", "aws:B", "aws:MultiFactorAuthPresent"]), values)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    statement: Statement = {"Effect": draw(st.sampled_from(["Allow", "Deny"]))}
    statement[draw(st.sampled_from(["Action", "NotAction"]))] = draw(actions)
    statement[draw(st.sampled_from(["Resource", "NotResource"]))] = draw(resources)
    condition = draw(conditions)
    if condition is not None:
        statement["Condition"] = condition
    return statement


lists = st.lists(statements(), min_size=1, max_size=5)


def decide(found: list[Statement], context: dict[str, ContextValue]) -> Decision:
    return evaluate(request(context=context), PolicySet(identity=(compiled(*found),)))


@given(lists, contexts)
def test_adding_an_allow_never_turns_allowed_into_denied(
    found: list[Statement], context: dict[str, ContextValue]
) -> None:
    if decide(found, context).allowed:
        assert decide([*found, allow("s3:*")], context).allowed


@given(lists, contexts)
def test_a_certain_deny_always_wins(found: list[Statement], context: dict[str, ContextValue]) -> None:
    assert decide([*found, deny("s3:*")], context).outcome is Outcome.EXPLICIT_DENY


@given(lists, contexts)
def test_adding_a_deny_never_turns_denied_into_allowed(
    found: list[Statement], context: dict[str, ContextValue]
) -> None:
    if decide(found, context).outcome in DENIALS:
        assert decide([*found, deny("ec2:*")], context).outcome in DENIALS


@given(st.data(), lists, contexts)
def test_the_order_of_statements_does_not_matter(
    data: st.DataObject, found: list[Statement], context: dict[str, ContextValue]
) -> None:
    shuffled = data.draw(st.permutations(found))
    first, second = decide(found, context), decide(shuffled, context)
    assert (first.outcome, first.missing) == (second.outcome, second.missing)


@given(lists, contexts)
def test_one_policy_or_many_is_the_same(found: list[Statement], context: dict[str, ContextValue]) -> None:
    split = PolicySet(identity=tuple(compiled(each) for each in found))
    assert decide(found, context).outcome is evaluate(request(context=context), split).outcome


@given(lists, contexts, st.sampled_from(["true", "false", "bucket", ("bucket", "x"), None]))
def test_a_certain_answer_holds_whatever_the_unknown_key_turns_out_to_be(
    found: list[Statement], context: dict[str, ContextValue], value: ContextValue | None
) -> None:
    decision = decide(found, {**context, "aws:A": UNKNOWN})
    known = {key: each for key, each in context.items() if key != "aws:A"}
    if value is not None:
        known["aws:A"] = value
    settled = decide(found, known)
    if decision.allowed:
        assert settled.allowed
    if decision.outcome is Outcome.EXPLICIT_DENY:
        assert settled.outcome is Outcome.EXPLICIT_DENY
    if decision.outcome is Outcome.IMPLICIT_DENY:
        assert settled.outcome in DENIALS


@given(lists, contexts)
def test_the_trace_says_the_same_as_the_decision(
    found: list[Statement], context: dict[str, ContextValue]
) -> None:
    decision = decide(found, context)
    (layer,) = decision.trace
    assert layer.outcome is (Outcome.UNDETERMINED if decision.in_every_mfa_state else decision.outcome)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_deciding_layer_of_a_case_says_in_the_trace_what_was_decided(path: Path) -> None:
    for case in cases_of(path):
        decision = evaluate(case.request, case.policies)
        said = {trace.outcome for trace in decision.trace if trace.layer is decision.layer}
        if decision.outcome in DENIALS and not decision.in_every_mfa_state:
            assert decision.outcome in said, case.name
        matching = {
            statement.ref
            for trace in decision.trace
            for statement in trace.statements
            if statement.match is not Match.NO
        }
        assert set(decision.statements) <= matching, case.name


def ref_of(decision: Decision) -> tuple[str, str | None, int]:
    (ref,) = decision.statements
    return ref.policy, ref.sid, ref.index


def test_the_deciding_statement_is_named_with_its_policy_sid_and_place() -> None:
    policies = PolicySet(
        identity=(
            compiled(allow("ec2:*"), allow("s3:*", Sid="Objects"), name="first"),
            compiled(allow(), deny("iam:*", Sid="NoIam"), name="second"),
        )
    )
    assert ref_of(evaluate(request("s3:GetObject"), policies)) == ("first", "Objects", 1)
    assert ref_of(evaluate(request("iam:GetUser"), policies)) == ("second", "NoIam", 1)
    assert ref_of(evaluate(request("sns:Publish"), policies)) == ("second", None, 0)


def test_the_trace_says_which_condition_failed_and_where() -> None:
    decision = evaluate(request(), PolicySet(identity=(compiled(allow(Condition=MFA)),)))
    (layer,) = decision.trace
    (statement,) = layer.statements
    assert (layer.layer, layer.outcome) == (Layer.IDENTITY, Outcome.IMPLICIT_DENY)
    assert (statement.match, statement.failed) == (Match.NO, Element.CONDITION)
    (condition,) = statement.conditions
    assert (condition.operator, condition.key, condition.match) == (
        "Bool",
        "aws:MultiFactorAuthPresent",
        Match.NO,
    )
    assert condition.line == 1


def test_the_trace_leaves_out_statements_about_other_actions() -> None:
    decision = evaluate(request(), PolicySet(identity=(compiled(allow("ec2:*"), deny("iam:*")),)))
    assert decision.trace[0].statements == ()


def test_a_denial_names_the_layer_that_refused() -> None:
    everything, nothing = compiled(allow()), compiled(allow("ec2:*"))
    by_layer = {
        Layer.IDENTITY: PolicySet(identity=(nothing,), permissions_boundary=everything),
        Layer.BOUNDARY: PolicySet(identity=(everything,), permissions_boundary=nothing),
        Layer.SESSION: PolicySet(identity=(everything,), session=(nothing,)),
    }
    for layer, policies in by_layer.items():
        decision = evaluate(request(), policies)
        assert (decision.outcome, decision.layer) == (Outcome.IMPLICIT_DENY, layer)


def test_the_layer_that_refuses_a_trusted_role_is_one_that_was_needed() -> None:
    role = "arn:aws:iam::123456789012:role/dev"
    policies = PolicySet(
        permissions_boundary=compiled(allow("s3:*")),
        trust=compiled({**TRUST, "Principal": {"AWS": role}}),
    )
    session = "arn:aws:sts::123456789012:assumed-role/dev/alice"
    asked = request("sts:AssumeRole", "arn:aws:iam::123456789012:role/ops", principal=session)
    assert evaluate(asked, policies).layer is Layer.BOUNDARY


def test_a_refusal_of_the_service_carries_aws_own_words() -> None:
    asked = request("iam:ListUsers", "*", credential=CredentialKind.SESSION)
    decision = evaluate(asked, PolicySet(identity=(compiled(allow()),)))
    assert (decision.outcome, decision.layer) == (Outcome.IMPLICIT_DENY, Layer.SERVICE)
    assert decision.aws_code == "InvalidClientTokenId"
    assert decision.aws_message == "The security token included in the request is invalid"
    assert [trace.layer for trace in decision.trace] == [Layer.SERVICE, Layer.IDENTITY]


def test_the_trust_policy_has_a_context_of_its_own() -> None:
    policies = PolicySet(
        identity=(compiled(deny(Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})),),
        trust=compiled({**TRUST, "Condition": MFA}),
    )
    role = "arn:aws:iam::123456789012:role/ops"
    seen = {"aws:MultiFactorAuthPresent": "true"}
    asked = request("sts:AssumeRole", role, trust_context=seen)
    assert evaluate(asked, policies).outcome is Outcome.ALLOWED
    assert evaluate(request("sts:AssumeRole", role), policies).outcome is Outcome.IMPLICIT_DENY


def test_an_undetermined_answer_names_what_is_missing_and_where() -> None:
    policies = PolicySet(identity=(compiled(allow(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})),))
    decision = evaluate(request(context={"AWS:SOURCEVPC": UNKNOWN}), policies)
    assert decision.outcome is Outcome.UNDETERMINED
    assert decision.missing == ("aws:SourceVpc",)
    assert ref_of(decision) == ("policy", None, 0)


def test_a_later_change_of_the_context_changes_nothing() -> None:
    context: dict[str, ContextValue] = {"aws:MultiFactorAuthPresent": "true"}
    asked = request(context=context)
    context.clear()
    assert evaluate(asked, PolicySet(identity=(compiled(allow(Condition=MFA)),))).allowed


def test_not_principal_needs_account_role_and_session() -> None:
    session = "arn:aws:sts::123456789012:assumed-role/dev/alice"
    listed = ["123456789012", "arn:aws:iam::123456789012:role/dev", session]
    role = "arn:aws:iam::123456789012:role/ops"

    def outcome(names: list[str], boundary: CompiledPolicy | None = None) -> Outcome:
        refused: Statement = {"Effect": "Deny", "NotPrincipal": {"AWS": names}, "Action": "*"}
        trusted = {**TRUST, "Principal": {"AWS": session}}
        policies = PolicySet(permissions_boundary=boundary, trust=compiled(trusted, refused))
        return evaluate(request("sts:AssumeRole", role, principal=session), policies).outcome

    assert outcome(listed) is Outcome.ALLOWED
    for left_out in listed:
        assert outcome([name for name in listed if name != left_out]) is Outcome.EXPLICIT_DENY
    assert outcome(listed, compiled(allow())) is Outcome.EXPLICIT_DENY


def test_policies_in_the_wrong_place_are_refused() -> None:
    with pytest.raises(ValueError, match="names principals"):
        PolicySet(identity=(compiled(TRUST, kind=PolicyKind.TRUST),))
    with pytest.raises(ValueError, match="without a principal"):
        PolicySet(trust=compiled(allow()))


def test_an_action_needs_its_service() -> None:
    with pytest.raises(ValueError, match="`GetObject` is not an action"):
        request("GetObject")


@pytest.mark.parametrize("value", [True, 1, None, ["true"], (True,), (UNKNOWN,), ("a", UNKNOWN), b"true"])
def test_a_context_value_of_another_type_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="expected a string, a tuple of strings or UNKNOWN"):
        request(context={"aws:MultiFactorAuthPresent": cast("ContextValue", value)})


@pytest.mark.parametrize("resource", ["root/evil", "user", "user/", "role/"])
def test_an_arn_that_only_begins_as_a_principal_is_none(resource: str) -> None:
    with pytest.raises(ValueError, match="is not the ARN of a principal"):
        principal_from_arn(f"arn:aws:iam::123456789012:{resource}")


def test_dates_do_not_depend_on_the_precision_that_the_program_has_set() -> None:
    dated = allow(Condition={"DateEquals": {"aws:CurrentTime": "2026-01-01T00:00:00.123Z"}})
    with decimal.localcontext(prec=2):
        assert decide([dated], {"aws:CurrentTime": "1767225600.123"}).allowed


def test_threads_may_share_a_policy_set() -> None:
    policies = PolicySet(identity=tuple(compiled(allow(f"svc{at}:*")) for at in range(50)))

    def ask(at: int) -> bool:
        return evaluate(request(action=f"svc{at % 60}:Get"), policies).allowed

    with ThreadPoolExecutor(max_workers=16) as pool:
        assert list(pool.map(ask, range(3_000))) == [at % 60 < 50 for at in range(3_000)]


@pytest.mark.parametrize("value", ["", ("",), ("", "")])
def test_whether_a_key_of_empty_texts_alone_is_null_is_left_open(value: ContextValue) -> None:
    decision = decide([allow(Condition={"Null": {"aws:A": "false"}})], {"aws:A": value})
    assert decision.outcome is Outcome.UNDETERMINED
