"""Somebody whose device was enabled this second, in this process; time passes only when it is waited for."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from device.account import Account, Person
from device.at_terminal import codes as codes_of
from local_aws import LocalAws
from watchword.aws import Chain, read_chain
from watchword.device.check import Checked, check_new_device
from watchword.errors import NoTerminal
from watchword.local.terminal import Prompt
from watchword.session import Entrance, SessionStore
from watchword.session.device import Device
from watchword.session.refreshing import Program

Answer = Callable[[], str]


@dataclasses.dataclass(kw_only=True)
class Listener:
    """Who is told things; `answers` are given in turn. A countdown moves the clock of the account."""

    pass_seconds: Callable[[float], None]
    answers: Iterator[Answer]
    said: list[str] = dataclasses.field(default_factory=list)
    prompts: list[str] = dataclasses.field(default_factory=list)
    waits: list[int] = dataclasses.field(default_factory=list)
    is_live: bool = True

    def say(self, text: str) -> None:
        self.said.append(text)

    def ask(self, prompt: Prompt, *, hidden: bool = False) -> str:
        self.prompts.append(prompt() if callable(prompt) else prompt)
        assert hidden
        return next(self.answers)()

    def confirm(self, question: str) -> bool:
        raise AssertionError(question)

    def countdown(self, text: Callable[[int], str], seconds: int) -> None:
        assert f"{seconds} s" in text(seconds)
        self.waits.append(seconds)
        self.pass_seconds(seconds)


@functools.cache
def _chain(profile: str, _config: str, _endpoint_url: str) -> Chain:
    """What the SDK reads takes it a while, and is the same for as long as the profile says the same."""
    return read_chain(profile)


@dataclasses.dataclass(kw_only=True)
class NewDevice:
    """A person with a device that was enabled just now by `codes`, and what is known of their machine."""

    sandbox: LocalAws
    person: Person
    device: Device
    codes: tuple[str, str]
    terminal: Listener
    has_terminal: bool = True
    machine_ahead_seconds: float = 0
    program: Program | None = None

    @property
    def store(self) -> SessionStore:
        folder = self.person.folder / "cache" / "watchword"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return SessionStore(folder)

    def now(self) -> datetime:
        moved = self.sandbox.inner.clock.now()
        return datetime.fromtimestamp(moved.timestamp() + self.machine_ahead_seconds, tz=moved.tzinfo)

    def entrance(self) -> Entrance:
        def open_terminal() -> Listener:
            if not self.has_terminal:
                raise NoTerminal("there is no terminal to ask on")
            return self.terminal

        return Entrance(
            chain=_chain(
                self.person.name, config_of(self.person).read_text(), os.environ["AWS_ENDPOINT_URL"]
            ),
            store=self.store,
            open_terminal=open_terminal,
            now=self.now,
            code_source=self.program,
        )

    def check(self, *, remember: bool = True) -> Checked:
        return check_new_device(
            self.entrance(),
            self.device,
            self.codes,
            say=self.terminal.say,
            countdown=self.terminal.countdown,
            remember=remember,
        )

    def will_type(self, *answers: Answer) -> None:
        self.terminal.answers = iter(answers)

    def next_code(self) -> str:
        """The code that the phone shows a minute later: after those of the pair."""
        self.sandbox.move_clock(30)
        return self.sandbox.fresh_code(self.device.serial_number)

    def checks(self) -> int:
        """How often a code of this device was sent to STS."""
        own = f":user/{self.person.name}"
        sent = (each for each in self.sandbox.log if each.action == "sts:GetSessionToken")
        return len({each.request_id for each in sent if each.principal.endswith(own)})


def at_this_machine(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give this process the environment of a person."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "WATCHWORD_", "XDG_")):
            monkeypatch.delenv(name)
    for name, text in {**person.environment(), "HOME": str(person.folder)}.items():
        monkeypatch.setenv(name, text)
    # The clients of the tests themselves are not of that profile.
    monkeypatch.delenv("AWS_PROFILE")


def enabled(
    sandbox: LocalAws,
    account: Account,
    person: Person,
    name: str | None = None,
    *,
    phone_ahead_seconds: float = 0,
) -> NewDevice:
    """Enable a device for the person, now, by a phone whose clock may be wrong."""
    made = account.iam.create_virtual_mfa_device(VirtualMFADeviceName=name or person.name)["VirtualMFADevice"]
    serial_number = made["SerialNumber"]
    seed, now = bytes(made["Base32StringSeed"]).decode(), sandbox.inner.clock.now().timestamp()
    codes = codes_of(seed, at=now + phone_ahead_seconds)
    account.iam.enable_mfa_device(
        UserName=person.name,
        SerialNumber=serial_number,
        AuthenticationCode1=codes[0],
        AuthenticationCode2=codes[1],
    )
    return NewDevice(
        sandbox=sandbox,
        person=person,
        device=Device(serial_number=serial_number),
        codes=codes,
        terminal=Listener(pass_seconds=sandbox.move_clock, answers=iter(())),
    )


def config_of(person: Person) -> Path:
    return person.folder / "config"
