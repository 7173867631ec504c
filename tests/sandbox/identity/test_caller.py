from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox.identity.small_world import ACCOUNT, START, World
from watchword.iam import CredentialKind, MfaState, PrincipalKind
from watchword.iam.context import AGE_KEY, PRESENT_KEY
from watchword.sandbox.identity.sessions import Credentials
from watchword.sandbox.wire.error import AwsError
from watchword.sandbox.wire.protocol import Dialect


def refusal(world: World, key: str, token: str | None = None, dialect: Dialect = Dialect.QUERY) -> str:
    with pytest.raises(AwsError) as refused:
        world.identify(key, token, dialect=dialect)
    return f"{refused.value.code}: {refused.value.message}"


INVALID = "InvalidClientTokenId: The security token included in the request is invalid."


def test_a_users_key_is_the_user_without_mfa_keys(world: World) -> None:
    user = world.add_user("anna", path="/staff/")
    identified = world.identify(f"AKIA{'ANNA':X<16}")
    caller = identified.caller
    assert identified.secret_access_key == f"secret of AKIA{'ANNA':X<16}"
    assert identified.secret_access_key not in repr(identified)
    assert caller.principal.arn == f"arn:aws:iam::{ACCOUNT}:user/staff/anna"
    assert caller.principal.kind is PrincipalKind.USER
    assert caller.principal.unique_id == caller.user_id == user.user_id
    assert (caller.kind, caller.user_name, caller.account) == (CredentialKind.ACCESS_KEY, "anna", ACCOUNT)
    assert (caller.session, caller.issued_at, caller.mfa_at) == (None, None, None)
    assert caller.mfa is MfaState.ABSENT
    assert caller.mfa_keys(START) == {}


def test_roots_key_is_root(world: World) -> None:
    caller = world.root()
    assert caller.principal.arn == f"arn:aws:iam::{ACCOUNT}:root"
    assert (caller.kind, caller.user_id, caller.user_name) == (CredentialKind.ROOT_KEY, ACCOUNT, None)
    assert caller.is_root
    assert not caller.is_role_session


def test_a_session_without_a_code_carries_false(world: World) -> None:
    world.add_user("anna")
    caller = world.holder(world.call("GetSessionToken", world.user("anna")))
    assert caller.kind is CredentialKind.SESSION
    assert caller.principal == world.user("anna").principal
    assert caller.issued_at == START
    assert caller.mfa_keys(START) == {PRESENT_KEY: "false"}


def test_a_session_with_a_code_carries_true_and_its_age(world: World) -> None:
    device = world.enrolled(world.add_user("anna"))
    session = world.call(
        "GetSessionToken", world.user("anna"), SerialNumber=device.serial_number, TokenCode=world.code(device)
    )
    caller = world.holder(session)
    assert caller.kind is CredentialKind.SESSION_MFA
    assert caller.mfa_at == START
    assert caller.mfa_keys(START) == {PRESENT_KEY: "true", AGE_KEY: "0"}
    assert caller.mfa_keys(START + timedelta(seconds=61.9)) == {PRESENT_KEY: "true", AGE_KEY: "61"}
    assert caller.mfa_keys(START - timedelta(hours=1)) == {PRESENT_KEY: "true", AGE_KEY: "0"}


def test_a_key_that_nobody_has_or_that_is_inactive_is_invalid(world: World) -> None:
    world.add_user("anna")
    world.add_key("AKIAINACTIVE", user_name="anna", active=False)
    assert refusal(world, "AKIANOBODY") == INVALID
    assert refusal(world, "AKIAINACTIVE") == INVALID
    s3 = "The AWS Access Key Id you provided does not exist in our records."
    assert refusal(world, "AKIAINACTIVE", dialect=Dialect.S3) == f"InvalidAccessKeyId: {s3}"


def test_a_key_whose_user_is_gone_is_invalid(world: World) -> None:
    world.add_user("anna")
    del world.directory.users["anna"]
    assert refusal(world, f"AKIA{'ANNA':X<16}") == INVALID


def test_a_long_term_key_has_no_token(world: World) -> None:
    world.add_user("anna")
    assert refusal(world, f"AKIA{'ANNA':X<16}", "token") == INVALID


@pytest.fixture
def session(world: World) -> Credentials:
    world.add_user("anna")
    return credentials_of(world.call("GetSessionToken", world.user("anna")))


def credentials_of(result: dict[str, dict[str, str]]) -> Credentials:
    held = result["Credentials"]
    return Credentials(
        access_key_id=held["AccessKeyId"],
        secret_access_key=held["SecretAccessKey"],
        session_token=held["SessionToken"],
        expiration=START,
    )


def test_a_session_outlives_the_key_that_got_it(world: World, session: Credentials) -> None:
    world.directory.keys.clear()
    assert world.identify(session.access_key_id, session.session_token).caller.user_name == "anna"


def test_a_session_follows_its_renamed_user(world: World, session: Credentials) -> None:
    user = world.directory.users.pop("anna")
    renamed = world.add_user("ann")
    world.directory.users["ann"] = type(user)(
        name="ann", path="/", arn=renamed.arn, user_id=user.user_id, created_at=user.created_at
    )
    caller = world.identify(session.access_key_id, session.session_token).caller
    assert (caller.user_name, caller.principal.arn) == ("ann", renamed.arn)


def test_a_session_ends_with_its_user_even_if_one_of_the_name_comes_again(
    world: World, session: Credentials
) -> None:
    del world.directory.users["anna"]
    assert refusal(world, session.access_key_id, session.session_token) == INVALID
    world.add_user("boris")
    world.add_user("anna")
    assert refusal(world, session.access_key_id, session.session_token) == INVALID


def test_a_role_session_is_the_role_in_a_session(world: World) -> None:
    world.add_user("anna")
    role = world.add_role("auditor", path="/audit/")
    result = world.call("AssumeRole", world.user("anna"), RoleArn=role.arn, RoleSessionName="anna-1")
    caller = world.holder(result)
    assert caller.kind is CredentialKind.ROLE_SESSION
    assert caller.is_role_session
    assert caller.principal.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/auditor/anna-1"
    assert (caller.principal.role_arn, caller.principal.unique_id) == (role.arn, role.role_id)
    assert caller.user_id == f"{role.role_id}:anna-1"
    assert caller.user_name is None
    assert caller.mfa_keys(START) == {PRESENT_KEY: "false"}


def test_a_role_session_ends_with_its_role_even_if_one_of_the_name_comes_again(world: World) -> None:
    world.add_user("anna")
    role = world.add_role("auditor")
    held = credentials_of(
        world.call("AssumeRole", world.user("anna"), RoleArn=role.arn, RoleSessionName="anna")
    )
    world.add_role("another")
    del world.directory.roles["auditor"]
    assert refusal(world, held.access_key_id, held.session_token) == INVALID
    world.add_role("third")
    world.add_role("auditor")
    assert refusal(world, held.access_key_id, held.session_token) == INVALID


def test_expiry_comes_before_whether_the_user_is_there(world: World, session: Credentials) -> None:
    world.directory.users.clear()
    world.clock.move(timedelta(hours=12))
    assert refusal(world, session.access_key_id, session.session_token).startswith("ExpiredToken")
