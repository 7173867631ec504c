"""Asking for a code until AWS takes one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from watchword.aws import AwsProfile, CodeOfDevice, Refusal, Unreachable, UnusableSettings
from watchword.local.terminal import Terminal
from watchword.session.device import Device
from watchword.session.errors import SEE, CodesRefused
from watchword.session.refused_code import budget_spent, code_was_looked_at, explain, is_about_the_code
from watchword.session.used_codes import (
    CHECKS_A_WINDOW,
    UsedCodes,
    seconds_left_in_step,
    seconds_left_in_window,
)

_TRIES = 3
Minted = TypeVar("Minted")
_CODE = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is needed to ask for a code and to spend it."""

    profile: AwsProfile
    account: str
    terminal: Terminal
    used: UsedCodes
    now: Callable[[], datetime]
    device_again: Callable[[Device], Device]

    def spend(self, device: Device, mint: Callable[[CodeOfDevice], Minted]) -> tuple[Device, Minted]:
        """Return what `mint` made of a code, and the device that showed it.

        `mint` makes one call to AWS, once, and raises its refusals as they are.
        Raises `CodesRefused` after three codes, `Refusal` when AWS's no is not about the code,
        `Unreachable`, `UnusableSettings`, `NoTerminal`.
        """
        for _ in range(_TRIES):
            self._wait_for_a_check()
            code = self._code(device)
            try:
                return device, self._spend(code, device, mint)
            except Refusal as refusal:
                if not is_about_the_code(refusal):
                    raise
                device = self._after(refusal, device, code)
        raise CodesRefused(
            f"AWS took none of {_TRIES} codes",
            hint=f"is the authenticator's entry the one for `{device.name}` in account {self.account}?",
            see=SEE,
        )

    def _spend(self, code: str, device: Device, mint: Callable[[CodeOfDevice], Minted]) -> Minted:
        self.used.send(code, self.now())
        try:
            return mint(CodeOfDevice(serial_number=device.serial_number, token_code=code))
        except UnusableSettings:
            self.used.not_spent(code, self.now(), checked=False)
            raise
        except Unreachable as unreachable:
            if not unreachable.request_left:
                self.used.not_spent(code, self.now(), checked=False)
            raise

    def _after(self, refusal: Refusal, device: Device, code: str) -> Device:
        now = self.now()
        checks = self.used.checks_in_window(now)
        for line in explain(refusal, device, checks_in_window=checks, now=now):
            self.terminal.say(line)
        if code_was_looked_at(refusal):
            return device
        self.used.not_spent(code, now, checked=True)
        return self.device_again(device)

    def _code(self, device: Device) -> str:
        while True:
            code = "".join(self.terminal.ask(lambda: self._prompt(device), hidden=True).split())
            if not _CODE.fullmatch(code):
                self.terminal.say("a code is six digits; nothing was sent")
            elif self.used.is_spent(code, self.now()):
                self.terminal.say("that one was sent already, and a code serves once; wait for the next")
                self.terminal.countdown(
                    lambda left: f"the next one in {left} s", seconds_left_in_step(self.now())
                )
            else:
                return code

    def _prompt(self, device: Device) -> str:
        left = seconds_left_in_step(self.now())
        return f"code of `{device.name}`, account {self.account} (this one for {left} s): "

    def _wait_for_a_check(self) -> None:
        now = self.now()
        if self.used.checks_in_window(now) >= CHECKS_A_WINDOW:
            self.terminal.say(budget_spent(now))
            self.terminal.countdown(lambda left: f"asked again in {left} s", seconds_left_in_window(now))
