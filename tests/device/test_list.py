"""The devices of one user: what each is, how old, and what it is good for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from device.account import Account, Person
from device.listing import ALLOW_ALL, allowing, listed, lists, runs, runs_here, source_of
from local_aws import LocalAws
from watchword.device.here import Here, KnownHere
from watchword.device.kind import kind_of
from watchword.device.listing import Listing, Scope, UserDevices
from watchword.device.own import OwnDevice
from watchword.report.device_list import list_value
from watchword.report.device_list_text import list_text
from watchword.report.style import Style

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ARN = "arn:aws:iam::123456789012:user/me"
PHONE = OwnDevice(
    serial_number="arn:aws:iam::123456789012:mfa/phone",
    kind=kind_of("arn:aws:iam::123456789012:mfa/phone"),
    enabled_at=NOW - timedelta(days=3),
)
ME = UserDevices(user_name="me", arn=ARN, devices=(PHONE,), has_password=True, has_access_key=True)
OWN = Listing(scope=Scope.OWN, profile="me", account="123456789012", asked_as=ARN, users=(ME,))
NOTHING = Here(last_used={}, named={}, remembered={})


def text(listing: Listing, here: Here = NOTHING, *, columns: int | None = 80) -> str:
    value = list_value(listing, here, NOW, remove="rm {}")
    return list_text(value, NOW, Style(color=False), columns=columns)


# -- from the account


def test_who_has_no_device_is_told_how_to_get_one(person: Person) -> None:
    assert f"`watchword device enroll {person.name}` makes one" in lists(person)
    assert listed(person)["devices"] == []
    assert "password" not in runs_here(person, "device", "list").stderr


def test_a_device_is_listed_with_its_serial_number_and_its_age(sandbox: LocalAws, person: Person) -> None:
    sandbox.device(person.name)
    value = listed(person)
    assert value["profile"] == person.name
    assert value["user_arn"] == person.serial_number.replace(":mfa/", ":user/")
    (device,) = value["devices"]
    assert device["serial_number"] == person.serial_number
    assert (device["kind"], device["usable_for_cli"], device["usable_for_console"]) == ("virtual", True, None)
    age = datetime.now(UTC) - datetime.fromisoformat(device["enabled_at"])
    assert abs(age.total_seconds()) < 60
    assert person.serial_number in lists(person)


def test_each_kind_is_told_by_its_serial_number(sandbox: LocalAws, person: Person) -> None:
    key, token = sandbox.add_security_key(person.name), sandbox.add_hardware_token(person.name)
    sandbox.device(person.name)
    found = {device["serial_number"]: device for device in listed(person)["devices"]}
    assert {serial: (each["kind"], each["usable_for_cli"]) for serial, each in found.items()} == {
        person.serial_number: ("virtual", True),
        key: ("fido", False),
        token: ("hardware", True),
    }
    assert found[key]["name"] == "yubikey"
    assert "a security key: AWS takes it in the console only" in lists(person)


def test_the_key_alone_is_not_told_whether_there_is_a_password_and_says_so(
    sandbox: LocalAws, person: Person
) -> None:
    sandbox.device(person.name)
    result = runs_here(person, "device", "list")
    assert result.returncode == 0
    assert result.stdout.splitlines()[1].split()[-2:] == ["?", "-"]
    assert "did not tell whether there is a password (iam:GetLoginProfile: AccessDenied)" in result.stderr


def test_another_users_devices_come_with_what_they_are_good_for(sandbox: LocalAws, account: Account) -> None:
    admin = account.person("admin", policy=ALLOW_ALL)
    account.iam.create_user(UserName="bob", Path="/eng/")
    sandbox.device("bob")
    device, user = listed(admin, "--user", "bob")["devices"][0], listed(admin, "--user", "bob")["users"][0]
    assert user["user_arn"] == "arn:aws:iam::123456789012:user/eng/bob"
    assert (user["has_password"], user["has_access_key"]) == (False, False)
    assert (device["usable_for_cli"], device["usable_for_console"]) == (False, False)
    account.iam.create_login_profile(UserName="bob", Password="aB3$aB3$aB3$")
    account.iam.create_access_key(UserName="bob")
    device = listed(admin, "--user", "bob")["devices"][0]
    assert (device["usable_for_cli"], device["usable_for_console"]) == (True, True)


def test_a_key_that_is_inactive_opens_no_session(sandbox: LocalAws, account: Account) -> None:
    admin, bob = account.person("admin", policy=ALLOW_ALL), account.person("bob")
    sandbox.device(bob.name)
    (key,) = account.iam.list_access_keys(UserName="bob")["AccessKeyMetadata"]
    account.iam.update_access_key(UserName="bob", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert listed(admin, "--user", "bob")["devices"][0]["usable_for_cli"] is False
    assert "not for the CLI: there is no active access key" in lists(admin, "--user", "bob")


def test_a_user_who_does_not_exist_is_an_error(account: Account) -> None:
    result = runs_here(account.person("admin", policy=ALLOW_ALL), "device", "list", "--user", "nobody")
    assert result.returncode == 1
    assert "account 123456789012 has no user `nobody`" in result.stderr


def test_who_may_not_list_another_user_is_told_what_is_missing(account: Account) -> None:
    account.person("bob")
    asker = account.person("asker", policy=allowing("iam:GetUser"))
    result = runs_here(asker, "device", "list", "--user", "bob")
    assert (result.returncode, result.stdout) == (5, "")
    assert "iam:ListMFADevices" in result.stderr
    assert "arn:aws:iam::123456789012:user/bob" in result.stderr


def test_one_user_and_everybody_exclude_each_other(person: Person) -> None:
    result = runs_here(person, "device", "list", "--user", "bob", "--all")
    assert result.returncode == 2
    assert "`--user` is one user, and `--all` is everybody" in result.stderr


# -- from this machine


def test_a_session_opened_here_is_the_last_use_here(sandbox: LocalAws, person: Person) -> None:
    sandbox.device(person.name)
    assert listed(person)["devices"][0]["last_used_here_at"] is None
    source = source_of(person, sandbox.fresh_code(person.name))
    assert runs(person, "login", "--mfa-from", source).returncode == 0
    (device,) = listed(person)["devices"]
    age = datetime.now(UTC) - datetime.fromisoformat(device["last_used_here_at"])
    assert abs(age.total_seconds()) < 60
    assert device["remembered_for"] == [person.name]
    assert device["mfa_serial_of"] == []
    assert "just now" in lists(person)
    assert f"answers for profile `{person.name}`" in lists(person)


def test_the_profile_that_names_it_is_shown(sandbox: LocalAws, person: Person) -> None:
    sandbox.device(person.name)
    with (person.folder / "config").open("a") as config:
        config.write(f"mfa_serial = {person.serial_number}\n")
    assert listed(person)["devices"][0]["mfa_serial_of"] == [person.name]
    assert f"mfa_serial of profile `{person.name}`" in lists(person)


def log_of_a_sign_in(sandbox: LocalAws, person: Person) -> Path:
    sandbox.device(person.name)
    source = source_of(person, sandbox.fresh_code(person.name))
    assert runs(person, "login", "--mfa-from", source).returncode == 0
    (log,) = (person.folder / "state").rglob("*.jsonl")
    return log


def test_a_session_of_another_account_or_endpoint_is_not_its_last_use(
    sandbox: LocalAws, person: Person
) -> None:
    log = log_of_a_sign_in(sandbox, person)
    for old, new in (('"123456789012"', '"210987654321"'), ('"endpoint":"', '"endpoint":"x')):
        lines = log.read_text()
        log.write_text(lines.replace(old, new))
        assert listed(person)["devices"][0]["last_used_here_at"] is None
        log.write_text(lines)
    assert listed(person)["devices"][0]["last_used_here_at"]


def test_an_audit_log_that_others_can_read_is_said_and_the_list_is_shown(
    sandbox: LocalAws, person: Person
) -> None:
    log = log_of_a_sign_in(sandbox, person)
    log.chmod(0o644)
    result = runs_here(person, "device", "list")
    assert result.returncode == 0
    assert person.serial_number in result.stdout
    assert "what is known here is left out: the audit log" in result.stderr


# -- as text


@pytest.mark.parametrize(
    ("age", "says"),
    [
        (timedelta(hours=5), "2026-11-22, today"),
        (timedelta(days=1), "2026-11-21, 1 day"),
        (timedelta(days=59), "2026-09-24, 59 days"),
        (timedelta(days=61), "2026-09-22, 2 months"),
        (timedelta(days=730), "2024-11-22, 1 year"),
        (timedelta(days=1100), "2023-11-18, 3 years"),
        # The clock of AWS, or of a sandbox, is ahead of this machine's.
        (timedelta(days=-2), "2026-11-24  "),
    ],
)
def test_the_age_is_said_in_days_months_or_years(
    age: timedelta, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    device = replace(PHONE, enabled_at=NOW - age)
    assert says in text(replace(OWN, users=(replace(ME, devices=(device,)),)))


@pytest.mark.parametrize(
    ("ago", "says"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=23), "23 h ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(seconds=-30), "just now"),
    ],
)
def test_the_last_use_is_said_as_a_span(ago: timedelta, says: str) -> None:
    here = Here(last_used={PHONE.serial_number: NOW - ago}, named={}, remembered={})
    assert says in text(OWN, here)


def test_a_device_whose_date_is_not_told_has_no_age() -> None:
    listing = replace(OWN, users=(replace(ME, devices=(replace(PHONE, enabled_at=None),)),))
    assert "unknown" in text(listing)
    (device,) = list_value(listing, NOTHING, NOW, remove="")["devices"]
    assert (device["enabled_at"], device["age_days"]) == (None, None)


@pytest.mark.parametrize("columns", [80, 100])
def test_the_longest_name_fits_the_terminal_and_its_serial_number_stays_whole(columns: int) -> None:
    serial_number = f"arn:aws:iam::123456789012:mfa/{'y' * 218}"
    device = replace(PHONE, serial_number=serial_number)
    head, row, whole = text(
        replace(OWN, users=(replace(ME, devices=(device,)),)), columns=columns
    ).splitlines()
    assert max(len(head), len(row)) == columns
    assert "y…  virtual" in row
    assert whole == f"  {serial_number}"


def test_nothing_is_cut_where_nobody_looks_at_a_terminal() -> None:
    device = replace(PHONE, serial_number=f"arn:aws:iam::123456789012:mfa/{'y' * 218}")
    assert "…" not in text(replace(OWN, users=(replace(ME, devices=(device,)),)), columns=None)


def test_root_is_sent_to_the_console_for_a_device() -> None:
    arn = "arn:aws:iam::123456789012:root"
    root = replace(ME, user_name="root", arn=arn, devices=())
    assert text(replace(OWN, users=(root,))) == f"{arn} has no MFA device; root enrols one in the AWS console"


def test_a_machine_that_knows_nothing_says_nothing() -> None:
    assert NOTHING.of(PHONE.serial_number) == KnownHere()
    assert "profile `" not in text(OWN)
