"""Credentials taken as they are found: what the SDK would find, and nobody is asked for a code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws import Key, LocalAws, local_aws
from watchword.aws import ProfileNotFound, UnusableSource, caller_identity
from watchword.aws.as_it_is import as_it_is
from watchword.errors import WatchwordError

_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE")


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with local_aws(tmp_path_factory.mktemp("as-it-is") / "sandbox") as running:
        yield running


@pytest.fixture
def files(aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The AWS files of somebody whose environment leads to the sandbox, in a folder."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, file in (("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")):
        (tmp_path / file).touch()
        monkeypatch.setenv(name, str(tmp_path / file))
    return tmp_path


def _write(files: Path, name: str, key: Key) -> None:
    lines = [f"[{name}]", f"aws_access_key_id = {key.access_key_id}"]
    lines += [f"aws_secret_access_key = {key.secret_access_key}"]
    lines += [f"aws_session_token = {key.session_token}"] if key.session_token else []
    with (files / "credentials").open("a") as file:
        file.write("\n".join(lines) + "\n")


def _set(monkeypatch: pytest.MonkeyPatch, key: Key) -> None:
    for name, value in key.environment.items():
        monkeypatch.setenv(name, value)


def _who(profile: str | None = None) -> str:
    return caller_identity(as_it_is(profile).signed).arn.rpartition(":")[2]


def test_a_session_in_the_environment_goes_before_the_default_profile(
    aws: LocalAws, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(files, "default", aws.root)
    assert _who() == "root"
    _set(monkeypatch, aws.session(aws.user("alice"), duration_seconds=900))
    assert _who() == "user/alice"


def test_a_profile_that_is_named_goes_before_the_environment(
    aws: LocalAws, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(files, "work", aws.root)
    _set(monkeypatch, aws.user("bob"))
    assert _who("work") == "root"
    assert _who() == "user/bob"
    monkeypatch.setenv("AWS_PROFILE", "work")
    assert _who() == "root"


def test_a_session_in_a_profile_is_taken_as_it_is(aws: LocalAws, files: Path) -> None:
    _write(files, "pasted", aws.session(aws.user("carol"), duration_seconds=900))
    assert _who("pasted") == "user/carol"
    assert as_it_is("pasted").what == "a session that was made elsewhere"


def test_a_web_identity_of_the_environment_assumes_its_role(
    aws: LocalAws, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (files / "token").write_text("not a token of anybody")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(files / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", f"arn:aws:iam::{aws.account}:role/ci")
    with pytest.raises(WatchwordError, match="AssumeRoleWithWebIdentity"):
        as_it_is(None)


def test_nothing_anywhere_is_said(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(ProfileNotFound, match="`default`"):
        as_it_is(None)


def test_a_role_is_not_assumed(aws: LocalAws, files: Path) -> None:
    _write(files, "key", aws.root)
    (files / "config").write_text(
        f"[profile role]\nrole_arn = arn:aws:iam::{aws.account}:role/r\nsource_profile = key\n"
    )
    with pytest.raises(UnusableSource, match="assumes a role"):
        as_it_is("role")


def test_secrets_are_not_shown(aws: LocalAws, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, aws.root)
    found = as_it_is(None)
    assert aws.root.secret_access_key not in json.dumps([repr(found), repr(found.signed), str(found)])
