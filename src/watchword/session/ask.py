"""Asking for a code until AWS takes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from watchword.aws import AwsProfile, CodeOfDevice, Refusal, Unreachable, UnusableSettings
from watchword.local.terminal import Terminal
from watchword.session.codes import Asked, CodeSource, Occasion
from watchword.session.device import Device, Standing
from watchword.session.errors import SEE_CODES, CodesRefused
from watchword.session.refused_code import budget_spent, code_was_looked_at, explain, is_about_the_code
from watchword.session.used_codes import (
    CHECKS_A_WINDOW,
    UsedCodes,
    seconds_left_in_step,
    seconds_left_in_window,
)

# A program may print the same code for ever; it must not be asked for ever.
_CODES_LOOKED_AT = 3
Minted = TypeVar("Minted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is needed to ask for a code and to spend it."""

    profile: AwsProfile
    account: str
    terminal: Terminal
    used_of: Callable[[Device], UsedCodes]
    now: Callable[[], datetime]
    standing_of: Callable[[Device], Standing]
    source: CodeSource = field(default_factory=Asked)

    def spend(self, device: Device, mint: Callable[[CodeOfDevice], Minted]) -> tuple[Device, Minted]:
        """Return what `mint` made of a code, and the device that showed it.

        `mint` makes one call to AWS, once, and raises its refusals as they are.
        Raises `CodesRefused` after as many codes as the source may give, `Refusal` when AWS's no is not about
        the code, `NoCode`, `Unreachable`, `UnusableSettings`, `NoTerminal`.
        """
        wait_seconds = 0
        for _ in range(self.source.tries):
            if wait_seconds:
                self.terminal.countdown(lambda left: f"tried again in {left} s", wait_seconds)
            used = self.used_of(device)
            self._wait_for_a_check(used)
            code = self._code(device, used)
            try:
                return device, self.send(code, device, used, mint)
            except Refusal as refusal:
                if not is_about_the_code(refusal):
                    raise
                device, wait_seconds = self._after(refusal, device, used, code)
        raise self._refused(device)

    def send(
        self, code: str, device: Device, used: UsedCodes, mint: Callable[[CodeOfDevice], Minted]
    ) -> Minted:
        """Return what `mint` made of this code, which is remembered as sent before it is.

        Raises what `mint` raises; a code that AWS refused is spent, unless somebody says `not_spent`.
        """
        used.send(code, self.now())
        try:
            return mint(CodeOfDevice(serial_number=device.serial_number, token_code=code))
        except UnusableSettings:
            used.not_spent(code, self.now(), checked=False)
            raise
        except Unreachable as unreachable:
            if not unreachable.request_left:
                used.not_spent(code, self.now(), checked=False)
            raise

    def _after(self, refusal: Refusal, device: Device, used: UsedCodes, code: str) -> tuple[Device, int]:
        """Say why a code was not taken; return the device to ask next, and the seconds to wait before."""
        now = self.now()
        standing = None
        if not code_was_looked_at(refusal):
            used.not_spent(code, now, checked=True)
            if used.checks_in_window(now) < CHECKS_A_WINDOW:
                standing = self.standing_of(device)
        cause = explain(refusal, device, standing, asks=self.source.asks, now=now)
        for line in cause.lines:
            self.terminal.say(line)
        return standing.device if standing else device, cause.wait_seconds

    def _code(self, device: Device, used: UsedCodes) -> str:
        """Return a code that was not sent yet: wait for the next one as often as a source may need."""
        occasion = Occasion(
            profile=self.profile.name,
            device=device,
            account=self.account,
            terminal=self.terminal,
            now=self.now,
        )
        for looked_at in range(_CODES_LOOKED_AT):
            if looked_at:
                self._wait_for_the_next()
            code = self.source.code(occasion)
            if not used.is_spent(code, self.now()):
                return code
        raise CodesRefused(
            f"{self.source.name} gives the same code again and again, and it was sent already",
            hint="nothing is sent twice, for a code serves once",
            see=SEE_CODES,
        )

    def _wait_for_the_next(self) -> None:
        if self.source.tries == 1:
            raise CodesRefused(
                f"the code from {self.source.name} was sent already, and a code serves once",
                hint=f"the next one comes in {seconds_left_in_step(self.now())} s",
                see=SEE_CODES,
            )
        whose = "that one" if self.source.asks else f"the present code of {self.source.name}"
        self.terminal.say(f"{whose} was sent already, and a code serves once; wait for the next")
        self.terminal.countdown(lambda left: f"the next one in {left} s", seconds_left_in_step(self.now()))

    def _refused(self, device: Device) -> CodesRefused:
        tries = self.source.tries
        what = "did not take the code" if tries == 1 else f"took none of {tries} codes"
        whose = "the authenticator's entry" if self.source.asks else f"what {self.source.name} gives"
        return CodesRefused(
            f"AWS {what}",
            hint=f"is {whose} the one for `{device.name}` in account {self.account}?",
            see=SEE_CODES,
        )

    def _wait_for_a_check(self, used: UsedCodes) -> None:
        now = self.now()
        if used.checks_in_window(now) >= CHECKS_A_WINDOW:
            self.terminal.say(budget_spent(now))
            self.terminal.countdown(lambda left: f"asked again in {left} s", seconds_left_in_window(now))
