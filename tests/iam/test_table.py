from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from iam.policies import allow, compiled, deny
from watchword.iam import (
    USUAL_KINDS,
    Call,
    CredentialKind,
    Known,
    MfaState,
    Outcome,
    PolicySet,
    Row,
    Table,
    ask,
    columns_for,
    compile_policy,
    evaluate,
    parse_policy,
    principal_from_arn,
    tabulate,
)
from watchword.iam._rows import Subject, asked_by, expanded
from watchword.iam.universe import Universe
from watchword.local.universe import load_universe

ALICE = principal_from_arn("arn:aws:iam::123456789012:user/alice")
ROLE = principal_from_arn("arn:aws:iam::123456789012:role/example")
SEEDS = Path(__file__).parent.parent / "cases" / "policies"
WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.fixture(scope="module")
def universe(tmp_path_factory: pytest.TempPathFactory) -> Universe:
    return load_universe({"XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))})


def tabulated(policies: PolicySet, universe: Universe, *actions: str, **rest: Any) -> Table:  # noqa: ANN401
    columns = columns_for(USUAL_KINDS, rest.pop("principals", (ALICE, ROLE)))
    return tabulate(policies, columns, universe, actions=actions, **rest)


def signs(row: Row) -> str:
    """One sign a cell: allowed, allowed without MFA, denied, silent, undetermined, no such column."""
    found = ""
    for cell in row.cells:
        if cell is None:
            found += "n"
        elif cell.outcome is Outcome.ALLOWED:
            found += "!" if cell.without_mfa else "+"
        else:
            found += {Outcome.EXPLICIT_DENY: "x", Outcome.IMPLICIT_DENY: "-"}.get(cell.outcome, "?")
    return found


def test_it_shows_at_once_what_passes_without_mfa(universe: Universe) -> None:
    policies = PolicySet(
        identity=(
            compiled(
                allow("ec2:DescribeRegions", Condition=WITH_MFA), allow("s3:ListAllMyBuckets"), name="mine"
            ),
        )
    )
    table = tabulated(policies, universe)
    assert {row.action: signs(row) for row in table.rows} == {
        "ec2:DescribeRegions": "--+---",
        "s3:ListAllMyBuckets": "!!+!!!",
    }
    assert (table.actions, table.without_mfa, table.undetermined) == (2, 1, 0)


def test_the_rules_of_the_services_are_in_it_unless_they_are_switched_off(universe: Universe) -> None:
    policies = PolicySet(identity=(compiled(allow("iam:ListUsers")),))
    assert [signs(row) for row in tabulated(policies, universe).rows] == ["!-+!!!"]
    pure = tabulated(policies, universe, service_rules=False)
    assert [signs(row) for row in pure.rows] == ["!!+!!!"]


def test_a_column_that_the_principal_cannot_have_has_no_answer(universe: Universe) -> None:
    policies = PolicySet(identity=(compiled(allow("ec2:RunInstances")),))
    assert [signs(row) for row in tabulated(policies, universe, principals=(ALICE,)).rows] == ["!!+!n!"]
    assert [signs(row) for row in tabulated(policies, universe, principals=(ROLE,)).rows] == ["nnnn!!"]


def test_each_column_says_who_signs_and_with_which_mfa() -> None:
    columns = {each.kind: each for each in columns_for(CredentialKind, (ALICE, ROLE))}
    federated = columns[CredentialKind.FEDERATED].principal
    session = columns[CredentialKind.ROLE_SESSION].principal
    assert federated is not None
    assert federated.arn == "arn:aws:sts::123456789012:federated-user/alice"
    assert session is not None
    assert session.arn == "arn:aws:sts::123456789012:assumed-role/example/session"
    assert columns[CredentialKind.ROOT_KEY].principal is None
    assert columns[CredentialKind.ACCESS_KEY].mfa is MfaState.ABSENT
    assert columns[CredentialKind.LOGIN_MFA].mfa is MfaState.UNKNOWN


def test_a_pattern_stands_for_every_action_that_aws_has(universe: Universe) -> None:
    policies = PolicySet(identity=(compiled(allow("s3:*"), deny("s3:Put*", Condition=WITHOUT_MFA)),))
    table = tabulated(policies, universe)
    rows = {row.written: row for row in table.rows}
    assert signs(rows["s3:*"]) == "!!+!!!"
    assert signs(rows["s3:Put*"]) == "xx+xxx"
    assert rows["s3:Put*"].stands_for == len(universe.matching("s3:Put*"))
    assert table.actions == len(universe.matching("s3:*"))
    assert table.without_mfa == table.actions - rows["s3:Put*"].stands_for


def test_an_action_counts_once_and_with_the_narrowest_entry(universe: Universe) -> None:
    policies = PolicySet(identity=(compiled(allow()),))
    table = tabulated(policies, universe, "*", "s3:Get*", "s3:GetObject")
    stands_for: dict[str, int] = {}
    for row in table.rows:
        stands_for[row.written] = stands_for.get(row.written, 0) + row.stands_for
    assert stands_for["s3:GetObject"] == 1
    assert stands_for["s3:Get*"] == len(universe.matching("s3:Get*")) - 1
    assert sum(stands_for.values()) == table.actions == len(universe.matching("*"))


def test_the_resources_are_those_that_the_statements_name(universe: Universe) -> None:
    mine = "arn:aws:iam::*:user/${aws:username}"
    policies = PolicySet(identity=(compiled({**allow("iam:ListAccessKeys"), "Resource": mine}),))
    (row,) = tabulated(policies, universe).rows
    assert row.resource_written == mine
    assert row.resource == "arn:aws:iam::123456789012:user/alice"
    assert signs(row) == "!-+!-!"
    (row,) = tabulated(policies, universe, resources=["arn:aws:iam::123456789012:user/bob"]).rows
    assert signs(row) == "------"


def test_what_hangs_on_a_key_is_undetermined_until_it_is_given(universe: Universe) -> None:
    condition = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    policies = PolicySet(identity=(compiled(allow("s3:ListAllMyBuckets", Condition=condition)),))
    table = tabulated(policies, universe)
    assert [signs(row) for row in table.rows] == ["??????"]
    assert (table.without_mfa, table.undetermined) == (0, 1)
    known = Known(context={"aws:SourceIp": "203.0.113.9"})
    assert [signs(row) for row in tabulated(policies, universe, known=known).rows] == ["!!+!!!"]


def test_an_action_that_aws_does_not_have_counts_for_nothing(universe: Universe) -> None:
    policies = PolicySet(identity=(compiled(allow(["iam:GetRoles", "nosuch:*", "s3:ListAllMyBuckets"])),))
    table = tabulated(policies, universe)
    assert table.empty == ("iam:GetRoles", "nosuch:*")
    assert (table.actions, table.without_mfa) == (1, 1)
    assert [(row.action, row.known) for row in table.rows] == [
        ("iam:GetRoles", False),
        ("s3:ListAllMyBuckets", True),
    ]


def test_an_allow_with_not_action_is_about_all_the_others(universe: Universe) -> None:
    statement: dict[str, object] = {
        "Effect": "Allow",
        "NotAction": ["iam:*", "organizations:*"],
        "Resource": "*",
    }
    table = tabulated(PolicySet(identity=(compiled(statement),)), universe)
    # iam:PassRole has a row of its own: a session without MFA is not kept from it as it is from IAM's calls.
    assert [row.action for row in table.rows if row.written == "iam:*"][1:] == ["iam:PassRole"]
    assert list(dict.fromkeys(row.written for row in table.rows))[:2] == ["iam:*", "organizations:*"]
    assert {row.written for row in table.rows} == {"iam:*", "organizations:*", "*"}
    named = [row for row in table.rows if row.written != "*"]
    assert all(signs(row) == "------" for row in named)
    assert table.without_mfa > 20_000


def test_a_limit_names_no_actions_unless_nothing_else_does(universe: Universe) -> None:
    some = compiled(allow("ec2:RunInstances"), name="some")
    policies = PolicySet(identity=(some,), permissions_boundary=compiled(allow(), name="boundary"))
    assert [row.action for row in tabulated(policies, universe).rows] == ["ec2:RunInstances"]
    alone = PolicySet(service_control=((compiled(deny("ec2:RunInstances")),),))
    assert [row.action for row in tabulated(alone, universe).rows] == ["ec2:RunInstances"]


def test_an_action_without_a_colon_is_refused(universe: Universe) -> None:
    with pytest.raises(ValueError, match="`service:Name` is expected"):
        tabulated(PolicySet(identity=(compiled(allow()),)), universe, "ListUsers")


@pytest.mark.parametrize("name", ["seed-0-force-mfa", "seed-4-ForceMFA", "seed-4-ReadOnly"])
def test_actions_that_share_a_row_have_the_same_answer_one_by_one(name: str, universe: Universe) -> None:
    text = (SEEDS / f"{name}.json").read_text(encoding="utf-8")
    everything = {"Version": "2012-10-17", "Statement": allow()}
    policies = PolicySet(
        identity=tuple(
            compile_policy(parse_policy(each, name=str(at)))
            for at, each in enumerate((text, json.dumps(everything)))
        )
    )
    call = Call(action="sts:GetCallerIdentity", resource="*")
    for kind in (CredentialKind.ACCESS_KEY, CredentialKind.SESSION, CredentialKind.SESSION_MFA):
        request = ask(call, ALICE, kind, policies).request
        subject = Subject(policies=policies, resources=("*",), like=request)
        for entry in expanded(["iam:*", "sts:*", "kms:*", "s3:*", "ec2:Describe*"], universe):
            for asked, actions in asked_by(entry, subject):
                answers = {
                    evaluate(replace(request, action=action, resource=asked.resource), policies).outcome
                    for action in actions
                }
                assert len(answers) == 1, (asked, actions)
