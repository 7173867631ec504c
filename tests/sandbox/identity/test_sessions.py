from __future__ import annotations

import re
from datetime import timedelta

import pytest

from sandbox.identity.small_world import ACCOUNT, START, World
from watchword.iam import CredentialKind, MfaState
from watchword.sandbox.identity.sessions import Credentials, Grant
from watchword.sandbox.wire.error import AwsError
from watchword.sandbox.wire.protocol import Dialect

GRANT = Grant(
    account=ACCOUNT,
    user_id="AIDA0000000000000001",
    arn=f"arn:aws:iam::{ACCOUNT}:user/anna",
    kind=CredentialKind.SESSION,
    mfa=MfaState.FALSE,
)


@pytest.fixture
def minted(world: World) -> Credentials:
    return world.sessions.mint(GRANT, duration_seconds=900)


def refusal(world: World, key: str, token: str | None, dialect: Dialect = Dialect.QUERY) -> str:
    with pytest.raises(AwsError) as refused:
        world.sessions.find(key, token, dialect=dialect)
    return f"{refused.value.code}: {refused.value.message}"


def test_a_key_looks_as_aws_makes_them(minted: Credentials) -> None:
    assert re.fullmatch(r"ASIA[A-Z2-7]{16}", minted.access_key_id)
    assert re.fullmatch(r"[A-Za-z0-9+/]{40}", minted.secret_access_key)
    assert re.fullmatch(r"[A-Za-z0-9+/]{300,}=*", minted.session_token)


def test_no_two_sessions_share_anything(world: World, minted: Credentials) -> None:
    other = world.sessions.mint(GRANT, duration_seconds=900)
    assert other.access_key_id != minted.access_key_id
    assert other.secret_access_key != minted.secret_access_key
    assert other.session_token != minted.session_token


def test_a_session_is_found_by_its_key_and_its_own_token(world: World, minted: Credentials) -> None:
    found = world.sessions.find(minted.access_key_id, minted.session_token, dialect=Dialect.QUERY)
    assert found.secret_access_key == minted.secret_access_key
    assert (found.arn, found.kind, found.mfa) == (GRANT.arn, GRANT.kind, GRANT.mfa)
    assert found.issued_at == START
    assert found.expires_at == minted.expiration == START + timedelta(seconds=900)


def test_a_token_that_is_missing_or_anothers_is_invalid(world: World, minted: Credentials) -> None:
    other = world.sessions.mint(GRANT, duration_seconds=900)
    invalid = "InvalidClientTokenId: The security token included in the request is invalid."
    for token in (
        None,
        "",
        "x",
        "é",
        minted.session_token[:-1],
        minted.session_token + "=",
        other.session_token,
    ):
        assert refusal(world, minted.access_key_id, token) == invalid
    assert refusal(world, "ASIAUNKNOWN", minted.session_token) == invalid


@pytest.mark.parametrize(
    ("dialect", "answer"),
    [
        (Dialect.QUERY, "ExpiredToken: The security token included in the request is expired"),
        (Dialect.JSON, "ExpiredTokenException: The security token included in the request is expired"),
        (Dialect.EC2, "RequestExpired: Request has expired."),
        (Dialect.S3, "ExpiredToken: The provided token has expired."),
    ],
)
def test_a_session_ends_to_the_second(
    world: World, minted: Credentials, dialect: Dialect, answer: str
) -> None:
    world.clock.move(timedelta(seconds=899))
    world.sessions.find(minted.access_key_id, minted.session_token, dialect=dialect)
    world.clock.move(timedelta(seconds=1))
    assert refusal(world, minted.access_key_id, minted.session_token, dialect) == answer


def test_a_wrong_token_of_an_expired_session_is_invalid_not_expired(
    world: World, minted: Credentials
) -> None:
    world.clock.move(timedelta(hours=1))
    assert refusal(world, minted.access_key_id, "x").startswith("InvalidClientTokenId")


def test_a_session_lives_again_when_the_clock_is_moved_back(world: World, minted: Credentials) -> None:
    world.clock.move(timedelta(hours=1))
    world.clock.move(timedelta(hours=-1))
    assert world.sessions.find(minted.access_key_id, minted.session_token, dialect=Dialect.QUERY)


def test_expiry_follows_the_sandboxs_clock_and_not_the_skew(world: World, minted: Credentials) -> None:
    world.clock.skew = timedelta(days=7)
    assert world.sessions.find(minted.access_key_id, minted.session_token, dialect=Dialect.QUERY)


def test_no_repr_shows_a_secret_or_a_token(world: World, minted: Credentials) -> None:
    found = world.sessions.peek(minted.access_key_id)
    for shown in (repr(minted), repr(found)):
        assert minted.secret_access_key not in shown
        assert minted.session_token not in shown
