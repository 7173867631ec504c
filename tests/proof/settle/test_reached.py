"""All actions of the principals of an account."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from proof.settle.asking_subjects import ACCOUNT, Statement, allow, deny, universe
from watchword.account.accounts import Accounts
from watchword.account.read import read_snapshot
from watchword.account.snapshot import InlinePolicy, ResourcePolicy, Role, Snapshot, User
from watchword.iam import MfaState
from watchword.proof.reach import Reached, Reacher

ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
_ACCOUNTS = Path(__file__).resolve().parents[2] / "accounts"


def _document(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def reacher(*statements: Statement, roles: tuple[Role, ...] = (), resources: object = None) -> Reacher:
    snapshot = Snapshot(
        account_id=ACCOUNT,
        source="read",
        taken_at=datetime(2026, 1, 1, tzinfo=UTC),
        users=(
            User(
                arn=ALICE,
                id="AIDA1",
                name="alice",
                inline=(InlinePolicy(name="own", document=_document(*statements)),),
            ),
        ),
        groups=(),
        roles=roles,
        policies=(),
        resource_policies=resources,  # type: ignore[arg-type]
    )
    return Reacher(Accounts.of([snapshot]), universe())


def reached(made: Reacher, mfa: MfaState = MfaState.ABSENT) -> Reached:
    state = next(each for each in made.states(ALICE) if each.mfa is mfa)
    return made.reached(made.subject(ALICE, state))


def reaches(result: Reached, action: str) -> bool:
    return bool(result.actions >> universe().bit(action) & 1)


def reason(result: Reached, action: str) -> str | None:
    bit = universe().bit(action)
    return next((why for mask, why in result.undetermined if mask >> bit & 1), None)


def test_every_reached_action_has_a_request_that_is_allowed() -> None:
    made = reacher(
        allow(["s3:Get*", "s3:List*"], "arn:aws:s3:::files/*"),
        allow("iam:*", f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"),
        allow("ec2:*", IpAddress={"aws:SourceIp": "203.0.113.0/24"}),
        deny("ec2:*", StringNotEquals={"aws:RequestedRegion": "eu-west-1"}),
    )
    result = reached(made)
    actions = universe().expand(result.actions)
    assert len(actions) > 500
    for action in actions[::7]:
        assert result.witness(action).decision.allowed


@pytest.mark.parametrize(
    "path",
    [each for each in sorted(_ACCOUNTS.glob("*.json")) if not each.name.endswith(".expected.json")],
    ids=lambda path: path.stem,
)
def test_accounts_reach_directly_what_they_are_said_to(path: Path) -> None:
    expected = json.loads(path.with_suffix(".expected.json").read_text())
    made = Reacher(Accounts.of([read_snapshot(path.read_bytes(), name=path.name)]), universe())
    for kind, wanted in (("direct", True), ("not_direct", False)):
        for mfa, by_name in expected.get(kind, {}).items():
            for principal in made.accounts.principals:
                have = 0
                for state in made.states(principal.arn):
                    if state.mfa.value == mfa and state.exists.value != "no":
                        have |= made.reached(made.subject(principal.arn, state)).actions
                for action in by_name.get(principal.name, ()):
                    assert bool(have >> universe().bit(action) & 1) is wanted, (principal.name, action)


def test_actions_that_are_not_known_yet_are_reached_by_wildcards() -> None:
    result = reached(
        reacher(allow("s3:Get*"), allow("ec2:DescribeRegions"), deny("sqs:G*"), allow("sqs:Get*"))
    )
    assert reaches(result, "s3:?")
    assert not reaches(result, "ec2:?")
    assert not reaches(result, "sqs:?")
    assert not reaches(result, "lambda:?")
    request = result.witness("s3:?").request
    assert request.action.startswith("s3:get")
    assert not universe().knows(request.action)


def test_an_action_that_only_a_policy_knows_is_left_open() -> None:
    result = reached(reacher(allow("iam:GetRoles")))
    assert not reaches(result, "iam:?")


def test_users_that_do_not_exist_are_not_acted_on() -> None:
    result = reached(reacher(allow("iam:*"), deny("iam:AttachUserPolicy", ALICE)))
    assert not reaches(result, "iam:AttachUserPolicy")
    assert reaches(result, "iam:CreateUser")


def _role(name: str, trust: Statement) -> Role:
    return Role(arn=f"arn:aws:iam::{ACCOUNT}:role/{name}", id="AROA1", name=name, trust=_document(trust))


def _trust(principal: str, **conditions: object) -> Statement:
    found: Statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return {**found, "Condition": conditions} if conditions else found


def test_a_role_is_assumed_where_both_sides_allow() -> None:
    own = f"arn:aws:iam::{ACCOUNT}:role/*"
    root = f"arn:aws:iam::{ACCOUNT}:root"
    open_role = _role("open", _trust(root))
    asks_mfa = _role("strict", _trust(root, Bool={"aws:MultiFactorAuthPresent": "true"}))
    names_alice = _role("direct", _trust(ALICE))
    assert reaches(reached(reacher(allow("sts:AssumeRole", own), roles=(open_role,))), "sts:AssumeRole")
    assert not reaches(reached(reacher(allow("s3:*"), roles=(open_role,))), "sts:AssumeRole")
    assert reaches(reached(reacher(allow("s3:*"), roles=(names_alice,))), "sts:AssumeRole")
    strict = reacher(allow("sts:AssumeRole", own), roles=(asks_mfa,))
    assert not reaches(reached(strict), "sts:AssumeRole")
    assert reason(reached(strict), "sts:AssumeRole") is None
    assert reaches(reached(strict, MfaState.TRUE), "sts:AssumeRole")


def test_a_role_of_an_account_that_is_not_here_is_left_open() -> None:
    result = reached(reacher(allow("sts:AssumeRole", "arn:aws:iam::222222222222:role/hub")))
    assert not reaches(result, "sts:AssumeRole")
    assert "accounts that are not among the snapshots" in str(reason(result, "sts:AssumeRole"))


def _resource(arn: str, service: str, *statements: Statement) -> ResourcePolicy:
    return ResourcePolicy(arn=arn, account_id=ACCOUNT, service=service, document=_document(*statements))


def test_the_policy_of_a_bucket_lets_in_and_keeps_out() -> None:
    bucket = "arn:aws:s3:::reports"
    lets_in = {
        "Effect": "Allow",
        "Principal": {"AWS": ALICE},
        "Action": "s3:GetObject",
        "Resource": f"{bucket}/*",
    }
    keeps_out = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [bucket, f"{bucket}/*"]}
    named = reached(reacher(allow("ec2:Get*"), resources=(_resource(bucket, "s3", lets_in),)))
    assert reaches(named, "s3:GetObject")
    assert named.witness("s3:GetObject").request.resource.startswith(f"{bucket}/")
    denied = reacher(allow("s3:ListBucket", bucket), resources=(_resource(bucket, "s3", keeps_out),))
    assert not reaches(reached(denied), "s3:ListBucket")
    elsewhere = reacher(allow("s3:ListBucket"), resources=(_resource(bucket, "s3", keeps_out),))
    assert reached(elsewhere).witness("s3:ListBucket").request.resource != bucket


def test_a_key_is_used_where_its_policy_delegates() -> None:
    arn = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
    delegates = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    not_read = reached(reacher(allow("kms:*")))
    assert "key" in str(reason(not_read, "kms:Decrypt"))
    read = reached(reacher(allow("kms:*"), resources=(_resource(arn, "kms", delegates),)))
    assert reaches(read, "kms:Decrypt")


def test_what_cannot_be_read_leaves_everything_open() -> None:
    made = reacher(allow("*"))
    made.accounts.by_id[ACCOUNT].snapshot  # noqa: B018 -- it is there
    path = _ACCOUNTS / "unparsable-policy.json"
    broken = Reacher(Accounts.of([read_snapshot(path.read_bytes(), name="x")]), universe())
    for principal in broken.accounts.principals:
        for state in broken.states(principal.arn):
            subject = broken.subject(principal.arn, state)
            if subject.problems:
                result = broken.reached(subject)
                assert not reaches(result, "s3:GetObject")
                assert reason(result, "s3:GetObject") == subject.problems[0]


def test_grants_say_where_and_when() -> None:
    made = reacher(
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": "arn:aws:s3:::files/*",
            "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        },
        deny("s3:PutObject", "arn:aws:s3:::files/old/*"),
        deny("s3:*", Bool={"aws:MultiFactorAuthPresent": "false"}),
    )
    grants = reached(made).grants()
    by_action = {action: grant for grant in grants for action in universe().expand(grant.actions)}
    assert by_action["s3:GetObject"].resources == ("arn:aws:s3:::files/*",)
    assert by_action["s3:GetObject"].excepted == ()
    assert by_action["s3:PutObject"].excepted == ("arn:aws:s3:::files/old/*",)
    assert [each.key for each in by_action["s3:GetObject"].conditions] == ["aws:SourceIp"]
    assert by_action["s3:GetObject"].statements[0].sid == "Read"
