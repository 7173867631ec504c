"""Security keys and hardware tokens: put into an account by the control door, seen by AWS's calls."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from local_aws import LocalAws
from refusal import refusal
from watchword.cli.sandbox import sandbox as command
from watchword.sandbox.door import DoorClosed, ask

EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
NOT_VALIDATED = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)


def serials(sandbox: LocalAws, user: str) -> list[str]:
    devices = sandbox.client("iam").list_mfa_devices(UserName=user)["MFADevices"]
    return [device["SerialNumber"] for device in devices]


def test_each_kind_is_listed_by_its_own_form_of_serial(sandbox: LocalAws) -> None:
    sandbox.user("alice")
    virtual, key, token = sandbox.device("alice"), sandbox.add_security_key("alice"), "GAHT12345678"
    assert sandbox.add_hardware_token("alice") == token
    assert re.fullmatch(rf"arn:aws:iam::{sandbox.account}:u2f/user/alice/yubikey-[A-Z2-7]{{26}}", key)
    assert sorted(serials(sandbox, "alice")) == sorted([virtual, key, token])
    listed = sandbox.client("iam").list_virtual_mfa_devices()["VirtualMFADevices"]
    assert [device["SerialNumber"] for device in listed] == [virtual]
    pages = (
        sandbox.client("iam")
        .get_paginator("list_mfa_devices")
        .paginate(UserName="alice", PaginationConfig={"PageSize": 1})
    )
    assert sorted(device["SerialNumber"] for page in pages for device in page["MFADevices"]) == sorted(
        [virtual, key, token]
    )


def test_a_token_of_nobody_is_enabled_with_its_two_codes_and_used(sandbox: LocalAws) -> None:
    key = sandbox.user("alice", EVERYTHING)
    token = sandbox.add_hardware_token(None)
    assert serials(sandbox, "alice") == []
    asked = {"UserName": "alice", "SerialNumber": token}
    wrong = refusal(
        sandbox.client("iam", key).enable_mfa_device,
        **asked,
        AuthenticationCode1="000000",
        AuthenticationCode2="000001",
    )
    assert wrong[0] == "InvalidAuthenticationCode"
    sandbox.client("iam", key).enable_mfa_device(
        **asked, AuthenticationCode1=sandbox.phone(token), AuthenticationCode2=sandbox.next_code(token)
    )
    assert serials(sandbox, "alice") == [token]
    with_mfa = sandbox.client("iam", sandbox.session(key, token))
    with_mfa.resync_mfa_device(
        **asked,
        AuthenticationCode1=sandbox.fresh_code(token),
        AuthenticationCode2=sandbox.next_code(token),
    )
    with_mfa.deactivate_mfa_device(**asked)
    assert serials(sandbox, "alice") == []
    sandbox.user("bob")
    sandbox.move_clock(30)  # a pair serves once: the next one begins after it
    sandbox.client("iam").enable_mfa_device(
        UserName="bob",
        SerialNumber=token,
        AuthenticationCode1=sandbox.fresh_code(token),
        AuthenticationCode2=sandbox.next_code(token),
    )
    assert serials(sandbox, "bob") == [token]


def test_a_security_key_has_no_codes_to_read(sandbox: LocalAws) -> None:
    sandbox.user("alice")
    sandbox.add_security_key("alice")
    with pytest.raises(DoorClosed, match="`alice` has security keys only, and they show no codes"):
        ask(sandbox.door, "POST", "phone", {"wanted": "alice"})


def test_sts_takes_no_security_key(sandbox: LocalAws) -> None:
    key = sandbox.user("alice", EVERYTHING)
    serial = sandbox.add_security_key("alice")
    answer = refusal(sandbox.client("sts", key).get_session_token, SerialNumber=serial, TokenCode="123456")
    assert answer == ("AccessDenied", 403, NOT_VALIDATED)
    # Somebody who has one is somebody with a device: AWS-2023-001.
    mine = sandbox.client("iam", key)
    assert refusal(mine.deactivate_mfa_device, UserName="alice", SerialNumber=serial)[0] == "AccessDenied"


def test_a_security_key_is_shown_and_is_gone_when_it_is_deactivated(sandbox: LocalAws) -> None:
    sandbox.user("alice")
    iam = sandbox.client("iam")
    serial = sandbox.add_security_key("alice", "blue")
    shown = iam.get_mfa_device(SerialNumber=serial, UserName="alice")
    assert (shown["UserName"], shown["SerialNumber"]) == ("alice", serial)
    assert shown["EnableDate"] == iam.list_mfa_devices(UserName="alice")["MFADevices"][0]["EnableDate"]
    assert refusal(iam.delete_user, UserName="alice")[0] == "DeleteConflict"
    assert refusal(iam.delete_virtual_mfa_device, SerialNumber=serial)[0] == "NoSuchEntity"
    iam.deactivate_mfa_device(UserName="alice", SerialNumber=serial)
    assert serials(sandbox, "alice") == []
    assert refusal(iam.get_mfa_device, SerialNumber=serial, UserName="alice")[0] == "NoSuchEntity"
    again = {"UserName": "alice", "SerialNumber": serial}
    assert (
        refusal(iam.enable_mfa_device, **again, AuthenticationCode1="123456", AuthenticationCode2="123457")[0]
        == "NoSuchEntity"
    )
    assert sandbox.add_security_key("alice", "blue") != serial


def test_a_certified_key_is_shown_with_its_certifications(sandbox: LocalAws) -> None:
    """Source: the example of the AWS CLI (get-mfa-device)."""
    sandbox.user("alice")
    certifications = {"FIDO": "L1", "FIPS-140-3": "L2"}
    asked = {"kind": "security-key", "name": "blue", "user": "alice", "certifications": certifications}
    serial = ask(sandbox.door, "POST", "devices", asked)["serial_number"]
    iam = sandbox.client("iam")
    found = iam.get_mfa_device(UserName="alice", SerialNumber=serial)
    assert (found["UserName"], found["Certifications"]) == ("alice", certifications)
    plain = sandbox.add_security_key("alice", "red")
    assert "Certifications" not in iam.get_mfa_device(UserName="alice", SerialNumber=plain)


@pytest.mark.parametrize(("certifier", "level"), [("FIDO", "L9"), ("ISO", "L1")])
def test_a_certification_that_there_is_not_is_refused(sandbox: LocalAws, certifier: str, level: str) -> None:
    sandbox.user("alice")
    asked = {"kind": "security-key", "name": "blue", "user": "alice", "certifications": {certifier: level}}
    with pytest.raises(DoorClosed, match=f"`{certifier}={level}` certifies no security key"):
        ask(sandbox.door, "POST", "devices", asked)
    assert serials(sandbox, "alice") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--security-key", "blue", "--certified", "FIDO"), "`FIDO` is no certification"),
        (("--hardware-token", "GAHT12345678", "--certified", "FIDO=L1"), "--certified goes with"),
    ],
)
def test_the_command_reads_certifications(sandbox: LocalAws, words: tuple[str, ...], said: str) -> None:
    asked = ["device", "--dir", str(sandbox.folder.path), "--user", "alice", *words]
    answer = CliRunner().invoke(command, asked, standalone_mode=False)
    assert said in str(answer.exception)


def test_get_mfa_device_knows_security_keys_only(sandbox: LocalAws) -> None:
    sandbox.user("alice")
    token = sandbox.add_hardware_token("alice")
    code, _, text = refusal(sandbox.client("iam").get_mfa_device, SerialNumber=token, UserName="alice")
    assert (code, "only hardware FIDO security keys are supported" in text) == ("ValidationError", True)


def test_nine_devices_are_too_many_of_any_kind(sandbox: LocalAws) -> None:
    sandbox.user("alice")
    for number in range(8):
        sandbox.add_security_key("alice", f"key{number}")
    with pytest.raises(DoorClosed, match="MFADevicesPerUser: 8"):
        sandbox.add_security_key("alice")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"kind": "security-key", "name": "k", "user": "nobody"}, "there is no user `nobody`"),
        ({"kind": "security-key", "name": "k", "user": None}, "can be added"),
        ({"kind": "security-key", "name": "a/b", "user": "alice"}, "no name of a security key"),
        ({"kind": "hardware-token", "name": "short", "user": None}, "no serial number of a token"),
        ({"kind": "hardware-token", "name": "arn:aws:iam::1:mfa/x", "user": None}, "no serial number"),
    ],
)
def test_the_door_says_what_it_cannot_add(sandbox: LocalAws, asked: dict[str, str | None], said: str) -> None:
    sandbox.user("alice")
    with pytest.raises(DoorClosed, match=said):
        ask(sandbox.door, "POST", "devices", asked)


def test_the_command_wants_to_know_which(sandbox: LocalAws) -> None:
    result = CliRunner().invoke(command, ["device", "--security-key", "k"])
    assert "--security-key goes with --user" in str(result.exception)
