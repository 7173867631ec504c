"""Enrolment killed at each step, or broken off after the device is enabled: the next run ends well.

One account for all of it. No step waits for time to pass.
"""

from __future__ import annotations

import configparser
import dataclasses
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import boto3
import pytest

from device.account import Account, Person
from device.at_terminal import FIRST, SECOND, AtTerminal, codes, scanned, secret_in
from device.faulty_wire import Fault, FaultyWire, faulty_wire
from local_aws import LocalAws, local_aws
from watchword.device import profile_serial
from watchword.local.aws_files import edit
from watchword.session import SessionStore

CODE = r"code of `[^\n]*: "
WRITE_IT = r"write this line\? \[y/N\] "
_DIES_BEFORE_THE_NEW_FILE_TAKES_THE_NAME = """
import os, pathlib, signal
replace = pathlib.Path.replace
def dying(self, target):
    if pathlib.Path(target).name == "config":
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)
pathlib.Path.replace = dying
"""


@pytest.fixture(scope="module")
def one_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with local_aws(tmp_path_factory.mktemp("killed")) as running:
        yield running


@pytest.fixture(scope="module")
def account(one_sandbox: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Account:
    return Account(one_sandbox.client("iam"), one_sandbox.endpoint_url, tmp_path_factory.mktemp("people"))


@pytest.fixture
def person(account: Account) -> Person:
    return account.person()


@dataclasses.dataclass(kw_only=True)
class Run:
    """A run of `watchword device enroll` that goes over a wire with faults in it."""

    person: Person
    wire: FaultyWire
    terminal: AtTerminal
    secret: str = ""
    pair: tuple[str, str] = ("", "")

    def is_shown(self) -> None:
        self.secret = secret_in(scanned(self.terminal.sees(FIRST)))

    def types_the_first(self) -> None:
        self.is_shown()
        self.pair = codes(self.secret)
        self.terminal.types(self.pair[0])
        self.terminal.sees(SECOND)

    def types_both(self) -> None:
        self.types_the_first()
        self.terminal.types(self.pair[1])

    def until(self, operation: str, fault: Fault) -> None:
        """Type both codes, and wait until the operation is held."""
        self.wire.befall(operation, fault)
        if operation in {"EnableMFADevice", "GetSessionToken"}:
            self.types_both()
        event = self.wire.passed_on if fault is Fault.HOLD_ANSWER else self.wire.held
        assert event.wait(20)

    def is_killed(self) -> None:
        self.terminal.process.kill(signal.SIGKILL)
        assert self.terminal.ends() == -signal.SIGKILL


@pytest.fixture
def start(person: Person) -> Iterator[Callable[..., Run]]:
    with ExitStack() as stack:

        def started(*options: str, **variables: str) -> Run:
            wire = stack.enter_context(faulty_wire(person.endpoint_url))
            environment = person.environment(endpoint_url=wire.url) | variables
            terminal = AtTerminal(["device", "enroll", *options], environment)
            return Run(person=person, wire=wire, terminal=terminal)

        yield started


def config_of(person: Person) -> str:
    return (person.folder / "config").read_text()


def config_at_first(person: Person) -> str:
    return f"[profile {person.name}]\nregion = eu-west-1\n"


def sessions_of(person: Person) -> list[str]:
    """The serial numbers of the devices that sessions were opened with."""
    folder = person.folder / "cache" / "watchword"
    if not folder.exists():
        return []
    kept = (stored.session for stored in SessionStore(folder).all())
    return [session.key.serial_number for session in kept if session]


def no_file_holds_the_secret_of(run: Run) -> bool:
    return not any(text and run.person.files_hold(text) for text in (run.secret, *run.pair))


def later_code(run: Run) -> str:
    """A code that was not typed yet, and that AWS takes already."""
    return codes(run.secret, at=time.time() + 30)[1]


# -- before the device is enabled: the next enrolment starts anew
BEFORE: dict[str, Callable[[Run], None]] = {
    "before anything is made": lambda run: run.until("ListMFADevices", Fault.HOLD_AND_LOSE_REQUEST),
    "while it is being made": lambda run: run.until("CreateVirtualMFADevice", Fault.HOLD_REQUEST),
    "after it was made": lambda run: run.until("CreateVirtualMFADevice", Fault.HOLD_ANSWER),
    "with the code on the screen": Run.is_shown,
    "after the first code": Run.types_the_first,
    "while it is being enabled": lambda run: run.until("EnableMFADevice", Fault.HOLD_AND_LOSE_REQUEST),
}


def test_killed_at_each_step_before_it_is_enabled_each_next_enrolment_gets_on_and_the_last_ends_well(
    account: Account, person: Person, start: Callable[..., Run]
) -> None:
    credentials = (person.folder / "credentials").read_text()
    killed: list[Run] = []
    for step, reach in BEFORE.items():
        run = start()
        reach(run)
        run.is_killed()
        run.wire.released.set()
        if step != "before anything is made":
            # One and the same name: what the one before has left was found and removed. A request that is
            # still on its way arrives after its sender's death.
            wait_for(lambda: account.leftovers_of(person) == [person.serial_number])
        assert account.devices_of(person) == [], step
        if step == "while it is being made":
            # So that the next run makes one at once, and is killed when that is done.
            account.iam.delete_virtual_mfa_device(SerialNumber=person.serial_number)
        killed.append(run)
    assert config_of(person) == config_at_first(person)

    last = start()
    last.types_both()
    last.terminal.sees(WRITE_IT)
    last.terminal.types("y")
    assert last.terminal.ends() == 0
    assert account.devices_of(person) == [person.serial_number]
    assert account.leftovers_of(person) == []
    assert sessions_of(person) == [person.serial_number]
    assert config_of(person) == f"{config_at_first(person)}mfa_serial = {person.serial_number}\n"
    assert (person.folder / "credentials").read_text() == credentials
    secrets = [run.secret for run in (*killed, last) if run.secret]
    assert len(set(secrets)) == len(secrets) == 4
    assert all(no_file_holds_the_secret_of(run) for run in (*killed, last))


def wait_for(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


# -- afterwards: the device is there, and signing in is what is left to do

AFTERWARDS: dict[str, Callable[[Run], None]] = {
    "after it was enabled": lambda run: run.until("EnableMFADevice", Fault.HOLD_ANSWER),
    "while its code is checked": lambda run: run.until("GetSessionToken", Fault.HOLD_AND_LOSE_REQUEST),
    "after its code was checked": lambda run: run.until("GetSessionToken", Fault.HOLD_ANSWER),
}


@pytest.mark.parametrize("step", AFTERWARDS)
def test_killed_after_it_was_enabled_login_takes_its_code(
    account: Account, person: Person, start: Callable[..., Run], step: str
) -> None:
    killed = start()
    AFTERWARDS[step](killed)
    killed.is_killed()
    login = signs_in(killed)
    login.sees(CODE)
    login.types(later_code(killed))
    assert login.ends() == 0
    ended_well(account, killed)


def signs_in(killed: Run) -> AtTerminal:
    """Type `watchword login`, over the same wire: sessions are kept by the address of AWS, too."""
    killed.wire.befall("", Fault.NONE)
    killed.wire.released.set()
    return AtTerminal(["login"], killed.person.environment(endpoint_url=killed.wire.url))


def test_killed_at_the_question_about_the_profile_it_is_signed_in(
    account: Account, person: Person, start: Callable[..., Run]
) -> None:
    killed = start()
    killed.types_both()
    killed.terminal.sees(WRITE_IT)
    killed.is_killed()
    assert signs_in(killed).ends() == 0
    ended_well(account, killed)


def test_killed_while_the_profile_is_written_the_file_is_whole(
    account: Account, person: Person, start: Callable[..., Run], tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(_DIES_BEFORE_THE_NEW_FILE_TAKES_THE_NAME)
    killed = start("--set-mfa-serial", PYTHONPATH=str(tmp_path))
    killed.types_both()
    assert killed.terminal.ends() == -signal.SIGKILL
    assert list(person.folder.glob(".config.*.new"))
    assert signs_in(killed).ends() == 0
    ended_well(account, killed)
    # Whoever writes the file next sweeps what the killed one has left beside it.
    section = f"profile {person.name}"
    edit(person.folder / "config", lambda file: file.set(section, {profile_serial.MFA_SERIAL: "x" * 9}))
    assert not list(person.folder.glob(".config.*.new"))


def ended_well(account: Account, run: Run) -> None:
    """One device, one session of it, the files as they were, and the seed in none of them."""
    assert account.devices_of(run.person) == [run.person.serial_number]
    assert account.leftovers_of(run.person) == []
    assert sessions_of(run.person) == [run.person.serial_number]
    assert config_of(run.person) == config_at_first(run.person)
    assert no_file_holds_the_secret_of(run)


# -- Ctrl-C after the device is enabled


def at_the_next_code(run: Run) -> None:
    """Have the code of the pair used by somebody else meanwhile, so that the next one is asked for."""
    run.until("GetSessionToken", Fault.HOLD_REQUEST)
    mint_with(run.person, run.pair[1])
    run.wire.released.set()
    run.terminal.sees(CODE)


def mint_with(person: Person, code: str) -> None:
    files = configparser.RawConfigParser()
    files.read(person.folder / "credentials")
    key = files[person.name]
    boto3.client(
        "sts",
        region_name="us-east-1",
        endpoint_url=person.endpoint_url,
        aws_access_key_id=key["aws_access_key_id"],
        aws_secret_access_key=key["aws_secret_access_key"],
    ).get_session_token(SerialNumber=person.serial_number, TokenCode=code)


def at_the_countdown(run: Run) -> None:
    run.types_both()
    run.terminal.sees("tried again in 8 s")


STOPPED: dict[str, tuple[Callable[[Run], None], str]] = {
    "while it is being enabled": (AFTERWARDS["after it was enabled"], "is enabled already and was left"),
    "while AWS does not know it yet": (at_the_countdown, "is enabled, but no code of it was checked"),
    "while its code is checked": (
        AFTERWARDS["while its code is checked"],
        "is enabled, but no code of it was checked",
    ),
    "when the next code is asked for": (at_the_next_code, "is enabled, but no code of it was checked"),
}


@pytest.mark.parametrize("step", STOPPED)
def test_ctrl_c_after_it_was_enabled_leaves_it_and_says_how_to_sign_in(
    one_sandbox: LocalAws, account: Account, person: Person, start: Callable[..., Run], step: str
) -> None:
    reach, said = STOPPED[step]
    if reach is at_the_countdown:
        one_sandbox.inner.devices.propagation_delay = timedelta(seconds=40)
    run = start()
    try:
        reach(run)
        run.terminal.process.sendcontrol("c")
        assert run.terminal.ends() == 130
    finally:
        one_sandbox.inner.devices.propagation_delay = timedelta(0)
    assert said in run.terminal.ordinary_screen()
    assert f"`watchword login {person.name}` signs in with it" in run.terminal.ordinary_screen()
    assert account.devices_of(person) == [person.serial_number]
    assert account.leftovers_of(person) == []
    assert sessions_of(person) == []
    assert config_of(person) == config_at_first(person)
    assert no_file_holds_the_secret_of(run)


def test_ctrl_c_at_the_question_about_the_profile_leaves_the_session(
    account: Account, person: Person, start: Callable[..., Run]
) -> None:
    run = start()
    run.types_both()
    run.terminal.sees(WRITE_IT)
    run.terminal.process.sendcontrol("c")
    assert run.terminal.ends() == 130
    assert "the line was not written; the device is enabled all the same" in run.terminal.ordinary_screen()
    ended_well(account, run)


# -- the network goes after the device is enabled


@pytest.mark.parametrize("fault", [Fault.LOSE_REQUEST, Fault.LOSE_ANSWER], ids=["way", "way back"])
def test_a_network_lost_while_the_code_is_checked_leaves_the_device_and_the_profile_is_still_offered(
    account: Account, person: Person, start: Callable[..., Run], fault: Fault
) -> None:
    run = start()
    run.wire.befall("GetSessionToken", fault)
    run.types_both()
    run.terminal.sees(WRITE_IT)
    run.terminal.types("y")
    run.terminal.ends()
    shown = run.terminal.ordinary_screen()
    assert "not checked: no answer to `sts:GetSessionToken`" in shown
    assert f"next: watchword login {person.name}" in shown
    assert account.devices_of(person) == [person.serial_number]
    assert account.leftovers_of(person) == []
    assert config_of(person) == f"{config_at_first(person)}mfa_serial = {person.serial_number}\n"


def test_a_network_lost_after_the_check_leaves_the_session(
    account: Account, person: Person, start: Callable[..., Run]
) -> None:
    run = start("--no-set-mfa-serial")
    run.until("GetSessionToken", Fault.HOLD_REQUEST)
    run.wire.befall("*", Fault.LOSE_REQUEST)
    run.wire.released.set()
    assert run.terminal.ends() == 0
    assert "signed in until" in run.terminal.ordinary_screen()
    ended_well(account, run)
