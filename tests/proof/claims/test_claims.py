"""What speaks against a claim, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from proof.claims.written_accounts import (
    ARN,
    NOW,
    WITH_MFA,
    actions_of,
    allow,
    claims,
    counting,
    deny_without_mfa,
    fixture,
    group,
    principal,
    proof_of,
    role,
    snapshot,
    user,
)
from watchword.account.snapshot import Snapshot, Unread
from watchword.proof.own_enrolment import EVERYBODYS, ON_DEVICES, ON_NOTHING, ON_ONESELF
from watchword.proof.result import Known, Outcome

OWN = f"{ARN}user/${{aws:username}}"
ANY_USER = f"{ARN}user/*"
SELF_SERVICE = (allow(ON_ONESELF, OWN), allow(ON_DEVICES, f"{ARN}mfa/*"), allow(ON_NOTHING))


# --- enrolling one's own device ---------------------------------------------------------------------------


def test_enrolling_oneself_alone_is_proved() -> None:
    proof = proof_of(snapshot([user("alice", *SELF_SERVICE), user("bob", *SELF_SERVICE, path="/build/")]))
    assert proof.outcome is Outcome.PROVED
    assert proof.findings == ()
    assert principal(proof, "alice").own_first_device is not None


@pytest.mark.parametrize("action", sorted(ON_ONESELF))
def test_what_enrols_oneself_counts_on_others(action: str) -> None:
    proof = proof_of(snapshot([user("alice", allow(action, ANY_USER)), user("bob")]))
    (finding,) = counting(proof)
    assert finding.principals == (f"{ARN}user/alice",)
    assert set(actions_of(proof, finding)) <= {action, *EVERYBODYS}
    (step,) = proof.witnesses[finding.witness or ""].steps
    assert step.action == action


def test_a_path_and_a_name_that_begins_alike_are_others() -> None:
    """`user/al*` covers alice herself, and albert too."""
    proof = proof_of(
        snapshot([user("alice", allow("iam:EnableMFADevice", f"{ARN}user/al*")), user("albert")])
    )
    assert proof.outcome is Outcome.REFUTED


def test_one_user_named_in_the_policy_of_a_group_is_an_other_for_the_rest() -> None:
    members = [user("alice", groups=["help"]), user("bob", groups=["help"])]
    proof = proof_of(snapshot(members, [group("help", allow("iam:EnableMFADevice", f"{ARN}user/alice"))]))
    (finding,) = counting(proof)
    assert finding.principals == (f"{ARN}user/bob",)


def test_listing_users_is_about_others_and_only_a_warning() -> None:
    (finding,) = counting(proof_of(snapshot([user("alice", *SELF_SERVICE, allow("iam:ListUsers"))])))
    assert (finding.level, finding.outcome) == ("warning", Outcome.REFUTED)


# --- who, and in which state ------------------------------------------------------------------------------


def test_without_a_key_nothing_starts() -> None:
    proof = proof_of(fixture("inactive-key"))
    assert proof.outcome is Outcome.PROVED
    (alice,) = (each for each in proof.principals if each.kind == "user")
    assert alice.states["absent"].exists is Known.NO
    assert alice.states["absent"].reachable.count > 0


def test_a_thousand_members_of_one_group_are_one_finding() -> None:
    members = [user(f"member{number}", groups=["open"]) for number in range(60)]
    proof = proof_of(snapshot(members, [group("open", allow("s3:GetObject"))]))
    (finding,) = counting(proof)
    assert len(finding.principals) == 60
    assert "60 users of the group `open`" in finding.message
    shown = {each.arn: each.states["absent"].witnesses for each in proof.principals if each.kind == "user"}
    assert all(proof.witnesses[ids[0]].principal == arn for arn, ids in shown.items())


def test_only_these_reach_it() -> None:
    people = [
        user("fay", allow("s3:GetObject"), groups=["finance"]),
        user("ted", allow("s3:GetObject"), tags={"team": "build-7"}),
        user("eve", allow("s3:GetObject")),
    ]
    written = claims(
        '  - name: reports\n    only: ["group:fin*", "tag:team=build*"]\n    actions: s3:GetObject\n'
    )
    (finding,) = counting(proof_of(snapshot(people, [group("finance", *SELF_SERVICE)]), claimed=written))
    assert finding.principals == (f"{ARN}user/eve",)


def test_a_claim_about_resources_looks_at_these_alone() -> None:
    people = [
        user("in", allow("s3:*", "arn:aws:s3:::payroll/2026/*")),
        user("out", allow("s3:*", "arn:aws:s3:::other/*")),
        user("lists", allow("s3:ListAllMyBuckets")),
        user(
            "denied", allow("s3:*"), {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::payroll/*"}
        ),
    ]
    written = claims('  - name: payroll\n    actions: "s3:*"\n    resources: arn:aws:s3:::payroll/*\n')
    proof = proof_of(snapshot(people), claimed=written)
    (finding,) = counting(proof)
    assert finding.principals == (f"{ARN}user/in",)
    assert "s3:ListAllMyBuckets" not in actions_of(proof, finding)


def test_a_claim_about_resources_follows_roles() -> None:
    trust = {"Principal": {"AWS": f"{ARN}root"}}
    account = snapshot(
        [user("alice", allow("sts:AssumeRole"))],
        roles=[role("payer", trust, allow("s3:GetObject", "arn:aws:s3:::payroll/*"))],
    )
    written = claims('  - name: payroll\n    actions: "s3:*"\n    resources: arn:aws:s3:::payroll/*\n')
    (finding,) = counting(proof_of(account, claimed=written))
    assert (finding.rule, finding.principals) == ("reachable-through-role", (f"{ARN}user/alice",))


def test_with_mfa_is_a_claim_of_its_own() -> None:
    account = snapshot([user("alice", allow("kms:Decrypt", **WITH_MFA))], devices=["alice"])
    decrypt = "  - name: keys\n    mfa: {}\n    actions: s3:GetObject\n    who: users\n"
    account_s3 = snapshot([user("alice", allow("s3:GetObject", **WITH_MFA))], devices=["alice"])
    assert proof_of(account).outcome is Outcome.PROVED
    assert proof_of(account_s3, claimed=claims(decrypt.format("without"))).outcome is Outcome.PROVED
    for mfa in ("with", "any"):
        (finding,) = counting(proof_of(account_s3, claimed=claims(decrypt.format(mfa))))
        assert finding.states == ("true",)
        assert finding.message.endswith("with MFA")


def test_a_role_is_a_start_when_the_claim_says_so() -> None:
    trust = {"Principal": {"Service": "ec2.amazonaws.com"}}
    account = snapshot(roles=[role("web", trust, allow("s3:GetObject"))])
    assert proof_of(account).outcome is Outcome.PROVED
    (finding,) = counting(proof_of(account, claimed=claims("  - name: web\n    who: roles\n")))
    assert finding.principals == (f"{ARN}role/web",)
    assert finding.fix is None
    assert finding.no_fix


def test_root_with_a_key_is_told_what_to_do() -> None:
    (finding,) = counting(proof_of(snapshot(root_has_key=True)))
    assert finding.principals == (f"{ARN}root",)
    assert finding.fix is None
    assert "delete root's access key" in (finding.no_fix or "")


# --- from outside -----------------------------------------------------------------------------------------


def test_whoever_may_enter_from_another_account_leaves_the_claim_open_unless_excepted() -> None:
    account = fixture("outside-account")
    (finding,) = counting(proof_of(account))
    assert (finding.rule, finding.outcome) == ("reachable-from-outside", Outcome.UNDETERMINED)
    assert finding.reason is not None
    excepted = claims(
        "  - name: nothing\n    exceptions:\n      - who: outside\n        owner: me\n"
        "        reason: a partner reads reports\n        expires: 2027-01-31\n"
    )
    proof = proof_of(account, claimed=excepted)
    assert proof.outcome is Outcome.PROVED
    assert [each.owner for each in proof.claims[0].excepted] == ["me"]
    users_only = claims("  - name: nothing\n    who: [root, users]\n")
    assert proof_of(account, claimed=users_only).outcome is Outcome.PROVED


def test_a_role_for_anybody_is_refuted_with_a_stranger_as_its_witness() -> None:
    proof = proof_of(fixture("role-for-anyone"))
    finding = next(each for each in counting(proof) if each.rule == "reachable-from-outside")
    steps = proof.witnesses[finding.witness or ""].steps
    assert (steps[0].kind, steps[0].action) == ("outside", "sts:AssumeRole")
    assert steps[0].statements[-1].layer == "trust"
    assert steps[1].actor == finding.principal


# --- exceptions -------------------------------------------------------------------------------------------

EXCEPTION = """\
  - name: reports
    exceptions:
      - who: user/alice
        actions: {actions}
        resources: {resources}
        owner: platform@example.com
        reason: until it has a role
        expires: {expires}
"""


def excepted(actions: str = "'*'", resources: str = "'*'", expires: str = "2027-01-31") -> str:
    return EXCEPTION.format(actions=actions, resources=resources, expires=expires)


def test_an_exception_covers_its_user_and_is_still_told() -> None:
    account = snapshot([user("alice", allow("s3:GetObject")), user("bob", allow("s3:GetObject"))])
    proof = proof_of(account, claimed=claims(excepted("s3:GetObject")))
    (finding,) = counting(proof)
    assert finding.principals == (f"{ARN}user/bob",)
    (waived,) = (each for each in proof.findings if each.exception is not None)
    assert waived.principals == (f"{ARN}user/alice",)
    assert waived.exception is not None
    assert waived.exception.owner == "platform@example.com"


def test_an_exception_covers_no_more_actions_than_it_names() -> None:
    account = snapshot([user("alice", allow(["s3:GetObject", "s3:PutObject"]))])
    proof = proof_of(account, claimed=claims(excepted("s3:GetObject")))
    (finding,) = counting(proof)
    assert actions_of(proof, finding) == ("s3:PutObject",)


@pytest.mark.parametrize(
    ("allowed", "outcome"),
    [("arn:aws:s3:::reports/*", Outcome.PROVED), ("arn:aws:s3:::*", Outcome.REFUTED)],
)
def test_an_exception_for_resources_covers_what_is_reached_there_alone(
    allowed: str, outcome: Outcome
) -> None:
    account = snapshot([user("alice", allow("s3:GetObject", allowed))])
    written = claims(excepted("s3:GetObject", "'arn:aws:s3:::reports/*'"))
    assert proof_of(account, claimed=written).outcome is outcome


def test_the_day_of_expiry_is_the_last_one_and_then_it_is_a_finding_of_its_own() -> None:
    account = snapshot([user("alice", allow("s3:GetObject"))])
    written = claims(excepted(expires="2026-11-23"))
    assert proof_of(account, claimed=written, now=NOW).outcome is Outcome.PROVED
    later = datetime(2026, 11, 24, tzinfo=UTC)
    proof = proof_of(account, claimed=written, now=later)
    assert [each.rule for each in counting(proof)] == ["reachable", "exception-expired"]
    idle = proof_of(snapshot([user("alice")]), claimed=written, now=later)
    (finding,) = idle.findings
    assert (finding.rule, idle.outcome) == ("exception-expired", Outcome.REFUTED)
    assert "claims.yaml:5 expired on 2026-11-23" in finding.message


# --- what a proof says ------------------------------------------------------------------------------------


def test_the_ids_of_findings_stay_when_others_come() -> None:
    alice, bob = user("alice", allow("s3:GetObject")), user("bob", allow("ec2:RunInstances"))
    one = {each.id for each in proof_of(snapshot([alice])).findings}
    assert one < {each.id for each in proof_of(snapshot([alice, bob])).findings}


def test_who_is_held_to_mfa_is_told_with_the_statement() -> None:
    people = [
        user("denied", allow("s3:*"), deny_without_mfa("iam:EnableMFADevice")),
        user("asked", allow("s3:*", **WITH_MFA)),
        user("open", allow("s3:*")),
    ]
    proof = proof_of(snapshot(people))
    held = {each.name: each.enforced for each in proof.principals if each.kind == "user"}
    assert {name: each.outcome for name, each in held.items()} == {
        "denied": Known.YES,
        "asked": Known.YES,
        "open": Known.NO,
    }
    assert [each.index for each in held["denied"].by] == [1]
    assert [each.index for each in held["asked"].by] == [0]


def test_every_id_that_is_named_is_there() -> None:
    proof = proof_of(fixture("notaction-iam"), fixture_of_another_account())
    for each in proof.principals:
        for state in each.states.values():
            assert {state.direct.set, state.reachable.set} <= set(proof.action_sets)
            assert set(state.witnesses) <= set(proof.witnesses)
            assert set(state.grants) <= set(proof.grants)
    named = {each.witness for each in proof.findings} - {None}
    assert named <= set(proof.witnesses)
    assert len(proof.accounts) == 2


def fixture_of_another_account() -> Snapshot:
    return replace(snapshot(), account_id="444455556666")


# --- a claim that says nothing -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("who: user/alcie", "nobody is `user/alcie`"),
        ("who: [users, 'group:opps']", "nobody is `group:opps`"),
        ("actions: s3:GetObjcet", "no action is `s3:GetObjcet`"),
        ("actions: [s3:*, nosuch:*]", "no action is `nosuch:*`"),
    ],
)
def test_a_claim_with_a_name_that_there_is_not_is_not_proved(line: str, what: str) -> None:
    proof = proof_of(snapshot([user("alice")]), claimed=claims(f"  - name: c\n    {line}\n"))
    (finding,) = counting(proof)
    assert (finding.rule, proof.outcome) == ("claim-about-nothing", Outcome.UNDETERMINED)
    assert what in finding.message


@pytest.mark.parametrize(
    ("what", "line", "outcome"),
    [
        ("users", "who: everybody", Outcome.UNDETERMINED),
        ("users", "who: user/al*", Outcome.UNDETERMINED),
        ("users", "who: user/alice", Outcome.PROVED),
        ("users", "who: roles", Outcome.PROVED),
        ("roles", "who: user/alice", Outcome.UNDETERMINED),
        ("roles", "who: root", Outcome.PROVED),
        ("policies", "who: everybody", Outcome.PROVED),
    ],
)
def test_what_those_reach_who_were_not_read_is_not_proved(what: str, line: str, outcome: Outcome) -> None:
    missing = Unread(what=what, code="Truncated", leaves_open="those of the pages that follow")
    account = replace(snapshot([user("alice")]), unread=(missing,))
    proof = proof_of(account, claimed=claims(f"  - name: c\n    {line}\n"))
    assert (proof.outcome, [each.rule for each in proof.findings]) == (
        outcome,
        [] if outcome is Outcome.PROVED else ["not-all-read"],
    )


def test_groups_without_members_and_kinds_of_which_there_is_none_are_names() -> None:
    account = snapshot([user("alice")], groups=[group("ops")])
    for line in ("who: 'group:ops'", "who: roles", "actions: s3:Get*"):
        assert proof_of(account, claimed=claims(f"  - name: c\n    {line}\n")).outcome is Outcome.PROVED
