from __future__ import annotations

import math
from typing import Any

import pytest

from sandbox.identity.small_world import ACCOUNT, START, STEP, World
from watchword.iam import Assumptions, MfaState
from watchword.iam.context import AGE_KEY, PRESENT_KEY
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.identity.device import NewDevice
from watchword.sandbox.identity.sts import Sts
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

CHAINED = (
    "ValidationError (400): The requested DurationSeconds exceeds the 1 hour session limit "
    "for roles assumed by role chaining."
)
TAG_CONFLICT = (
    "One of the specified transitive tag keys can't be set because it conflicts "
    "with a transitive tag key from the calling session."
)
ROLE_MAXIMUM = (
    "ValidationError (400): The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
)


@pytest.fixture
def device(world: World) -> NewDevice:
    return world.enrolled(world.add_user("anna"))


@pytest.fixture
def anna(world: World, device: NewDevice) -> Caller:
    return world.user("anna")


@pytest.fixture
def role_arn(world: World) -> str:
    return world.add_role("auditor", path="/audit/", max_session_seconds=43_200).arn


def assume(world: World, caller: Caller, role_arn: str, **params: object) -> dict[str, Any]:
    return world.call("AssumeRole", caller, **{"RoleArn": role_arn, "RoleSessionName": "work", **params})


def refusal(world: World, caller: Caller, role_arn: str, **params: object) -> str:
    with pytest.raises(AwsError) as refused:
        assume(world, caller, role_arn, **params)
    return str(refused.value)


def with_code(world: World, device: NewDevice, offset: int = 0) -> dict[str, object]:
    return {"SerialNumber": device.serial_number, "TokenCode": world.code(device, offset)}


def test_a_user_becomes_a_role_for_an_hour(world: World, anna: Caller, role_arn: str) -> None:
    result = assume(world, anna, role_arn)
    role_id = world.directory.roles["auditor"].role_id
    assert result["AssumedRoleUser"] == {
        "AssumedRoleId": f"{role_id}:work",
        "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/auditor/work",
    }
    assert sorted(result) == ["AssumedRoleUser", "Credentials"]
    assert (result["Credentials"]["Expiration"] - START).total_seconds() == 3600
    session = world.holder(result).session
    assert session is not None
    assert (session.session_name, session.source_arn) == ("work", anna.principal.arn)


# --- MFA ------------------------------------------------------------------------------------------


def test_with_a_code_the_trust_policy_sees_true_of_age_nought(
    world: World, anna: Caller, device: NewDevice, role_arn: str
) -> None:
    assume(world, anna, role_arn, **with_code(world, device))
    present = {PRESENT_KEY: "true", AGE_KEY: "0"}
    assert world.assumed[0]["mfa"].trust_policy == present
    assert world.assumed[0]["mfa"].own_policies == present, "the named assumption"


def test_without_a_code_both_sides_see_what_the_key_carries(
    world: World, anna: Caller, device: NewDevice, role_arn: str
) -> None:
    assume(world, anna, role_arn)
    session = world.holder(world.call("GetSessionToken", anna))
    assume(world, session, role_arn)
    strong = world.holder(world.call("GetSessionToken", anna, **with_code(world, device)))
    world.clock.move(2 * STEP)
    assume(world, strong, role_arn)
    seen = [(call["mfa"].own_policies, call["mfa"].trust_policy) for call in world.assumed]
    expected: list[dict[str, str]] = [{}, {PRESENT_KEY: "false"}, {PRESENT_KEY: "true", AGE_KEY: "60"}]
    assert seen == [(keys, keys) for keys in expected]


def test_the_session_of_a_role_carries_false_even_after_a_code(
    world: World, anna: Caller, device: NewDevice, role_arn: str
) -> None:
    session = world.holder(assume(world, anna, role_arn, **with_code(world, device)))
    assert session.mfa is MfaState.FALSE
    assert session.session is not None
    assert session.session.contested is None


def test_what_is_contested_follows_the_assumptions_and_says_so(
    world: World, anna: Caller, device: NewDevice, role_arn: str
) -> None:
    strong = world.holder(world.call("GetSessionToken", anna, **with_code(world, device)))
    plain = world.holder(assume(world, strong, role_arn))
    assert plain.mfa is MfaState.FALSE
    assert plain.session is not None
    assert plain.session.contested == "role_session_from_mfa_session"
    world.sts = Sts(
        clock=world.clock,
        directory=world.directory,
        devices=world.devices,
        sessions=world.sessions,
        assumptions=Assumptions(role_session_from_mfa_session=MfaState.TRUE),
    )
    generous = world.holder(assume(world, strong, role_arn))
    assert generous.mfa is MfaState.TRUE
    assert generous.mfa_keys(START + STEP) == {PRESENT_KEY: "true", AGE_KEY: "30"}


def test_a_code_is_used_up_by_assuming_a_role(
    world: World, anna: Caller, device: NewDevice, role_arn: str
) -> None:
    code = with_code(world, device)
    assume(world, anna, role_arn, **code)
    wrong = "AccessDenied (403): MultiFactorAuthentication failed with invalid MFA one time pass code. "
    assert refusal(world, anna, role_arn, **code) == wrong
    with pytest.raises(AwsError, match="invalid MFA one time pass code"):
        world.call("GetSessionToken", anna, **code)


def test_serial_number_and_code_go_together(
    world: World, anna: Caller, device: NewDevice, role_arn: str
) -> None:
    answer = refusal(world, anna, role_arn, SerialNumber=device.serial_number)
    assert answer.endswith("must provide both MFA serial number and one time pass code.")


def test_a_code_is_checked_before_the_role_is_looked_at(
    world: World, anna: Caller, device: NewDevice
) -> None:
    missing = f"arn:aws:iam::{ACCOUNT}:role/missing"
    answer = refusal(
        world, anna, missing, SerialNumber=device.serial_number, TokenCode=world.wrong_code(device)
    )
    assert "invalid MFA one time pass code" in answer


def test_a_session_without_mfa_gives_a_code_of_its_own_device(
    world: World, anna: Caller, device: NewDevice, role_arn: str
) -> None:
    session = world.holder(world.call("GetSessionToken", anna))
    assume(world, session, role_arn, **with_code(world, device))
    assert world.assumed[-1]["mfa"].trust_policy == {PRESENT_KEY: "true", AGE_KEY: "0"}


def test_a_role_session_has_no_device(world: World, anna: Caller, device: NewDevice, role_arn: str) -> None:
    session = world.holder(assume(world, anna, role_arn))
    assert "unable to validate MFA code" in refusal(world, session, role_arn, **with_code(world, device))


# --- who may --------------------------------------------------------------------------------------


def test_root_assumes_no_role_not_even_by_session(world: World, role_arn: str) -> None:
    root = world.root()
    session = world.holder(world.call("GetSessionToken", root))
    for caller in (root, session):
        assert refusal(world, caller, role_arn) == (
            "AccessDenied (403): Roles may not be assumed by root accounts."
        )
    assert world.assumed == []


@pytest.mark.parametrize(
    "role_arn",
    [
        f"arn:aws:iam::{ACCOUNT}:role/missing",
        f"arn:aws:iam::{ACCOUNT}:role/auditor",  # without its path
        "arn:aws:iam::999999999999:role/audit/auditor",
    ],
)
def test_a_role_that_is_not_there_looks_like_one_that_is_not_allowed(
    world: World, anna: Caller, role_arn: str
) -> None:
    world.add_role("auditor", path="/audit/")
    assert refusal(world, anna, role_arn) == (
        f"AccessDenied (403): User: arn:aws:iam::{ACCOUNT}:user/anna is not authorized to perform: "
        f"sts:AssumeRole on resource: {role_arn}"
    )


def test_what_the_policies_refuse_is_refused(world: World, anna: Caller, role_arn: str) -> None:
    def refuse(**_what: object) -> None:
        raise AwsError("AccessDenied", "no", status=403)

    with pytest.raises(AwsError, match="no"):
        world.sts.call(
            "AssumeRole", anna, {"RoleArn": role_arn, "RoleSessionName": "work"}, may_assume=refuse
        )
    assert world.sessions._sessions == {}


def test_the_policies_are_asked_with_all_there_is_to_know(world: World, anna: Caller, role_arn: str) -> None:
    assume(world, anna, role_arn, ExternalId="partner", SourceIdentity="anna")
    asked = world.assumed[0]
    assert asked["caller"] == anna
    assert asked["role"].arn == role_arn
    assert asked["params"]["ExternalId"] == "partner"
    assert asked["source_identity"] == "anna"
    assert asked["tags"].all == {}


@pytest.mark.parametrize(
    "role_arn", ["x" * 20, "arn:aws:iam::12:role/short-account", "arn:aws:s3:::bucket-name-here"]
)
def test_an_arn_of_no_role_is_invalid(world: World, anna: Caller, role_arn: str) -> None:
    assert refusal(world, anna, role_arn) == "ValidationError (400): Request ARN is invalid"


def test_what_is_missing_or_malformed_is_reported_at_once(world: World, anna: Caller) -> None:
    with pytest.raises(AwsError) as refused:
        world.call("AssumeRole", anna, RoleSessionName="x", DurationSeconds=899)
    assert refused.value.message == (
        "3 validation errors detected: "
        "Value null at 'roleArn' failed to satisfy constraint: Member must not be null; "
        "Value 'x' at 'roleSessionName' failed to satisfy constraint: "
        "Member must have length greater than or equal to 2; "
        "Value '899' at 'durationSeconds' failed to satisfy constraint: "
        "Member must have value greater than or equal to 900"
    )


# --- how long -------------------------------------------------------------------------------------


def test_a_session_lasts_up_to_the_roles_maximum(world: World, anna: Caller) -> None:
    role = world.add_role("short", max_session_seconds=3600)
    assume(world, anna, role.arn, DurationSeconds=3600)
    assert refusal(world, anna, role.arn, DurationSeconds=3601) == ROLE_MAXIMUM


def test_no_session_lasts_longer_than_twelve_hours(world: World, anna: Caller, role_arn: str) -> None:
    assume(world, anna, role_arn, DurationSeconds=43_200)
    assert refusal(world, anna, role_arn, DurationSeconds=43_201).endswith(
        "Member must have value less than or equal to 43200"
    )


def test_from_a_session_a_role_is_held_for_an_hour_at_most(
    world: World, anna: Caller, device: NewDevice, role_arn: str
) -> None:
    sessions = [
        world.holder(assume(world, anna, role_arn)),
        world.holder(world.call("GetSessionToken", anna)),
        world.holder(world.call("GetSessionToken", anna, **with_code(world, device))),
    ]
    for session in sessions:
        assume(world, session, role_arn, DurationSeconds=3600)
        assert refusal(world, session, role_arn, DurationSeconds=3601) == CHAINED


def test_the_roles_maximum_comes_before_the_hour_of_chaining(
    world: World, anna: Caller, role_arn: str
) -> None:
    short = world.add_role("short", max_session_seconds=3600)
    session = world.holder(assume(world, anna, role_arn))
    assert refusal(world, session, short.arn, DurationSeconds=3601) == ROLE_MAXIMUM


# --- what the session carries ---------------------------------------------------------------------


def tags(**pairs: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def test_transitive_tags_are_passed_on_and_the_others_are_not(
    world: World, anna: Caller, role_arn: str
) -> None:
    first = world.holder(
        assume(world, anna, role_arn, Tags=tags(team="red", floor="3"), TransitiveTagKeys=["Team"])
    )
    second = world.holder(assume(world, first, role_arn, Tags=tags(desk="7")))
    third = world.holder(assume(world, second, role_arn))
    carried = [holder.session.tags for holder in (first, second, third) if holder.session]
    assert carried == [{"team": "red", "floor": "3"}, {"team": "red", "desk": "7"}, {"team": "red"}]
    assert world.assumed[1]["tags"].requested == {"desk": "7"}
    assert world.assumed[1]["tags"].all == {"team": "red", "desk": "7"}


@pytest.mark.parametrize(
    ("params", "answer"),
    [
        (
            {"Tags": tags(Team="blue")},
            TAG_CONFLICT,
        ),
        (
            {"Tags": tags(desk="7"), "TransitiveTagKeys": ["floor"]},
            "The specified transitive tag key must be included in the requested tags.",
        ),
        (
            {"Tags": tags(desk="7", Desk="8")},
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
    ],
)
def test_tags_that_do_not_fit_are_refused(
    world: World, anna: Caller, role_arn: str, params: dict[str, object], answer: str
) -> None:
    session = world.holder(assume(world, anna, role_arn, Tags=tags(team="red"), TransitiveTagKeys=["team"]))
    assert refusal(world, session, role_arn, **params) == f"InvalidParameterValue (400): {answer}"


def test_a_source_identity_stays_once_it_is_set(world: World, anna: Caller, role_arn: str) -> None:
    first = assume(world, anna, role_arn, SourceIdentity="anna")
    assert first["SourceIdentity"] == "anna"
    session = world.holder(first)
    assert assume(world, session, role_arn)["SourceIdentity"] == "anna"
    assert assume(world, session, role_arn, SourceIdentity="anna")["SourceIdentity"] == "anna"
    assert refusal(world, session, role_arn, SourceIdentity="boris") == (
        "ValidationError (400): The source identity is already set for this assume role session"
    )


def test_session_policies_are_kept_as_text(world: World, anna: Caller, role_arn: str) -> None:
    policy = '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
    arns = [f"arn:aws:iam::{ACCOUNT}:policy/one", f"arn:aws:iam::{ACCOUNT}:policy/two"]
    result = assume(world, anna, role_arn, Policy=policy, PolicyArns=[{"arn": arn} for arn in arns])
    assert result["PackedPolicySize"] == math.ceil((len(policy) + sum(map(len, arns))) / 20.48)
    session = world.holder(result).session
    assert session is not None
    assert (session.policy, session.policy_arns) == (policy, tuple(arns))


def test_session_policies_have_2048_characters_and_ten_arns_at_most(
    world: World, anna: Caller, role_arn: str
) -> None:
    policy = '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
    assume(world, anna, role_arn, Policy=policy.ljust(2048))
    assert refusal(world, anna, role_arn, Policy=policy.ljust(2400)) == (
        "PackedPolicyTooLarge (400): "
        "Packed policy consumes 118% of allotted space, please use smaller policy."
    )
    arns = [{"arn": f"arn:aws:iam::{ACCOUNT}:policy/p{number}"} for number in range(11)]
    assume(world, anna, role_arn, PolicyArns=arns[:10])
    assert "Member must have length less than or equal to 10" in refusal(
        world, anna, role_arn, PolicyArns=arns
    )


@pytest.mark.parametrize("policy", ["{", "null", '{"Statement": {"Effect": "Maybe"}}'])
def test_a_session_policy_must_be_a_policy(
    world: World, anna: Caller, device: NewDevice, role_arn: str, policy: str
) -> None:
    code = with_code(world, device)
    answer = refusal(world, anna, role_arn, Policy=policy, **code)
    assert answer == "MalformedPolicyDocument (400): Syntax errors in policy."
    assume(world, anna, role_arn, **code)


def test_provided_contexts_are_not_offered(world: World, anna: Caller, role_arn: str) -> None:
    with pytest.raises(SandboxRefusal, match="ProvidedContexts"):
        assume(
            world, anna, role_arn, ProvidedContexts=[{"ProviderArn": "arn:aws:iam::aws:contextProvider/x"}]
        )
