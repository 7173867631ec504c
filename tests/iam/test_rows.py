"""What a table asks about, and how its answers become rows, on a small universe."""

from __future__ import annotations

import json

import pytest

from iam.policies import USER, Statement, allow, compiled, deny
from watchword.iam import (
    UNKNOWN,
    Assumptions,
    Call,
    CompiledPolicy,
    CredentialKind,
    Known,
    Layer,
    MfaState,
    Outcome,
    PolicySet,
    Table,
    ask,
    columns_for,
    compile_policy,
    parse_policy,
    principal_from_arn,
    tabulate,
)
from watchword.iam._packed import Service, Shape
from watchword.iam._rows import Asked, Entry, Subject, asked_by, expanded, familiar, named_actions
from watchword.iam.universe import Universe

ALICE = principal_from_arn(USER)
ROOT = principal_from_arn("arn:aws:iam::123456789012:root")
ANYONE = {"Principal": "*"}


def service(*names: str) -> Service:
    return Service(names, (0,) * len(names), (Shape(0, (), ()),), (), ())


@pytest.fixture
def universe() -> Universe:
    return Universe.of(
        "1",
        {
            "ec2": service("DescribeImages", "DescribeInstances", "RunInstances"),
            "iam": service("CreateUser", "ListRoles", "ListUsers"),
            "s3": service("GetBucketAcl", "GetObject", "PutObject"),
            "sqs": service("ReceiveMessage", "SendMessage"),
        },
    )


def identity(*statements: Statement) -> PolicySet:
    return PolicySet(identity=(compiled(*statements),))


# -- which entries


def test_the_entries_of_policies_that_grant_are_named_once_in_any_spelling() -> None:
    def naming(*actions: str) -> CompiledPolicy:
        return compiled({**allow(list(actions)), **ANYONE})

    policies = PolicySet(
        identity=(compiled(allow(["s3:Get*", "ec2:*"])), compiled(deny(["S3:get*", "s3:PutObject"]))),
        resource=naming("sqs:*"),
        trust=naming("sts:AssumeRole"),
        permissions_boundary=compiled(allow("iam:*")),
        service_control=((compiled(allow("kms:*")),),),
    )
    assert named_actions(policies) == ("s3:Get*", "ec2:*", "s3:PutObject", "sqs:*", "sts:AssumeRole")


def test_the_limits_are_asked_about_when_nothing_grants() -> None:
    limits = PolicySet(
        permissions_boundary=compiled(allow("iam:*")), service_control=((compiled(deny("kms:*")),),)
    )
    assert named_actions(limits) == ("kms:*", "iam:*")
    assert named_actions(PolicySet()) == ()


def test_all_other_actions_are_added_for_an_allow_without_end_and_for_no_deny() -> None:
    def without(effect: str, *actions: str) -> PolicySet:
        return identity({"Effect": effect, "NotAction": list(actions), "Resource": "*"})

    assert named_actions(without("Allow", "iam:*")) == ("iam:*", "*")
    assert named_actions(without("Allow", "iam:*", "*")) == ("iam:*", "*")
    assert named_actions(without("Deny", "iam:*")) == ("iam:*",)


def test_an_action_goes_to_the_narrowest_entry_and_entries_keep_their_order(universe: Universe) -> None:
    assert expanded(["s3:*", "s3:Get*", "s3:GetObject", "s3:Get*", "s3:Nothing", "nosuch:*"], universe) == [
        Entry(written="s3:*", actions=("s3:PutObject",), known=True),
        Entry(written="s3:Get*", actions=("s3:GetBucketAcl",), known=True),
        Entry(written="s3:GetObject", actions=("s3:GetObject",), known=True),
        Entry(written="s3:Nothing", actions=("s3:Nothing",), known=False),
        Entry(written="nosuch:*", actions=("nosuch:*",), known=False),
    ]


def test_an_entry_of_which_nothing_is_left_is_not_asked_about(universe: Universe) -> None:
    assert [each.written for each in expanded(["sqs:*", "sqs:ReceiveMessage", "sqs:Send*"], universe)] == [
        "sqs:ReceiveMessage",
        "sqs:Send*",
    ]


def test_what_is_no_action_is_refused_with_what_is_expected(universe: Universe) -> None:
    with pytest.raises(ValueError, match=r"^`ListUsers` is not an action: `service:Name` is expected$"):
        expanded(["*", "ListUsers"], universe)
    assert len(expanded(["*"], universe)[0].actions) == 11


def test_of_many_actions_the_best_known_is_shown() -> None:
    assert familiar(["a:B", "ec2:RunInstances", "ec2:DescribeInstances"]) == "ec2:DescribeInstances"
    assert familiar(["b:B", "a:A"]) == "b:B"


# -- which questions


def questions(
    policies: PolicySet, universe: Universe, written: str, *resources: str
) -> list[tuple[Asked, tuple[str, ...]]]:
    call = Call(action="sts:GetCallerIdentity", resource="*")
    like = ask(call, ALICE, CredentialKind.ACCESS_KEY, policies).request
    subject = Subject(policies=policies, resources=resources, like=like)
    (entry,) = expanded([written], universe)
    return list(asked_by(entry, subject))


def test_actions_that_the_same_statements_cover_are_one_question(universe: Universe) -> None:
    policies = identity(allow("*"), deny("s3:Get*"))
    assert questions(policies, universe, "s3:*") == [
        (
            Asked(written="s3:*", action="s3:GetObject", resource="*", resource_written="*"),
            ("s3:GetBucketAcl", "s3:GetObject"),
        ),
        (Asked(written="s3:*", action="s3:PutObject", resource="*", resource_written="*"), ("s3:PutObject",)),
    ]


def test_services_with_rules_of_their_own_are_asked_action_by_action(universe: Universe) -> None:
    found = questions(identity(allow("*")), universe, "*")
    assert [names for _, names in found] == [
        (
            "ec2:DescribeImages",
            "ec2:DescribeInstances",
            "ec2:RunInstances",
            "s3:GetBucketAcl",
            "s3:GetObject",
            "s3:PutObject",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",
        ),
        ("iam:CreateUser",),
        ("iam:ListRoles",),
        ("iam:ListUsers",),
    ]


def test_resource_control_policies_bind_some_services_so_each_is_asked_by_itself(universe: Universe) -> None:
    rcp = compiled({**deny("sqs:*"), **ANYONE})
    policies = PolicySet(identity=(compiled(allow("*")),), resource_control=((rcp,),))
    found = [names for _, names in questions(policies, universe, "*")]
    assert ("ec2:DescribeImages", "ec2:DescribeInstances", "ec2:RunInstances") in found
    assert ("s3:GetBucketAcl", "s3:GetObject", "s3:PutObject") in found


def test_a_pattern_that_covers_no_action_is_not_asked_and_a_name_is(universe: Universe) -> None:
    policies = identity(allow(["s3:Nothing", "nosuch:*", "nosuch:G?t"]))
    assert questions(policies, universe, "nosuch:*") == []
    assert questions(policies, universe, "nosuch:G?t") == []
    ((asked, names),) = questions(policies, universe, "s3:Nothing")
    assert (asked.action, names) == ("s3:Nothing", ("s3:Nothing",))


def asked_resources(
    resource: object, universe: Universe, *given: str, **rest: object
) -> list[tuple[str, str]]:
    policies = identity({**allow("s3:GetObject"), "Resource": resource, **rest})
    return [
        (asked.resource_written, asked.resource)
        for asked, _ in questions(policies, universe, "s3:GetObject", *given)
    ]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("*", "*"),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/example"),
        ("arn:aws:s3:::b?/k", "arn:aws:s3:::bx/k"),
        ("arn:aws:iam::*:role/r", "arn:aws:iam::123456789012:role/r"),
        ("arn:aws:sqs:*:*:q", "arn:aws:sqs:example:123456789012:q"),
        ("arn:aws:sqs:eu-west-1:210987654321:q:*:*", "arn:aws:sqs:eu-west-1:210987654321:q:example:example"),
        ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/alice/example"),
        ("arn:aws:s3:::b/${aws:PrincipalTag/Team, 'none'}", "arn:aws:s3:::b/none"),
        ("arn:aws:s3:::b/${aws:PrincipalTag/Team}", "arn:aws:s3:::b/example"),
    ],
)
def test_a_pattern_of_a_resource_becomes_one_resource(written: str, asked: str, universe: Universe) -> None:
    assert asked_resources(written, universe) == [(written, asked)]


def test_the_resources_given_go_before_those_of_the_policies(universe: Universe) -> None:
    assert asked_resources("arn:aws:s3:::b/*", universe, "arn:aws:s3:::x", "*") == [
        ("arn:aws:s3:::x", "arn:aws:s3:::x"),
        ("*", "*"),
    ]


def test_only_what_an_allow_names_is_asked_about(universe: Universe) -> None:
    statement = {**allow("s3:GetObject"), "Resource": ["arn:aws:s3:::a", "arn:aws:s3:::b"]}
    refusal = {**deny("s3:GetObject"), "Resource": "arn:aws:s3:::c"}
    found = questions(identity(refusal, statement, statement), universe, "s3:GetObject")
    assert [asked.resource for asked, _ in found] == ["arn:aws:s3:::a", "arn:aws:s3:::b"]
    found = questions(identity(refusal), universe, "s3:GetObject")
    assert [asked.resource for asked, _ in found] == ["*"]
    but: Statement = {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::c"}
    found = questions(identity(but, statement), universe, "s3:GetObject")
    assert [asked.resource for asked, _ in found] == ["*", "arn:aws:s3:::a", "arn:aws:s3:::b"]


def test_the_limits_name_no_resources(universe: Universe) -> None:
    some = {**allow("s3:*"), "Resource": "arn:aws:s3:::limit"}
    policies = PolicySet(identity=(compiled(allow("s3:*")),), permissions_boundary=compiled(some))
    found = questions(policies, universe, "s3:GetObject")
    assert [asked.resource for asked, _ in found] == ["*"]


def test_before_variables_a_dollar_sign_was_a_dollar_sign(universe: Universe) -> None:
    text = {
        "Version": "2008-10-17",
        "Statement": {**allow("s3:GetObject"), "Resource": "arn:aws:s3:::${aws:username}"},
    }
    policies = PolicySet(identity=(compile_policy(parse_policy(json.dumps(text), name="old")),))
    ((asked, _),) = questions(policies, universe, "s3:GetObject")
    assert asked.resource == "arn:aws:s3:::${aws:username}"


# -- the table


def table(
    policies: PolicySet, universe: Universe, *actions: str, assumptions: Assumptions | None = None
) -> Table:
    kinds = (CredentialKind.ACCESS_KEY, CredentialKind.SESSION_MFA, CredentialKind.ROLE_SESSION)
    columns = columns_for(kinds, (ALICE,), assumptions=assumptions or Assumptions())
    return tabulate(policies, columns, universe, actions=actions)


def test_a_cell_says_what_was_decided_where_and_what_it_hangs_on(universe: Universe) -> None:
    condition = {"StringEquals": {"aws:a": "1"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}}
    (row,) = table(identity(allow("s3:GetObject", Condition=condition)), universe).rows
    key, session, nobody = row.cells
    assert key is not None
    assert (key.outcome, key.layer, key.missing) == (Outcome.IMPLICIT_DENY, Layer.IDENTITY, ())
    assert session is not None
    assert (session.outcome, session.layer) == (Outcome.UNDETERMINED, Layer.IDENTITY)
    assert session.missing == ("aws:a",)
    assert nobody is None
    assert not row.without_mfa
    # A session with MFA that is left open is no way past MFA.
    assert table(identity(allow("s3:GetObject", Condition=condition)), universe).undetermined == 0


def test_rows_with_the_same_answers_become_one_and_show_the_best_known(universe: Universe) -> None:
    found = table(identity(allow("iam:*"), allow("s3:*"), deny("s3:PutObject")), universe, "s3:*", "iam:*")
    assert [(row.written, row.action, row.stands_for, row.known) for row in found.rows] == [
        ("s3:*", "s3:GetObject", 2, True),
        ("s3:*", "s3:PutObject", 1, True),
        ("iam:*", "iam:CreateUser", 3, True),
    ]
    assert (found.actions, found.without_mfa, found.undetermined, found.empty) == (6, 5, 0, ())


def test_an_action_that_passes_somewhere_is_not_open_elsewhere(universe: Universe) -> None:
    condition = {"StringEquals": {"aws:a": "1"}}
    open_one = {**allow("s3:GetObject", Condition=condition), "Resource": "arn:aws:s3:::open"}
    sure_one = {**allow("s3:GetObject"), "Resource": "arn:aws:s3:::sure"}
    assert table(identity(open_one), universe).undetermined == 1
    found = table(identity(open_one, sure_one), universe)
    assert (found.without_mfa, found.undetermined, len(found.rows)) == (1, 0, 2)
    assert found.columns == columns_for(
        (CredentialKind.ACCESS_KEY, CredentialKind.SESSION_MFA, CredentialKind.ROLE_SESSION), (ALICE,)
    )


def test_an_unknown_action_that_passes_counts_for_nothing(universe: Universe) -> None:
    found = table(identity(allow("s3:Nothing")), universe)
    (row,) = found.rows
    assert row.cells[0] is not None
    assert row.cells[0].without_mfa
    assert not row.without_mfa
    assert (found.actions, found.without_mfa, found.empty) == (0, 0, ("s3:Nothing",))
    condition = {"StringEquals": {"aws:a": "1"}}
    assert table(identity(allow("s3:Nothing", Condition=condition)), universe).undetermined == 0


def test_what_is_assumed_decides_which_credential_carries_mfa(universe: Universe) -> None:
    kinds = (CredentialKind.CONSOLE_MFA,)
    for state, without in ((MfaState.TRUE, False), (MfaState.FALSE, True), (MfaState.UNKNOWN, True)):
        assumptions = Assumptions(console_with_mfa=state)
        columns = columns_for(kinds, (ALICE,), assumptions=assumptions)
        found = tabulate(
            identity(allow("s3:GetObject")),
            columns,
            universe,
            assumptions=assumptions,
            actions=["s3:GetObject"],
        )
        assert found.columns[0].mfa is state
        assert found.rows[0].without_mfa is without
        condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        bound = identity(allow("s3:GetObject", Condition=condition))
        (row,) = tabulate(bound, columns, universe, assumptions=assumptions).rows
        assert row.cells[0] is not None
        assert (row.cells[0].outcome is Outcome.ALLOWED) is (state is MfaState.TRUE)


def test_the_owner_of_the_resource_can_be_told(universe: Universe) -> None:
    policies = identity(allow("s3:GetObject"))
    columns = columns_for((CredentialKind.ACCESS_KEY,), (ALICE,))
    for account, outcome in (
        (None, Outcome.ALLOWED),
        ("123456789012", Outcome.ALLOWED),
        ("210987654321", Outcome.IMPLICIT_DENY),
    ):
        (row,) = tabulate(
            policies, columns, universe, resources=["arn:aws:s3:::b/k"], resource_account=account
        ).rows
        assert row.cells[0] is not None
        assert row.cells[0].outcome is outcome


def test_each_column_is_signed_by_the_first_who_can(universe: Universe) -> None:
    kinds = (CredentialKind.SESSION, CredentialKind.ACCESS_KEY, CredentialKind.SERVICE)
    columns = columns_for(kinds, (ROOT, ALICE))
    assert [each.principal and each.principal.arn for each in columns] == [ROOT.arn, USER, None]
    policies = identity({**allow("s3:GetObject"), "Resource": "arn:aws:s3:::${aws:username}"})
    (row,) = tabulate(policies, columns[1:], universe).rows
    assert row.resource == "arn:aws:s3:::alice"
    nobody = tabulate(policies, columns[2:], universe)
    assert [each.resource for each in nobody.rows] == ["arn:aws:s3:::example"]
    assert nobody.rows[0].cells == (None,)


def test_what_is_known_and_unknown_is_asked_with(universe: Universe) -> None:
    policies = identity(allow("s3:GetObject", Condition={"StringEquals": {"aws:a": "1"}}))
    columns = columns_for((CredentialKind.ACCESS_KEY,), (ALICE,))
    for known, outcome in (
        (Known(context={"aws:a": "1"}), Outcome.ALLOWED),
        (Known(context={"aws:a": "2"}), Outcome.IMPLICIT_DENY),
        (Known(absent=frozenset({"aws:A"})), Outcome.IMPLICIT_DENY),
        (Known(context={"aws:a": UNKNOWN}), Outcome.UNDETERMINED),
    ):
        (row,) = tabulate(policies, columns, universe, known=known).rows
        assert row.cells[0] is not None
        assert row.cells[0].outcome is outcome


def test_the_rules_of_the_services_count_unless_they_are_switched_off(universe: Universe) -> None:
    columns = columns_for((CredentialKind.SESSION,), (ALICE,))
    policies = identity(allow("iam:ListUsers"))
    found = tabulate(policies, columns, universe)
    pure = tabulate(policies, columns, universe, service_rules=False)
    outcomes = [cell and cell.outcome for each in (found, pure) for row in each.rows for cell in row.cells]
    assert outcomes == [Outcome.IMPLICIT_DENY, Outcome.ALLOWED]


def test_a_column_that_nobody_signs_leaves_those_after_it(universe: Universe) -> None:
    columns = columns_for((CredentialKind.SERVICE, CredentialKind.ACCESS_KEY), (ALICE,))
    (row,) = tabulate(identity(allow("s3:GetObject")), columns, universe).rows
    assert row.cells[0] is None
    assert row.cells[1] is not None
    assert row.cells[1].outcome is Outcome.ALLOWED


def test_a_row_says_what_was_written_and_what_was_asked(universe: Universe) -> None:
    columns = columns_for((CredentialKind.ACCESS_KEY,), (ALICE,))
    logs = "arn:aws:logs:eu-west-1:*:log-group:x:*"
    (row,) = tabulate(identity({**allow("ec2:Run*"), "Resource": logs}), columns, universe).rows
    assert (row.written, row.action, row.stands_for) == ("ec2:Run*", "ec2:RunInstances", 1)
    assert row.resource_written == logs
    assert row.resource == "arn:aws:logs:eu-west-1:123456789012:log-group:x:example"
    but: Statement = {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::c"}
    (row,) = tabulate(identity(but), columns, universe).rows
    assert (row.resource_written, row.resource) == ("*", "*")
    given = tabulate(identity(but), columns, universe, resources=["arn:aws:s3:::c", "arn:aws:s3:::d"])
    assert [each.resource_written for each in given.rows] == ["arn:aws:s3:::c", "arn:aws:s3:::d"]


def test_of_rows_made_one_the_best_known_action_is_shown(universe: Universe) -> None:
    columns = columns_for((CredentialKind.ACCESS_KEY,), (ALICE,))
    policies = identity(
        allow("*"), deny("s3:GetBucketAcl", Condition={"Bool": {"aws:SecureTransport": "false"}})
    )
    known = Known(context={"aws:SecureTransport": "true"})
    (row,) = tabulate(policies, columns, universe, actions=["s3:*"], known=known).rows
    assert (row.action, row.stands_for) == ("s3:GetObject", 3)
