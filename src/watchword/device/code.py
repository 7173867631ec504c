"""The present code of a device, from a source that is asked without a person: to be pasted elsewhere.

Nothing is noted as used: whether the code is sent, and where to, is not known here.
"""

from __future__ import annotations

import dataclasses
import math
from datetime import UTC, datetime, timedelta

from watchword.device.errors import SEE_CODE, CodeSpent
from watchword.errors import UsageError
from watchword.local.terminal import Terminal
from watchword.session import CodeSourceKind, CodesRefused, Entrance
from watchword.session.codes import CodeSource, Occasion
from watchword.session.codes.keyring_seed import KeyringSeed
from watchword.session.codes.source import no_code
from watchword.session.device import Device, find_device
from watchword.session.used_codes import STEP_SECONDS, UsedCodes

# A source may give the same code for ever, or be slow each time; it must not be asked for ever.
_LOOKS = 3
# How far a source's clock may be behind this machine's when the next code is due.
_LAG_SECONDS = 5
_ACCOUNT_AT, _PARTS = 4, 6


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ShownCode:
    """The code of a device, six digits, and the one after it if that was asked for.

    `source` is what gave it, in words; `until` (aware UTC) is when a device stops to show the last of them.
    """

    profile: str
    serial_number: str
    source: str
    code: str = dataclasses.field(repr=False)
    next_code: str | None = dataclasses.field(repr=False)
    until: datetime

    def seconds_left(self, now: datetime) -> int:
        """Return for how many whole seconds more the last code is shown."""
        return max(0, math.ceil((self.until - now).total_seconds()))


def show_code(entrance: Entrance, terminal: Terminal, *, pair: bool = False, wait: bool = True) -> ShownCode:
    """Return a code that was not sent yet by watchword, from the source that is wished for or configured.

    One that was sent is waited out, with a countdown on `terminal`; without `wait`, `CodeSpent` is raised.
    `pair` gets the code after it too, which most sources must be waited for.
    Raises `UsageError` when a person would have to be asked, `NoCode` and `NoSeed` when the source has none,
    `CodesRefused` when it gives nothing new, and what looking for the device raises.
    """
    way_in = entrance.of_user()
    source = _source(way_in)
    device = way_in.known_device() or find_device(way_in.profile, way_in.profile.caller_identity(), terminal)
    asking = _Asking(
        source=source,
        wait=wait,
        used=UsedCodes(way_in.store.codes_path(way_in.key_with(device))),
        occasion=Occasion(
            profile=way_in.profile.name,
            device=device,
            account=_account(way_in, device),
            terminal=terminal,
            now=way_in.now,
        ),
    )
    code, step = asking.unspent()
    next_code = asking.following(code, step) if pair else None
    return ShownCode(
        profile=way_in.profile.name,
        serial_number=device.serial_number,
        source=source.name,
        code=code,
        next_code=next_code,
        until=_begin(step + (2 if pair else 1)),
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    source: CodeSource
    occasion: Occasion
    used: UsedCodes
    wait: bool

    def unspent(self) -> tuple[str, int]:
        """Return a code that was not sent, and the time step it is of."""
        for _ in range(_LOOKS):
            code, step = self._present()
            if not self.used.is_spent(code, self.occasion.now()):
                return code, step
            self._wait_until(step + 1, "the present code was sent already, and a code serves once")
        raise CodesRefused(
            f"{self.source.name} gives the same code again and again, and it was sent already",
            hint="does its clock run?",
            see=SEE_CODE,
        )

    def following(self, code: str, step: int) -> str:
        """Return the code after `code`, which is of `step`."""
        if isinstance(self.source, KeyringSeed):  # it is worked out, so nobody has to wait for it
            later = dataclasses.replace(
                self.occasion, now=lambda: self.occasion.now() + timedelta(seconds=STEP_SECONDS)
            )
            return self.source.code(later)
        self._wait_until(step + 1, "a pair needs the next code too")
        for _ in range(_LOOKS):
            following, its_step = self._present()
            if its_step != step + 1:
                break
            if following != code:
                return following
            self.occasion.terminal.countdown(lambda left: f"asked again in {left} s", _LAG_SECONDS)
        raise no_code(self.source.name, "the second did not come in time after the first", hint="try again")

    def _present(self) -> tuple[str, int]:
        """Return a code and its time step: it is asked again when the step went over meanwhile."""
        for _ in range(_LOOKS):
            step = _step(self.occasion.now())
            code = self.source.code(self.occasion)
            if _step(self.occasion.now()) == step:
                return code, step
        raise no_code(self.source.name, f"it takes longer than the {STEP_SECONDS} s that a code is shown")

    def _wait_until(self, step: int, why: str) -> None:
        seconds = max(1, math.ceil((_begin(step) - self.occasion.now()).total_seconds()))
        if not self.wait:
            raise CodeSpent(why, hint=f"the next code comes in {seconds} s", see=SEE_CODE)
        self.occasion.terminal.say(f"{why}; waiting for the next")
        self.occasion.terminal.countdown(lambda left: f"the next code in {left} s", seconds)


def _source(entrance: Entrance) -> CodeSource:
    """Return the source; raise `UsageError` when it is a person, or what is piped in."""
    wanted = entrance.wish.code_from
    source = entrance.source_of_codes()
    if source.asks or (wanted is not None and wanted.kind is CodeSourceKind.STDIN):
        raise UsageError(
            "a code that somebody types here is known already: there is nothing to show",
            hint="name what gives codes: `--mfa-from ykman`, `op:ITEM`, `bw:ITEM`, `pass:ENTRY`, `keyring` or"
            " `process:COMMAND`; or `mfa_process = COMMAND` in the profile",
            see=SEE_CODE,
        )
    return source


def _account(entrance: Entrance, device: Device) -> str:
    """Return the account of a device: it stands in an ARN, and of others AWS is asked whose key it is."""
    parts = device.serial_number.split(":", _PARTS - 1)
    if len(parts) == _PARTS:
        return parts[_ACCOUNT_AT]
    return entrance.profile.caller_identity().account


def _step(now: datetime) -> int:
    return int(now.timestamp() // STEP_SECONDS)


def _begin(step: int) -> datetime:
    return datetime.fromtimestamp(step * STEP_SECONDS, UTC)
