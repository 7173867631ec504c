"""The library: what a program does with devices, without any terminal."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pyotp
import pytest
import zxingcpp
from PIL import Image

from device.account import Account, Person
from device.listing import ALLOW_ALL, allowing
from local_aws import LocalAws
from watchword import device
from watchword.device.ceremony import NewEnrolment
from watchword.device.errors import BadPair, GivesNoCodes, NoSuchDevice, NoSuchUser, PairsRefused
from watchword.device.program import two_codes
from watchword.errors import AwsRefused, SignInNeeded, UsageError

PAGE = Path(__file__).parents[2] / "docs" / "devices" / "library.md"


@dataclass(kw_only=True)
class Phone:
    """An authenticator app, and the program that shows it new devices."""

    seeds: dict[str, str] = field(default_factory=dict)
    refused: list[str | None] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    given: set[str] = field(default_factory=set)

    def takes(self, new: NewEnrolment, refused: str | None) -> tuple[str, str]:
        self.seeds[new.serial_number.rpartition("/")[2]] = new.seed
        self.refused.append(refused)
        return self.pair(new.serial_number)

    def pair(self, serial_number: str, refused: str | None = None) -> tuple[str, str]:
        totp = pyotp.TOTP(self.seeds[serial_number.rpartition("/")[2]])
        now = int(time.time())
        pair = totp.at(now), totp.at(now + 30)
        self.given |= {*pair}
        return pair

    def code(self, name: str, account: str) -> str:
        """Give a code that was not given before: the second of the pair was used up by the check."""
        self.asked.append((name, account))
        totp, now = pyotp.TOTP(self.seeds[name]), int(time.time())
        near = [totp.at(now + 30 * step) for step in (0, -1, 1, -2)]
        code = next(code for code in near if code not in self.given)
        self.given.add(code)
        return code


@pytest.fixture
def phone() -> Phone:
    return Phone()


@pytest.fixture
def here(account: Account, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Person]:
    """Become a person of the account: their files and folders are this process's."""

    def become(name: str | Person | None = None, **more: Any) -> Person:  # noqa: ANN401 what `person` takes
        person = name if isinstance(name, Person) else account.person(name, **more)
        for variable, value in person.environment().items():
            monkeypatch.setenv(variable, value)
        return person

    return become


# -- enrolment


def test_a_program_enrols_a_device_and_is_signed_in(
    here: Callable[..., Person], account: Account, phone: Phone, capfd: pytest.CaptureFixture[str]
) -> None:
    person = here()
    enrolled = device.enroll_device(ask_pair=phone.takes)
    assert enrolled.serial_number == person.serial_number
    assert account.devices_of(person) == [person.serial_number]
    assert (enrolled.why_unchecked, enrolled.replaced, enrolled.leftovers) == (None, None, ())
    assert enrolled.session_expires_at is not None
    assert enrolled.session_expires_at > datetime.now(UTC)
    (listed,) = device.list_devices()
    assert (listed.serial_number, listed.name, listed.kind) == (person.serial_number, person.name, "virtual")
    assert (listed.user_name, listed.usable_for_cli, listed.enabled_at) == (
        person.name,
        True,
        enrolled.enabled_at,
    )
    assert capfd.readouterr() == ("", "")


def test_the_example_of_the_documentation_works_as_written(here: Callable[..., Person]) -> None:
    seen: list[str] = []

    class Page:
        def show(self, png: bytes) -> None:
            (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(png)))
            seen.append(str(found.text))

        def ask(self, which: str) -> str:
            (secret,) = re.findall(r"secret=([A-Z2-7]+)", seen[-1])
            return pyotp.TOTP(secret).at(int(time.time()) + (30 if which == "second code" else 0))

    here("work")
    example = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    names: dict[str, Any] = {"page": Page()}
    exec(compile(example, str(PAGE), "exec"), names)  # noqa: S102 it is our own page
    assert names["enrolled"].user_name == "work"
    assert seen[0].startswith("otpauth://totp/AWS:work@")
    assert names["each"].name == "work"


def test_a_wrong_pair_is_asked_for_again_with_what_aws_said(
    here: Callable[..., Person], phone: Phone
) -> None:
    here()

    def first_wrong(new: NewEnrolment, refused: str | None) -> tuple[str, str]:
        right = phone.takes(new, refused)
        return right if refused else ("000000", "000001")

    assert device.enroll_device(ask_pair=first_wrong).why_unchecked is None
    assert phone.refused == [None, "Authentication code for device is not valid."]


def test_three_wrong_pairs_leave_nothing(here: Callable[..., Person], account: Account) -> None:
    person = here()
    with pytest.raises(PairsRefused):
        device.enroll_device(ask_pair=lambda *_: ("000000", "000001"))
    assert account.leftovers_of(person) == []


def test_what_is_no_pair_breaks_it_off_without_repeating_it(
    here: Callable[..., Person], account: Account
) -> None:
    person = here()
    with pytest.raises(BadPair) as raised:
        device.enroll_device(ask_pair=lambda *_: ("12345a", "123456"))
    assert "12345" not in str(raised.value)
    assert account.leftovers_of(person) == []
    assert account.devices_of(person) == []


@pytest.mark.parametrize(
    "pair",
    [
        None,
        ("1", "2"),
        ("123456", "123456"),
        ("123456",),
        "123456",
        ("\N{FULLWIDTH DIGIT ONE}23456", "123456"),
    ],
)
def test_a_pair_is_two_different_texts_of_six_digits(pair: object) -> None:
    with pytest.raises(BadPair):
        two_codes(pair)
    assert two_codes(("012345", "543210")) == ("012345", "543210")


def test_what_the_program_raises_breaks_it_off_and_comes_through(
    here: Callable[..., Person], account: Account
) -> None:
    class Closed(Exception):
        pass

    def closes(*_: object) -> tuple[str, str]:
        raise Closed

    person = here()
    with pytest.raises(Closed):
        device.enroll_device(ask_pair=closes)
    assert account.leftovers_of(person) == []


def test_what_happens_on_the_way_goes_to_the_log_without_a_secret(
    here: Callable[..., Person], account: Account, phone: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    person = here()
    account.iam.create_virtual_mfa_device(VirtualMFADeviceName=person.name)
    with caplog.at_level(logging.INFO):
        device.enroll_device(ask_pair=phone.takes)
    told = [record for record in caplog.records if record.name == "watchword.device"]
    assert any("belongs to nobody: removing it" in record.message for record in told)
    (seed,) = phone.seeds.values()
    assert seed not in caplog.text
    assert not set(phone.pair(person.serial_number)) & set(re.findall(r"\b\d{6}\b", caplog.text))


def test_a_seed_is_in_no_repr(here: Callable[..., Person]) -> None:
    seen: list[str] = []

    def looks(new: NewEnrolment, refused: str | None) -> tuple[str, str]:
        seen.append(f"{new!r} {new}")
        assert new.seed
        raise KeyboardInterrupt

    here()
    with pytest.raises(KeyboardInterrupt):
        device.enroll_device(ask_pair=looks)
    assert not re.search(r"[A-Z2-7]{20}", seen[0])


# -- with a session


def test_a_second_device_asks_the_program_for_a_code_once(
    here: Callable[..., Person], account: Account, phone: Phone
) -> None:
    person = here(policy=ALLOW_ALL)
    device.enroll_device(ask_pair=phone.takes)
    forget_sessions(person)
    device.enroll_device(ask_pair=phone.takes, name="tablet", ask=phone.code)
    assert phone.asked == [(person.name, "123456789012")]
    assert {each.name for each in device.list_devices()} == {person.name, "tablet"}


def test_a_program_that_asks_nobody_is_told_what_is_needed(
    here: Callable[..., Person], phone: Phone, capfd: pytest.CaptureFixture[str]
) -> None:
    person = here()
    device.enroll_device(ask_pair=phone.takes)
    forget_sessions(person)
    with pytest.raises(SignInNeeded, match="this program asks nobody for a code") as raised:
        device.enroll_device(ask_pair=phone.takes, name="tablet", ask=None)
    assert f"`watchword login {person.name}`" in str(raised.value.hint)
    assert capfd.readouterr() == ("", "")


def test_a_device_is_replaced_by_a_new_one(
    here: Callable[..., Person], account: Account, phone: Phone
) -> None:
    person = here(policy=ALLOW_ALL)
    device.enroll_device(ask_pair=phone.takes)
    replaced = device.replace_device(ask_pair=phone.takes, name="new-phone")
    assert (replaced.replaced, replaced.old_stays) == (person.serial_number, None)
    assert account.devices_of(person) == ["arn:aws:iam::123456789012:mfa/new-phone"]
    assert account.leftovers_of(person) == []


def test_an_old_device_that_is_at_hand_opens_the_session_for_its_own_replacement(
    here: Callable[..., Person], account: Account, phone: Phone
) -> None:
    person = here(policy=ALLOW_ALL)
    device.enroll_device(ask_pair=phone.takes)
    forget_sessions(person)
    device.replace_device(ask_pair=phone.takes, name="new-phone", ask=phone.code)
    assert phone.asked == [(person.name, "123456789012")]
    assert account.devices_of(person) == ["arn:aws:iam::123456789012:mfa/new-phone"]


def test_a_device_is_removed_and_it_is_said_what_that_opens(
    here: Callable[..., Person], account: Account, phone: Phone, capfd: pytest.CaptureFixture[str]
) -> None:
    person = here(policy=ALLOW_ALL)
    device.enroll_device(ask_pair=phone.takes)
    removed = device.remove_device()
    assert (removed.serial_number, removed.user_name) == (person.serial_number, person.name)
    assert (removed.deleted, removed.left) == (True, None)
    assert removed.opens
    assert account.devices_of(person) == []
    assert capfd.readouterr() == ("", "")


def forget_sessions(person: Person) -> None:
    for session in (person.folder / "cache").rglob("*.session"):
        session.unlink()


# -- for others


def test_an_administrator_does_it_for_another_user(
    here: Callable[..., Person], account: Account, phone: Phone
) -> None:
    account.iam.create_user(UserName="bob", Path="/eng/")
    here("admin", policy=ALLOW_ALL)
    enrolled = device.enroll_device(ask_pair=phone.takes, user_name="bob")
    assert (enrolled.user_name, enrolled.session_expires_at) == ("bob", None)
    assert "only the access key of `bob`" in str(enrolled.why_unchecked)
    (bobs,) = device.list_devices(user_name="bob")
    assert (bobs.user_name, bobs.usable_for_cli) == ("bob", False)  # no access key
    assert device.remove_device(user_name="bob").deleted
    assert device.list_devices(user_name="bob") == ()


def test_a_user_who_does_not_exist_is_an_error(here: Callable[..., Person]) -> None:
    here("admin", policy=ALLOW_ALL)
    with pytest.raises(NoSuchUser):
        device.list_devices(user_name="nobody")


def test_who_may_not_list_is_told_what_is_missing(here: Callable[..., Person]) -> None:
    person = here(policy=allowing("s3:ListAllMyBuckets"))
    with pytest.raises(AwsRefused) as raised:
        device.list_devices()
    assert raised.value.code == "AccessDenied"
    assert "iam:ListMFADevices" in str(raised.value.hint)
    assert person.name in str(raised.value)


# -- resynchronising, and one of several


def test_a_device_is_brought_back_into_step(here: Callable[..., Person], phone: Phone) -> None:
    person = here(policy=ALLOW_ALL)
    device.enroll_device(ask_pair=phone.takes)
    asked: list[tuple[str, str | None]] = []

    def pair(serial_number: str, refused: str | None) -> tuple[str, str]:
        asked.append((serial_number, refused))
        if refused is None:
            return "000000", "000001"
        totp = pyotp.TOTP(phone.seeds[person.name])
        later = int(time.time()) + 600
        return totp.at(later), totp.at(later + 30)

    assert device.resync_device(ask_pair=pair) == person.serial_number
    assert asked == [
        (person.serial_number, None),
        (person.serial_number, "Authentication code for device is not valid."),
    ]


def test_of_several_devices_one_must_be_named(
    here: Callable[..., Person], account: Account, sandbox: LocalAws
) -> None:
    person = account.person(policy=ALLOW_ALL)
    sandbox.device(person.name)
    sandbox.add_security_key(person.name)
    here(person)
    with pytest.raises(UsageError, match="has several devices"):
        device.remove_device()
    with pytest.raises(UsageError, match="has several devices"):
        device.replace_device(ask_pair=lambda *_: ("1", "2"))
    with pytest.raises(NoSuchDevice):
        device.remove_device(device="pager")
    with pytest.raises(GivesNoCodes):
        device.resync_device(device="yubikey", ask_pair=lambda *_: ("1", "2"))


# -- codes


def test_a_code_comes_from_the_source_of_the_profile(here: Callable[..., Person]) -> None:
    person = here()
    with (person.folder / "config").open("a") as config:
        config.write(f"mfa_serial = {person.serial_number}\nmfa_process = printf 123456\n")
    shown = device.device_code()
    assert (shown.code, shown.serial_number) == ("123456", person.serial_number)
    assert device.device_code(source="process:printf 654321").code == "654321"


def test_a_person_is_no_source(here: Callable[..., Person]) -> None:
    here()
    with pytest.raises(UsageError):
        device.device_code()


# -- the module itself


def test_importing_it_loads_nothing_else() -> None:
    script = "import sys; before = {*sys.modules}; import watchword.device; print(*{*sys.modules} - before)"
    loaded = subprocess.check_output([sys.executable, "-c", script], text=True).split()
    assert sorted(loaded) == ["watchword", "watchword.device"]


def test_no_function_is_hidden_by_a_file_of_the_same_name() -> None:
    folder = Path(device.__file__).parent
    assert [name for name in device.__all__ if (folder / f"{name}.py").exists()] == []
    assert all(callable(getattr(device, name)) for name in device.__all__)


def test_every_public_function_is_documented() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in device.__all__ if f"`{name}(" not in page] == []
