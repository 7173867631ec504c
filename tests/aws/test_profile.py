from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from aws.key_profile import key_profile
from session.account import Account
from session.people import Somebody
from watchword.aws import AwsProfile, NotALongTermKey, ProfileNotFound, Refusal, list_mfa_devices


@pytest.fixture
def files(person: Somebody, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Take on the environment of somebody; return the folder of the AWS files."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, text in person.environment.items():
        monkeypatch.setenv(name, text)
    return person.home / "aws"


@pytest.fixture
def profile(files: Path) -> AwsProfile:
    return key_profile("work")


def test_a_profile_is_read_with_its_settings(files: Path, account: Account) -> None:
    with (files / "config").open("a") as file:
        file.write(f"mfa_serial = {account.serial('x')}\n")
    profile = key_profile(None)
    assert (profile.name, profile.region, profile.access_key_id) == (
        "work",
        "eu-west-1",
        account.key.access_key_id,
    )
    assert profile.mfa_serial == account.serial("x")
    assert profile.endpoint_url == account.url


def test_its_secret_does_not_print(profile: AwsProfile, account: Account) -> None:
    assert account.key.secret_access_key not in repr(profile)
    assert account.key.secret_access_key not in f"{profile}"


def test_the_environment_names_the_profile_in_use(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (files / "credentials").read_text()
    (files / "credentials").write_text(
        text + "".join(text.replace("work", name) for name in ("default", "b", "c"))
    )
    monkeypatch.setenv("WATCHWORD_PROFILE", "c")
    assert key_profile(None).name == "work"
    monkeypatch.delenv("AWS_PROFILE")
    assert key_profile(None).name == "c"
    monkeypatch.setenv("AWS_DEFAULT_PROFILE", "b")
    assert key_profile(None).name == "b"
    assert key_profile("default").name == "default"


def test_a_session_in_the_environment_signs_nothing(
    files: Path, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIAOTHER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "other")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "other")
    assert key_profile("work").caller_identity().arn == account.arn


@pytest.mark.parametrize(
    ("settings", "what", "hint"),
    [
        (
            "role_arn = arn:aws:iam::1:role/r\nsource_profile = base\n",
            "assumes the role",
            "`watchword exec p` gets into the role",
        ),
        (
            "sso_session = corp\nsso_account_id = 1\n",
            "signs in through IAM Identity Center",
            "needs no watchword",
        ),
        ("login_session = arn:aws:iam::1:user/u\n", "signs in through the console", "needs no watchword"),
        (
            "credential_process = /bin/true\n",
            "gets its credentials from another program",
            "needs no watchword",
        ),
        (
            "aws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\n",
            "holds a session that was made elsewhere",
            "AKIA",
        ),
        ("aws_access_key_id = AKIAX\n", "holds half a key", "aws configure"),
        ("region = eu-west-1\n", "holds no access key", "aws configure --profile p"),
    ],
)
def test_what_is_no_long_term_key_is_refused_by_what_it_is(
    files: Path, settings: str, what: str, hint: str
) -> None:
    (files / "config").write_text(f"[profile p]\n{settings}")
    with pytest.raises(NotALongTermKey) as caught:
        key_profile("p")
    assert what in caught.value.message
    assert hint in str(caught.value.hint)


def test_an_unknown_profile_is_an_error_that_names_the_others(files: Path) -> None:
    with pytest.raises(ProfileNotFound, match="no profile `nobody`") as caught:
        key_profile("nobody")
    assert str(caught.value.hint).startswith("there is `work`; name one: `--profile NAME`")


def test_of_many_profiles_the_nearest_is_named(files: Path) -> None:
    (files / "config").write_text("".join(f"[profile work-{number}]\n" for number in range(60)))
    with pytest.raises(ProfileNotFound) as caught:
        key_profile("wrok-7")
    assert caught.value.hint == "is it `work-7`? `watchword profile list` shows those that there are"


def test_without_any_profile_the_way_to_one_is_shown(files: Path) -> None:
    for name in ("config", "credentials"):
        (files / name).unlink()
    with pytest.raises(ProfileNotFound) as caught:
        key_profile("default")
    assert "aws configure" in str(caught.value.hint)


def test_nobody_is_led_to_write_a_key_into_a_sandbox_that_is_down(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHWORD_SANDBOX", str(files))
    for name in ("config", "credentials"):
        (files / name).unlink()
    with pytest.raises(ProfileNotFound) as caught:
        key_profile("default")
    (files / "config").write_text("[default]\nregion = eu-west-1\n")
    with pytest.raises(NotALongTermKey, match="holds no access key") as half_made:
        key_profile("default")
    assert half_made.value.hint == caught.value.hint
    assert "aws configure" not in str(caught.value.hint)
    assert 'a sandbox that is down; `eval "$(watchword sandbox env --unset)"`' in str(caught.value.hint)


@pytest.mark.parametrize("name", ["config", "credentials"])
def test_files_that_make_no_sense_are_named(files: Path, name: str) -> None:
    (files / name).write_text("[work\nthis is no file of AWS\n")
    with pytest.raises(ProfileNotFound, match="cannot understand") as caught:
        key_profile("work")
    assert f"`{files / name}:1`" in caught.value.message
    assert "no file of AWS" not in caught.value.diagnostics()


def test_a_line_that_makes_no_sense_is_named_by_its_number(files: Path) -> None:
    (files / "config").write_text("[profile work]\nregion = eu-west-1\nsecret nonsense\n")
    with pytest.raises(ProfileNotFound) as caught:
        key_profile("work")
    assert f"`{files / 'config'}:3`" in caught.value.message
    assert "nonsense" not in caught.value.diagnostics()


def test_the_endpoint_may_be_the_profiles_own(
    files: Path, monkeypatch: pytest.MonkeyPatch, account: Account
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    (files / "config").write_text(f"[profile work]\nendpoint_url = {account.url}\n")
    assert key_profile("work").endpoint_url == account.url
    (files / "config").write_text(
        f"[profile work]\nservices = s\n[services s]\nsts =\n  endpoint_url = {account.url}\n"
    )
    assert key_profile("work").endpoint_url == account.url
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert key_profile("work").endpoint_url is None


def test_devices_are_listed(profile: AwsProfile, account: Account) -> None:
    (device,) = list_mfa_devices(profile)
    assert device.serial_number == account.serial()
    assert device.enabled_at is not None


def test_identity_knows_its_parts(profile: AwsProfile, account: Account) -> None:
    identity = profile.caller_identity()
    assert (identity.name, identity.account, identity.partition) == ("testuser", "123456789012", "aws")
    assert not identity.is_root


def test_a_code_becomes_a_session_that_signs(profile: AwsProfile, account: Account) -> None:
    token = profile.get_session_token(
        serial_number=account.serial(), token_code=account.code(), duration_seconds=900
    )
    assert token.credentials.expires_at.tzname() == "UTC"
    assert token.server_time is not None
    assert profile.signed_with(token.credentials).caller_identity().arn == account.arn


def test_a_refusal_has_awss_own_words_and_no_trace_of_the_code(profile: AwsProfile, account: Account) -> None:
    code = account.wrong_codes()[0]
    with pytest.raises(Refusal) as caught:
        profile.get_session_token(serial_number=account.serial(), token_code=code, duration_seconds=900)
    refusal = caught.value
    assert refusal.aws_message == "MultiFactorAuthentication failed with invalid MFA one time pass code. "
    assert (refusal.code, refusal.status, refusal.operation) == ("AccessDenied", 403, "sts:GetSessionToken")
    assert refusal.server_time is not None
    everything = "".join(traceback.format_exception(refusal)) + repr(refusal.__dict__)
    assert code not in everything
    assert account.key.secret_access_key not in everything
