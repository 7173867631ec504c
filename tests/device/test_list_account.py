"""Everybody's devices: who has none, what belongs to nobody, and what may not be seen."""

from __future__ import annotations

import csv
import io
import json
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from device.account import Account, Person
from device.at_terminal import WATCHWORD
from device.faulty_wire import Fault, faulty_wire
from device.listing import ALLOW_ALL, allowing, listed, lists, runs, runs_here, source_of
from device.throttling_wire import throttling_wire
from local_aws import LocalAws
from watchword.aws import Signed, users
from watchword.cli.progress import Progress
from watchword.device.here import Here
from watchword.device.kind import kind_of
from watchword.device.listing import Listing, RootDevices, Scope, Unread, UserDevices
from watchword.device.own import OwnDevice
from watchword.report.device_list import list_csv, list_value
from watchword.report.device_list_text import list_text, unread_notes
from watchword.report.style import Style

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ROOT = "arn:aws:iam::123456789012:root"
NOTHING = Here(last_used={}, named={}, remembered={})
EVERYTHING = ("iam:ListUsers", "iam:ListMFADevices", "iam:ListVirtualMFADevices", "iam:GetLoginProfile")


@pytest.fixture
def admin(account: Account) -> Person:
    return account.person("admin", policy=ALLOW_ALL)


def people(value: dict[str, Any]) -> dict[str, int | None]:
    """How many devices each user has."""
    return {user["user_name"]: user["devices"] for user in value["users"]}


def test_everybody_is_listed_with_and_without_a_device(
    sandbox: LocalAws, account: Account, admin: Person
) -> None:
    for name in ("bob", "Carol", "dave"):
        account.iam.create_user(UserName=name, Path="/eng/")
    sandbox.device("bob")
    key, token = sandbox.add_security_key("bob"), sandbox.add_hardware_token("Carol")
    account.iam.create_login_profile(UserName="dave", Password="aB3$aB3$aB3$")
    value = listed(admin, "--all")
    assert people(value) == {"admin": 0, "bob": 2, "Carol": 1, "dave": 0}
    assert {(each["user_name"], each["serial_number"]) for each in value["devices"]} == {
        ("bob", "arn:aws:iam::123456789012:mfa/bob"),
        ("bob", key),
        ("Carol", token),
    }
    assert (value["scope"], value["user_arn"], value["unread"]) == ("account", None, [])
    shown = lists(admin, "--all")
    assert "without any device (2):\n  admin: has an active access key\n  dave: has a password\n" in shown
    assert shown.endswith("root: no MFA device; it has an access key\n4 users: 2 with a device, 2 without\n")
    rows = list(csv.DictReader(io.StringIO(lists(admin, "--all", "--output", "csv"))))
    assert [(row["user_name"], row["kind"]) for row in rows] == [
        ("admin", ""),
        ("bob", "virtual"),
        ("bob", "fido"),
        ("Carol", "hardware"),
        ("dave", ""),
    ]
    assert (rows[-1]["has_password"], rows[-1]["has_access_key"]) == ("true", "false")


def test_a_device_of_nobody_is_shown_with_the_command_that_removes_it(
    account: Account, admin: Person
) -> None:
    serial = account.iam.create_virtual_mfa_device(VirtualMFADeviceName="left", Path="/phones/")[
        "VirtualMFADevice"
    ]["SerialNumber"]
    (orphan,) = listed(admin, "--all")["orphans"]
    assert orphan["serial_number"] == serial
    assert f"  {serial}\n    {orphan['remove']}\n" in lists(admin, "--all")
    program, *arguments = shlex.split(orphan["remove"])
    assert program == "aws"
    done = subprocess.run(
        [WATCHWORD.replace("watchword", "aws"), *arguments],
        env={"PATH": "/usr/bin:/bin", **admin.environment()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert listed(admin, "--all")["orphans"] == []


def test_whoever_lists_in_a_session_removes_in_a_session(sandbox: LocalAws, account: Account) -> None:
    with_mfa = {
        **ALLOW_ALL,
        "Statement": [
            {
                **ALLOW_ALL["Statement"][0],
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            }
        ],
    }
    admin = account.person("admin", policy=with_mfa)
    account.iam.create_virtual_mfa_device(VirtualMFADeviceName="left")
    sandbox.device("admin")
    refused = runs_here(admin, "device", "list", "--all")
    assert refused.returncode == 5
    assert "iam:ListUsers" in refused.stderr
    source = source_of(admin, sandbox.fresh_code("admin"))
    assert runs(admin, "login", "--mfa-from", source).returncode == 0
    (orphan,) = listed(admin, "--all")["orphans"]
    assert orphan["remove"].startswith("watchword exec admin -- aws iam delete-virtual-mfa-device ")


def test_an_administrator_in_a_role_lists_as_the_role(sandbox: LocalAws, account: Account) -> None:
    admin = account.person("admin", policy=allowing("sts:AssumeRole", "iam:ListMFADevices"))
    sandbox.device("admin")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:user/admin"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    account.iam.create_role(RoleName="Admins", AssumeRolePolicyDocument=json.dumps(trust))
    account.iam.put_role_policy(RoleName="Admins", PolicyName="all", PolicyDocument=json.dumps(ALLOW_ALL))
    with (admin.folder / "config").open("a") as config:
        config.write(
            "[profile admins]\nrole_arn = arn:aws:iam::123456789012:role/Admins\nsource_profile = admin\n"
        )
    source = source_of(admin, sandbox.fresh_code("admin"))
    assert runs(admin, "login", "admins", "--mfa-from", source).returncode == 0
    value = listed(admin, "--all", "--profile", "admins")
    assert value["asked_as"].startswith("arn:aws:sts::123456789012:assumed-role/Admins/")
    assert people(value) == {"admin": 1}


def test_users_are_read_several_at_once(sandbox: LocalAws, account: Account, admin: Person) -> None:
    for number in range(40):
        account.iam.create_user(UserName=f"user{number:02}")
    sandbox.device("user39")
    with throttling_wire(sandbox.endpoint_url) as wire:
        value = listed(admin, "--all", AWS_ENDPOINT_URL=wire.url)
        assert wire.calls["ListMFADevices"] == 41
        assert 1 < wire.most_at_once <= 6
    assert len(value["users"]) == 41
    assert people(value)["user39"] == 1


def test_what_aws_throttles_is_asked_again(
    sandbox: LocalAws, account: Account, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watchword.device.invite_pace._PAUSES_SECONDS", (0.01, 0.01))
    account.iam.create_user(UserName="bob")
    sandbox.device("bob")
    with throttling_wire(sandbox.endpoint_url, ListMFADevices=2, ListUsers=1, GetLoginProfile=1) as wire:
        value = listed(admin, "--all", AWS_ENDPOINT_URL=wire.url)
    assert people(value) == {"admin": 0, "bob": 1}
    assert value["unread"] == []


def test_a_throttle_that_does_not_end_is_an_error(
    sandbox: LocalAws, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watchword.device.invite_pace._PAUSES_SECONDS", (0.01, 0.01))
    with throttling_wire(sandbox.endpoint_url, ListMFADevices=100) as wire:
        result = runs_here(admin, "device", "list", "--all", AWS_ENDPOINT_URL=wire.url)
    assert (result.returncode, result.stdout) == (5, "")
    assert "AWS asks for fewer calls (Throttling): waiting" in result.stderr
    assert "error: AWS refused `iam:ListMFADevices` (Throttling)" in result.stderr


def test_a_network_that_is_lost_meanwhile_is_an_error_and_no_half_list(
    sandbox: LocalAws, admin: Person
) -> None:
    with faulty_wire(sandbox.endpoint_url) as wire:
        wire.befall("GetLoginProfile", Fault.LOSE_ANSWER)
        result = runs_here(admin, "device", "list", "--all", AWS_ENDPOINT_URL=wire.url)
    assert (result.returncode, result.stdout) == (1, "")
    assert "no answer to `iam:GetLoginProfile`" in result.stderr


def test_a_user_who_is_deleted_meanwhile_is_left_out(
    sandbox: LocalAws, account: Account, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.iam.create_user(UserName="bob")
    in_time = users.list_users

    def too_late(signed: Signed) -> Iterator[users.User]:
        found = list(in_time(signed))
        if any(each.name == "bob" for each in found):
            account.iam.delete_user(UserName="bob")
        return iter(found)

    monkeypatch.setattr("watchword.device.listing_account.list_users", too_late)
    assert people(listed(admin, "--all")) == {"admin": 0}


def test_ctrl_c_ends_it_soon_and_prints_nothing(sandbox: LocalAws, admin: Person) -> None:
    with faulty_wire(sandbox.endpoint_url) as wire:
        wire.befall("ListMFADevices", Fault.HOLD_REQUEST)
        terminal = admin.runs("device", "list", "--all", endpoint_url=wire.url)
        assert wire.held.wait(20)
        terminal.process.sendintr()
        assert terminal.ends() == 130  # the call is still under way
    assert "with a device" not in terminal.received


# -- what may not be seen


def test_without_the_list_of_users_those_with_virtual_devices_are_shown(
    sandbox: LocalAws, account: Account
) -> None:
    asker = account.person("asker", policy=allowing("iam:ListVirtualMFADevices"))
    account.iam.create_user(UserName="bob", Path="/eng/")
    sandbox.device("bob")
    sandbox.add_security_key("bob")
    result = runs_here(asker, "device", "list", "--all")
    assert result.returncode == 0
    assert result.stdout.splitlines()[1].split()[:3] == ["bob", "bob", "virtual"]
    assert "who the users are: shown are those that have virtual devices (iam:ListUsers: Acc" in result.stderr
    assert (
        "all devices: shown are the virtual ones (iam:ListMFADevices: AccessDenied, for `bob`)"
        in result.stderr
    )
    assert "whether there is a password (iam:GetLoginProfile: AccessDenied, for `bob`)" in result.stderr
    assert "root: no virtual device; whether it has another could not be read" in result.stdout


def test_without_the_devices_of_users_nobody_is_said_to_have_none(
    sandbox: LocalAws, account: Account
) -> None:
    asker = account.person("asker", policy=allowing("iam:ListUsers", "iam:ListVirtualMFADevices"))
    account.iam.create_user(UserName="bob")
    account.iam.create_user(UserName="carol")
    sandbox.device("bob")
    assert people(listed(asker, "--all")) == {"asker": None, "bob": 1, "carol": None}
    shown = lists(asker, "--all")
    assert "without any device" not in shown
    assert shown.endswith("3 users: 1 with a device, 0 without, 2 not known\n")


def test_without_the_virtual_devices_the_rest_is_shown(sandbox: LocalAws, account: Account) -> None:
    asker = account.person("asker", policy=allowing("iam:ListUsers", "iam:ListMFADevices"))
    account.iam.create_user(UserName="bob")
    sandbox.device("bob")
    value = listed(asker, "--all")
    assert (value["orphans"], people(value)) == (None, {"asker": 0, "bob": 1})
    assert "perhaps a password and perhaps an access key" in lists(asker, "--all")
    told = {each["operation"]: each["user_names"] for each in value["unread"]}
    assert told == {
        "iam:GetAccountSummary": [],
        "iam:GetLoginProfile": ["asker", "bob"],
        "iam:ListAccessKeys": ["asker", "bob"],
        "iam:ListVirtualMFADevices": [],
    }


def test_without_both_lists_it_is_refused_with_what_is_missing(account: Account) -> None:
    asker = account.person("asker", policy=allowing("iam:GetUser"))
    result = runs_here(asker, "device", "list", "--all")
    assert (result.returncode, result.stdout) == (5, "")
    assert "iam:ListUsers" in result.stderr


def test_an_account_without_users_has_a_root(sandbox: LocalAws, account: Account, admin: Person) -> None:
    config, credentials = admin.folder / "config", admin.folder / "credentials"
    config.write_text("[profile admin]\nregion = us-east-1\n")
    credentials.write_text(
        f"[admin]\naws_access_key_id = {sandbox.access_key_id}\n"
        f"aws_secret_access_key = {sandbox.secret_access_key}\n"
    )
    (key,) = account.iam.list_access_keys(UserName="admin")["AccessKeyMetadata"]
    account.iam.delete_access_key(UserName="admin", AccessKeyId=key["AccessKeyId"])
    account.iam.delete_user_policy(UserName="admin", PolicyName="enrol")
    account.iam.delete_user(UserName="admin")
    assert lists(admin, "--all").splitlines()[-1] == "0 users: 0 with a device, 0 without"
    assert listed(admin, "--all")["root"]["user_arn"] == ROOT


# -- as text


def user(name: str, *serial_numbers: str, password_last_used_at: datetime | None = None) -> UserDevices:
    return UserDevices(
        user_name=name,
        arn=f"arn:aws:iam::123456789012:user/{name}",
        devices=tuple(
            OwnDevice(serial_number=each, kind=kind_of(each), enabled_at=NOW) for each in serial_numbers
        ),
        has_password=True,
        has_access_key=True,
        password_last_used_at=password_last_used_at,
    )


def everybody(*users: UserDevices, root: RootDevices | None = None) -> Listing:
    return Listing(
        scope=Scope.ACCOUNT,
        profile="admin",
        account="123456789012",
        asked_as=f"{ROOT[:-4]}user/admin",
        users=users,
        orphans=(),
        root=root or RootDevices(arn=ROOT, devices=(), has_mfa=False, has_access_key=False),
    )


def text(listing: Listing) -> str:
    value = list_value(listing, NOTHING, NOW, remove="rm {}")
    return list_text(value, NOW, Style(color=False), columns=80)


def test_names_of_sixty_four_characters_fit_eighty_columns() -> None:
    longest = user("x" * 64, f"arn:aws:iam::123456789012:mfa/{'y' * 218}")
    short = user("bob", "GAHT12345678")
    head, first, second, *_ = text(everybody(longest, short)).splitlines()
    assert max(map(len, (head, first, second))) <= 80
    assert "x…  y" in second
    assert second.endswith("yes  yes")


@pytest.mark.parametrize(
    ("root", "says"),
    [
        ({"has_mfa": True}, "root: has a device of a kind that AWS lists to root alone"),
        ({"has_mfa": False, "has_access_key": True}, "root: no MFA device; it has an access key"),
        ({"has_mfa": None, "has_access_key": None}, "root: no virtual device; whether it has another could"),
        (
            {
                "has_mfa": True,
                "devices": (
                    OwnDevice(
                        serial_number="arn:aws:iam::123456789012:mfa/root",
                        kind=kind_of("arn:aws:iam::1:mfa/root"),
                        enabled_at=NOW,
                    ),
                ),
            },
            "root: 1 device",
        ),
    ],
)
def test_what_is_known_of_root_is_said(root: dict[str, Any], says: str) -> None:
    nothing = RootDevices(arn=ROOT, devices=(), has_mfa=False, has_access_key=False)
    assert says in text(everybody(root=replace(nothing, **root)))


def test_a_password_that_was_used_is_said_of_who_has_no_device() -> None:
    used = user("bob", password_last_used_at=datetime(2026, 11, 19, 12, 0, tzinfo=UTC))
    assert "bob: has a password, last used 3 days ago and an active access key" in text(everybody(used))


def test_what_was_not_told_of_many_is_counted() -> None:
    unread = tuple(
        Unread(operation="iam:ListAccessKeys", code="Throttling", user_name=name) for name in ("bob", "carol")
    )
    value = list_value(replace(everybody(), unread=unread), NOTHING, NOW, remove="")
    assert unread_notes(value) == [
        "AWS did not tell whether there is an active access key (iam:ListAccessKeys: Throttling, for 2 users)"
    ]


def test_a_comma_and_a_leading_sign_in_a_name_stay_in_their_cell() -> None:
    value = list_value(everybody(user("=a,b", "GAHT12345678")), NOTHING, NOW, remove="")
    (row,) = csv.DictReader(io.StringIO(list_csv(value)))
    assert (row["user_name"], row["serial_number"]) == ("=a,b", "GAHT12345678")


def test_progress_is_shown_on_a_terminal_only_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    moment = [0.0]
    monkeypatch.setattr("watchword.cli.progress.time.monotonic", lambda: moment[0])
    for stream, expected in ((Terminal(), "\r\x1b[Kread 2 of 3\r\x1b[K"), (io.StringIO(), "")):
        monkeypatch.setattr("sys.stderr", stream)
        moment[0] = 0.0
        with Progress("read {} of {}") as progress:
            progress(1, 3)
            moment[0] = 0.5
            progress(2, 3)
            progress(3, 3)
        assert stream.getvalue() == expected
