"""A fix closes what it is for, changes little, and locks nobody out."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from proof.claims.written_accounts import (
    ARN,
    WITH_MFA,
    allow,
    counting,
    fixture,
    group,
    proof_of,
    role,
    snapshot,
    user,
)
from watchword.account.accounts import Accounts
from watchword.account.snapshot import ManagedPolicy, PolicyVersion, Snapshot
from watchword.iam import PolicyKind, parse_policy
from watchword.proof.documents import Document, Place, rewritten
from watchword.proof.edits import diff, with_condition, with_statements
from watchword.proof.fix_candidates import DENY_ALL_BUT_ENROLLING
from watchword.proof.own_enrolment import ON_DEVICES, ON_NOTHING, ON_ONESELF
from watchword.proof.result import Fix, Outcome, ProvedFinding

SELF_SERVICE = (
    allow(ON_ONESELF, f"{ARN}user/${{aws:username}}"),
    allow(ON_DEVICES, f"{ARN}mfa/*"),
    allow(ON_NOTHING),
)


def applied(account: Snapshot, fix: Fix) -> Snapshot:
    """Store the document of a fix where it belongs, as its command would."""
    kind = fix.owner.split(":", 5)[5].partition("/")[0]
    place = Place.MANAGED if fix.arn else Place.TRUST if fix.policy == "trust policy" else Place.INLINE
    document = Document(
        place=place,
        account=account.account_id,
        owner=fix.owner,
        name=fix.policy,
        arn=fix.arn,
        inline=fix.policy.partition(" (inline")[0],
        text="",
    )
    assert kind in {"user", "group", "role", "policy"}
    return next(iter(rewritten(Accounts.of([account]), document, fix.document).accounts)).snapshot


def fix_of(finding: ProvedFinding) -> Fix:
    assert finding.fix is not None, finding.no_fix
    assert finding.fix.proved
    return finding.fix


@pytest.mark.parametrize(
    "name",
    [
        "admin-enrols-colleague",
        "bool-mistake",
        "group-escape",
        "notaction-iam",
        "null-mistake",
        "outside-account",
        "passrole-lambda",
        "removes-device",
        "role-chain",
        "role-for-anyone",
        "role-without-mfa",
        "set-default-version",
    ],
)
def test_what_is_offered_closes_the_way_in(name: str) -> None:
    """Fix after fix, until there is nothing left to fix: then it is proved."""
    account = fixture(name)
    for _ in range(4):
        proof = proof_of(account)
        if proof.outcome is Outcome.PROVED:
            break
        account = applied(account, fix_of(counting(proof)[0]))
    assert proof_of(account).outcome is Outcome.PROVED


@pytest.mark.parametrize(
    ("name", "lines", "words"),
    [
        ("bool-mistake", 2, "say `BoolIfExists` instead of `Bool`"),
        ("null-mistake", 2, "name `aws:MultiFactorAuthAge`"),
        ("role-without-mfa", 3, "ask for MFA in the trust policy of `open`"),
    ],
)
def test_the_smallest_change_is_taken(name: str, lines: int, words: str) -> None:
    fix = fix_of(counting(proof_of(fixture(name)))[0])
    assert fix.changed_lines == lines
    assert words in fix.summary


def test_a_diff_can_be_given_to_patch(tmp_path: Path) -> None:
    account = fixture("bool-mistake")
    fix = fix_of(counting(proof_of(account))[0])
    (force,) = (each for each in account.groups[0].inline if each.name == "ForceMFA")
    (tmp_path / fix.file).write_text(force.document)
    subprocess.run(["patch", "-p1"], input=fix.diff, text=True, cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / fix.file).read_text().rstrip("\n") == fix.document.rstrip("\n")


def test_who_can_enrol_before_can_enrol_afterwards() -> None:
    """A Deny of everything without MFA would close it in fewer lines, and lock alice out for good."""
    account = snapshot([user("alice", *SELF_SERVICE, allow("s3:*"))])
    fix = fix_of(counting(proof_of(account))[0])
    own = next(each for each in proof_of(applied(account, fix)).principals if each.name == "alice")
    assert own.own_first_device is not None
    assert own.own_first_device.outcome == "yes"


def test_a_statement_that_also_lets_enrol_is_not_put_behind_mfa() -> None:
    """A condition on the one Allow would be the smallest change, and nobody could enrol then."""
    enrolling = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"]
    account = snapshot([user("alice", allow(["s3:*", *enrolling]))])
    fix = fix_of(counting(proof_of(account))[0])
    own = next(each for each in proof_of(applied(account, fix)).principals if each.name == "alice")
    assert own.own_first_device is not None
    assert own.own_first_device.outcome == "yes"


def test_no_deny_for_lack_of_mfa_is_put_where_a_role_has_it() -> None:
    """The managed policy that the user and the role share is left alone."""
    shared = f"{ARN}policy/Shared"
    account = snapshot(
        [user("alice", attached=[shared])],
        roles=[role("web", {"Principal": {"Service": "ec2.amazonaws.com"}})],
    )
    text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
    policy = ManagedPolicy(
        arn=shared,
        id="ANPASHARED",
        name="Shared",
        default_version="v1",
        versions=(PolicyVersion(id="v1", document=text),),
    )
    account = replace(
        account, policies=(policy,), roles=tuple(replace(each, attached=(shared,)) for each in account.roles)
    )
    proof = proof_of(account)
    fix = fix_of(counting(proof)[0])
    assert '"Deny"' not in fix.diff or fix.arn != shared
    web = next(each for each in applied(account, fix).roles if each.name == "web")
    assert web.trust == account.roles[0].trust


def test_a_trust_policy_that_names_a_service_too_is_not_changed_for_it() -> None:
    both = {"Principal": {"AWS": f"{ARN}root", "Service": "lambda.amazonaws.com"}}
    account = snapshot(
        [user("alice", allow("sts:AssumeRole"))], roles=[role("work", both, allow("s3:GetObject"))]
    )
    fix = fix_of(counting(proof_of(account))[0])
    assert ":role/" not in fix.owner


def test_a_trust_policy_that_names_a_role_too_does_not_ask_that_for_mfa() -> None:
    machine = role("machine", {"Principal": {"Service": "ec2.amazonaws.com"}}, allow("sts:AssumeRole"))
    both = {"Principal": {"AWS": [f"{ARN}user/alice", f"{ARN}role/machine"]}}
    account = snapshot([user("alice")], roles=[machine, role("work", both, allow("s3:GetObject"))])
    assert ":role/" not in fix_of(counting(proof_of(account))[0]).owner
    outside = {"Principal": {"AWS": "arn:aws:iam::999999999999:role/ci"}}
    (finding,) = counting(proof_of(snapshot(roles=[role("work", outside, allow("s3:GetObject"))])))
    assert finding.fix is None


def test_a_group_of_aws_policies_gets_a_policy_of_its_own() -> None:
    arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
    text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
    version = PolicyVersion(id="v1", document=text)
    policy = ManagedPolicy(
        arn=arn, id="ANPA", name="AmazonS3FullAccess", default_version="v1", versions=(version,)
    )
    account = snapshot([user("alice", groups=["staff"])], [group("staff", *SELF_SERVICE)])
    staff = replace(account.groups[0], inline=(), attached=(arn,))
    account = replace(account, groups=(staff,), policies=(policy,))
    fix = fix_of(counting(proof_of(account))[0])
    assert (fix.owner, fix.policy) == (f"{ARN}group/staff", "RequireMFA (inline)")
    assert fix.diff.startswith("--- /dev/null\n")
    assert proof_of(applied(account, fix)).outcome is Outcome.PROVED


def test_where_nothing_closes_it_no_fix_is_invented() -> None:
    proof = proof_of(fixture("root-key"))
    (finding,) = (each for each in counting(proof) if each.outcome is Outcome.REFUTED)
    assert finding.fix is None
    assert finding.no_fix


@pytest.mark.parametrize(
    "text",
    [
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}',
        (
            '{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n'
            '      "Action": "*",\n      "Resource": "*"\n    }\n  ]\n}'
        ),
        (
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*",\n'
            '  "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}]}'
        ),
        (
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*",\n'
            '  "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]}'
        ),
    ],
)
def test_edits_leave_a_policy_that_says_what_was_put_in(text: str) -> None:
    policy = parse_policy(text, name="written", kind=PolicyKind.IDENTITY)
    before = [(str(each.operator), each.key.text) for each in policy.statements[0].conditions]
    edited = with_condition(text, policy.statements[0], "Bool", "aws:MultiFactorAuthPresent", "true")
    assert edited is not None
    (statement,) = parse_policy(edited, name="edited", kind=PolicyKind.IDENTITY).statements
    after = {(str(each.operator), each.key.text) for each in statement.conditions}
    assert after == {*before, ("Bool", "aws:MultiFactorAuthPresent")}
    longer = with_statements(text, policy, [DENY_ALL_BUT_ENROLLING])
    assert longer is not None
    added = parse_policy(longer, name="longer", kind=PolicyKind.IDENTITY).statements
    assert [each.effect.value for each in added] == ["Allow", "Deny"]
    shown, lines = diff("x", text, longer)
    assert lines == sum(line[0] in "+-" for line in shown.splitlines()[2:])


def test_a_condition_that_is_there_already_is_not_put_in_twice() -> None:
    account = snapshot([user("alice", allow("s3:*", **WITH_MFA))])
    text = account.users[0].inline[0].document
    policy = parse_policy(text, name="written", kind=PolicyKind.IDENTITY)
    assert with_condition(text, policy.statements[0], "Bool", "AWS:multifactorauthpresent", "true") is None
