from __future__ import annotations

import hashlib
import json
import shlex
import sys
from datetime import UTC, datetime, timedelta

import pytest

from aws.portal_peer import ROLE, Portal
from aws.role_account import role_session, support
from local_aws import LocalAws
from session.account import Account
from session.people import WATCHWORD, Somebody, somebody

_CALLER = ("--", "aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text")


@pytest.fixture
def guest(tmp_path_factory: pytest.TempPathFactory, sandbox: LocalAws, portal: Portal) -> Somebody:
    """Somebody without any key, whose profile `sup` is a role assumed from Identity Center."""
    portal.session = role_session(sandbox)
    own = somebody(tmp_path_factory.mktemp("guest") / "home", sandbox.endpoint_url, "AKIA", "unused")
    for variable in ("SSO", "SSO_OIDC", "SIGNIN"):
        own.environment[f"AWS_ENDPOINT_URL_{variable}"] = portal.url
    own.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = portal.url
    own.environment["AWS_PROFILE"] = "sup"
    (own.home / "aws" / "credentials").unlink()
    _config(own, support(sandbox), "source_profile = corp")
    return own


def _config(guest: Somebody, role_arn: str, source: str) -> None:
    (guest.home / "aws" / "config").write_text(
        "[sso-session corp]\nsso_start_url = https://d-1.awsapps.com/start\nsso_region = eu-west-1\n"
        "[profile corp]\nsso_session = corp\nsso_account_id = 123456789012\n"
        f"sso_role_name = {ROLE}\nregion = eu-west-1\n"
        f"[profile sup]\nrole_arn = {role_arn}\n{source}\nregion = eu-west-1\n"
    )


def _sign_in(guest: Somebody, portal: Portal, ends_in: timedelta = timedelta(hours=1)) -> None:
    """Leave what `aws sso login` leaves."""
    folder = guest.home / ".aws" / "sso" / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha1(b"corp", usedforsecurity=False).hexdigest()
    ends = f"{datetime.now(UTC) + ends_in:%Y-%m-%dT%H:%M:%SZ}"
    token = {"accessToken": portal.access_token, "expiresAt": ends}
    (folder / f"{name}.json").write_text(json.dumps(token))


def _arn(sandbox: LocalAws) -> str:
    return f"arn:aws:sts::{sandbox.account}:assumed-role/Support/"


def test_a_role_begins_with_identity_center_and_no_code_is_asked(
    guest: Somebody, sandbox: LocalAws, portal: Portal
) -> None:
    _sign_in(guest, portal)
    first = guest.run("exec", "sup", *_CALLER)
    assert (first.returncode, first.stdout.startswith(_arn(sandbox))) == (0, True), first.stderr
    again = guest.run("exec", "sup", *_CALLER)
    assert again.stdout == first.stdout
    assert portal.paths == ["/federation/credentials"]


def test_without_a_sign_in_nothing_runs_and_the_command_is_told(guest: Somebody, portal: Portal) -> None:
    _sign_in(guest, portal, ends_in=timedelta(hours=-1))
    ended = guest.run("exec", "sup", "--", "echo", "ran")
    assert (ended.returncode, ended.stdout) == (4, "")
    assert "hint: `aws sso login --profile corp`" in ended.stderr


def test_what_is_known_of_the_mfa_of_the_source_is_in_the_status(guest: Somebody, portal: Portal) -> None:
    _sign_in(guest, portal)
    signed_in = guest.run("login", "sup")
    assert signed_in.returncode == 0
    assert "sessions of Identity Center carry `aws:MultiFactorAuthPresent` false" in signed_in.stderr
    (session,) = json.loads(guest.run("status", "sup", "--output", "json").stdout)["sessions"]
    assert (session["mfa"], session["role"]["source"], session["device"]) == (False, "corp", None)


@pytest.mark.parametrize("source", ["credential_source = Ec2InstanceMetadata", "program"])
def test_a_role_begins_with_an_instance_or_another_program(
    guest: Somebody, sandbox: LocalAws, portal: Portal, source: str
) -> None:
    role_arn = f"arn:aws:iam::{sandbox.account}:role/Support"
    if source == "program":
        key = portal.session
        printed = {
            "Version": 1,
            "AccessKeyId": key.access_key_id,
            "SecretAccessKey": key.secret_access_key,
            "SessionToken": key.session_token,
        }
        script = guest.home / "program.py"
        script.write_text(f"print({json.dumps(printed)!r})")
        _config(guest, role_arn, "source_profile = tool")
        with (guest.home / "aws" / "config").open("a") as file:
            file.write(f"[profile tool]\ncredential_process = {shlex.join([sys.executable, str(script)])}\n")
    else:
        _config(guest, role_arn, source)
    ended = guest.run("exec", "sup", *_CALLER)
    assert (ended.returncode, ended.stdout.startswith(_arn(sandbox))) == (0, True), ended.stderr


def test_a_profile_that_signs_in_elsewhere_says_so_and_what_can_be_done(guest: Somebody) -> None:
    ended = guest.run("exec", "corp", "--", "echo", "ran")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "profile `corp` begins with IAM Identity Center, not with an access key" in ended.stderr
    assert "`--role ROLE` assumes a role from it" in ended.stderr


def test_a_role_can_be_named_beside_a_profile_that_signs_in_elsewhere(
    guest: Somebody, sandbox: LocalAws, portal: Portal
) -> None:
    _sign_in(guest, portal)
    ended = guest.run("exec", "corp", "--role", f"arn:aws:iam::{sandbox.account}:role/Support", *_CALLER)
    assert (ended.returncode, ended.stdout.startswith(_arn(sandbox))) == (0, True), ended.stderr


def test_mfa_that_a_profile_asks_for_and_its_source_has_not_is_refused_before_anything_is_sent(
    guest: Somebody, sandbox: LocalAws, portal: Portal
) -> None:
    _sign_in(guest, portal)
    serial = f"arn:aws:iam::{sandbox.account}:mfa/me"
    source = f"source_profile = corp\nmfa_serial = {serial}"
    _config(guest, f"arn:aws:iam::{sandbox.account}:role/Support", source)
    ended = guest.run("exec", "sup", "--", "echo", "ran")
    assert (ended.returncode, ended.stdout) == (4, "")
    assert "sessions of Identity Center carry `aws:MultiFactorAuthPresent` false" in ended.stderr
    assert portal.paths == []


@pytest.fixture
def inside(person: Somebody, account: Account) -> Somebody:
    """Somebody with a key whose profile `sup` takes whatever session is in the environment."""
    account.role_with_mfa("Support")
    role_arn = f"arn:aws:iam::{account.sandbox.account}:role/Support"
    with (person.home / "aws" / "config").open("a") as file:
        file.write(
            f"[profile sup]\nrole_arn = {role_arn}\ncredential_source = Environment\nregion = eu-west-1\n"
        )
    return person


def test_a_session_that_was_opened_here_is_known_in_the_environment(
    inside: Somebody, account: Account
) -> None:
    inside.login(account.code(), "work")
    nested = inside.run("exec", "work", "--", WATCHWORD, "exec", "sup", *_CALLER)
    assert (nested.returncode, nested.stdout.startswith(_arn(account.sandbox))) == (0, True), nested.stderr
    assert "the session in the environment is that of profile `work`" in nested.stderr


def test_a_long_term_key_in_the_environment_assumes_nothing(inside: Somebody, account: Account) -> None:
    key = {
        "AWS_ACCESS_KEY_ID": account.key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": account.key.secret_access_key,
    }
    ended = inside.run("exec", "sup", "--", "echo", "ran", **key)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "long-term key" in ended.stderr
    assert not account.calls("sts:AssumeRole")


def test_a_session_of_somebody_else_in_the_environment_serves_and_is_not_called_unused(
    inside: Somebody, account: Account
) -> None:
    sandbox = account.sandbox
    key = sandbox.session(account.key, account.serial())
    made = {
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        "AWS_SESSION_TOKEN": str(key.session_token),
    }
    ended = inside.run("exec", "sup", *_CALLER, **made)
    assert (ended.returncode, ended.stdout.startswith(_arn(sandbox))) == (0, True), ended.stderr
    assert "does not say whether a code was given" in ended.stderr
    assert "not used" not in ended.stderr
