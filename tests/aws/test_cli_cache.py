from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local_aws import Key
from session.account import USER, Account
from session.people import Somebody, somebody
from watchword.aws.cli_cache import fill_cli_cache, forget_cli_cache
from watchword.aws.errors import UnusableCliCache
from watchword.fastpath.session_file import Credentials

_ACCOUNT = "123456789012"
_ARN = f"arn:aws:sts::{_ACCOUNT}:assumed-role/Support/me"


def _take_on(person: Somebody, monkeypatch: pytest.MonkeyPatch) -> Somebody:
    _role_profile(person, "sup")
    for name in [name for name in os.environ if name.startswith(("AWS_", "WATCHWORD_"))]:
        monkeypatch.delenv(name)
    for name in ("HOME", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, person.environment[name])
    return person


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Somebody:
    """Somebody with a role profile that names a device, whose environment this process takes on."""
    return _take_on(somebody(tmp_path / "home", "http://127.0.0.1:1", "AKIA", "unused"), monkeypatch)


@pytest.fixture
def at_account(person: Somebody, account: Account, monkeypatch: pytest.MonkeyPatch) -> Somebody:
    """The same, with an account in which the role is."""
    account.role_with_mfa("Support")
    return _take_on(person, monkeypatch)


def _role_profile(person: Somebody, name: str, **more: str) -> None:
    settings = {
        "role_arn": f"arn:aws:iam::{_ACCOUNT}:role/Support",
        "source_profile": "work",
        "mfa_serial": f"arn:aws:iam::{_ACCOUNT}:mfa/{USER}",
        "region": "eu-west-1",
        **more,
    }
    with (person.home / "aws" / "config").open("a") as file:
        file.write(f"[profile {name}]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items()))


def _made(access_key_id: str = "ASIAFIRST", *, lives: timedelta = timedelta(hours=1)) -> Credentials:
    return Credentials(
        access_key_id=access_key_id,
        secret_access_key="do/not/show",
        session_token="token",
        expires_at=datetime.now(UTC) + lives,
    )


def _assumed(account: Account) -> tuple[Credentials, str]:
    """Return a session of the role, opened with the code of the device."""
    sandbox = account.sandbox
    answer = sandbox.client("sts", account.key).assume_role(
        RoleArn=f"arn:aws:iam::{sandbox.account}:role/Support",
        RoleSessionName=USER,
        SerialNumber=account.serial(),
        TokenCode=sandbox.fresh_code(account.serial()),
    )
    key = Key.of(answer["Credentials"])
    credentials = Credentials(
        access_key_id=key.access_key_id,
        secret_access_key=key.secret_access_key,
        session_token=str(key.session_token),
        expires_at=answer["Credentials"]["Expiration"].astimezone(UTC),
    )
    return credentials, answer["AssumedRoleUser"]["Arn"]


def _entries(person: Somebody) -> list[Path]:
    return sorted((person.home / ".aws" / "cli" / "cache").glob("*"))


def _aws(person: Somebody, profile: str) -> subprocess.CompletedProcess[str]:
    return person.shell(["aws", "sts", "get-caller-identity", "--profile", profile, "--query", "Arn"])


def test_the_aws_command_asks_for_no_code_once_its_cache_is_filled(
    at_account: Somebody, account: Account
) -> None:
    asked = _aws(at_account, "sup")
    assert asked.returncode != 0
    assert "Enter MFA code" in asked.stdout + asked.stderr
    credentials, arn = _assumed(account)
    filled = fill_cli_cache("sup", credentials, arn)
    assert filled.left_alone is None
    answered = _aws(at_account, "sup")
    assert (answered.returncode, json.loads(answered.stdout)) == (0, arn)
    assert "Enter MFA code" not in answered.stderr


_VARIANTS: tuple[dict[str, str], ...] = (
    {},
    {"duration_seconds": "3600", "external_id": "partner-7", "role_session_name": "me"},
    {"source_identity": "ours", "duration_seconds": "an hour"},
)


def test_the_entry_is_the_one_that_the_aws_command_would_have_made(
    at_account: Somebody, account: Account
) -> None:
    for number, more in enumerate(_VARIANTS):
        name = f"other{number}"
        _role_profile(at_account, name, **more)
        path = fill_cli_cache(name, _made(), _ARN).path
        ours = json.loads(path.read_text())["Credentials"]
        path.unlink()
        terminal = at_account.terminal("aws", "sts", "get-caller-identity", "--profile", name)
        terminal.expect("Enter MFA code")
        terminal.sendline(account.sandbox.fresh_code(account.serial()))
        terminal.wait()
        assert _entries(at_account) == [path]
        theirs = json.loads(path.read_text())["Credentials"]
        path.unlink()
        assert (ours.keys(), ours["AccountId"]) == (theirs.keys(), theirs["AccountId"])
        for entry in (ours, theirs):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry["Expiration"])


def test_the_entry_ends_with_the_session_and_only_its_owner_reads_it(at_home: Somebody) -> None:
    credentials, arn = _made(), _ARN
    path = fill_cli_cache("sup", credentials, arn).path
    ends = json.loads(path.read_text())["Credentials"]["Expiration"]
    assert ends == f"{credentials.expires_at:%Y-%m-%dT%H:%M:%SZ}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert _entries(at_home) == [path]


def _foreign(path: Path, ends: datetime, zone: str = "Z") -> str:
    expiration = f"{ends:%Y-%m-%dT%H:%M:%S}{zone}"
    text = json.dumps({"Credentials": {"AccessKeyId": "ASIA1", "Expiration": expiration}})
    path.write_text(text)
    return text


@pytest.mark.parametrize("zone", ["Z", "UTC", "+00:00"])
def test_a_live_entry_of_the_aws_command_is_left_alone(at_home: Somebody, zone: str) -> None:
    credentials, arn = _made(), _ARN
    path = fill_cli_cache("sup", credentials, arn).path
    other = path.with_name("0" * 40 + ".json")
    text = _foreign(path, datetime.now(UTC) + timedelta(hours=1), zone)
    _foreign(other, datetime.now(UTC) + timedelta(hours=1))
    assert "already" in str(fill_cli_cache("sup", credentials, arn).left_alone)
    assert path.read_text() == text
    assert forget_cli_cache(everything=True) == []
    _foreign(path, datetime.now(UTC) + timedelta(minutes=10), zone)
    assert fill_cli_cache("sup", credentials, arn).left_alone is None
    assert forget_cli_cache(everything=True) == [path]
    assert _entries(at_home) == [other]


def test_a_newer_session_takes_the_place_of_the_one_that_was_filled_in(at_home: Somebody) -> None:
    fill_cli_cache("sup", _made(), _ARN)
    credentials, arn = _made("ASIASECOND"), _ARN
    path = fill_cli_cache("sup", credentials, arn).path
    assert json.loads(path.read_text())["Credentials"]["AccessKeyId"] == credentials.access_key_id
    assert _entries(at_home) == [path]


def test_only_the_sessions_that_are_forgotten_are_taken_out(at_home: Somebody) -> None:
    _role_profile(at_home, "other", role_session_name="me")
    first, second, arn = _made(), _made("ASIASECOND"), _ARN
    kept = fill_cli_cache("sup", first, arn).path
    gone = fill_cli_cache("other", second, arn).path
    assert forget_cli_cache(access_key_ids=[second.access_key_id]) == [gone]
    assert _entries(at_home) == [kept]
    assert forget_cli_cache(profiles=["other"]) == []
    assert forget_cli_cache(profiles=["sup"]) == [kept]


def test_a_session_that_the_aws_command_would_not_use_is_not_written(at_home: Somebody) -> None:
    credentials, arn = _made(lives=timedelta(minutes=15)), _ARN
    assert "15 minutes" in str(fill_cli_cache("sup", credentials, arn).left_alone)
    assert _entries(at_home) == []


def test_a_profile_without_a_role_has_no_place_there(at_home: Somebody) -> None:
    credentials, arn = _made(), _ARN
    with pytest.raises(UnusableCliCache, match="assumes no role"):
        fill_cli_cache("work", credentials, arn)
    with pytest.raises(UnusableCliCache, match="no-such"):
        fill_cli_cache("no-such", credentials, arn)


def test_a_folder_that_others_may_write_into_is_refused(at_home: Somebody) -> None:
    credentials, arn = _made(), _ARN
    path = fill_cli_cache("sup", credentials, arn).path
    path.unlink()
    path.parent.chmod(0o777)
    with pytest.raises(UnusableCliCache, match="others may write"):
        fill_cli_cache("sup", credentials, arn)
    assert _entries(at_home) == []


def test_a_file_that_cannot_be_written_is_said_without_what_is_in_it(at_home: Somebody) -> None:
    (at_home.home / ".aws").write_text("not a folder")
    credentials, arn = _made(), _ARN
    with pytest.raises(UnusableCliCache) as failure:
        fill_cli_cache("sup", credentials, arn)
    assert credentials.secret_access_key not in failure.value.diagnostics()


def test_no_setting_moves_the_folder(at_home: Somebody) -> None:
    """AWS_CONFIG_FILE is elsewhere in this test; the AWS CLI looks under HOME all the same."""
    credentials, arn = _made(), _ARN
    assert fill_cli_cache("sup", credentials, arn).path.is_relative_to(
        at_home.home / ".aws" / "cli" / "cache"
    )
