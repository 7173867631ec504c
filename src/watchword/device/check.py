"""The check of a device that was just enabled: a real GetSessionToken with a code of it, the session kept."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from watchword.aws import CodeOfDevice, Refusal
from watchword.device.errors import login_command
from watchword.errors import WatchwordError
from watchword.local.audit_log import refuse_unsafe_log
from watchword.local.terminal import Prompt, Terminal
from watchword.session import Entrance, Session, UnusableDevice
from watchword.session.ask import Minted, Question
from watchword.session.codes import Asked
from watchword.session.device import Device, Standing, StandingKind
from watchword.session.refused_code import code_was_looked_at, is_about_the_code
from watchword.session.turn import turn_to_ask
from watchword.session.used_codes import STEP_SECONDS, UsedCodes
from watchword.session.user import open_user_session
from watchword.session.with_code import Asking

# The same code is sent after these. Source: observed on AWS: STS sees a new device 8 to 14 s later.
_WAITS_SECONDS = (0, 8, 5, 7)
# The pair has set AWS's clock of the device to the second code, which is taken for two more steps then.
_LIFE_SECONDS = 2 * STEP_SECONDS
_MOST_CHECKS_A_WINDOW = 4
# The code in hand does not live long enough to wait for another watchword that asks for one.
_LONGEST_WAIT_SECONDS = 20.0
_CHOOSE = "--choose-device"

Say = Callable[[str], None]
Countdown = Callable[[Callable[[int], str], int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What came of the check: the session that was opened, or why there is none. The device is enabled.

    `sign_in` is what to type to sign in with the device later; None where somebody else has to.
    """

    session: Session | None
    why_not: str | None
    sign_in: str | None = None


def check_new_device(
    entrance: Entrance,
    device: Device,
    codes: tuple[str, str],
    *,
    say: Say,
    countdown: Countdown,
    remember: bool = True,
) -> Checked:
    """Open a session of the user of `entrance` with the second of the two codes that enabled `device`, now.

    It is the session of `watchword login`: kept, with a line in the audit log. STS does not know a new device
    at once, so a code that it did not look at is sent again for as long as it lives, and then the next one is
    asked for at the terminal of `entrance`, or of its program. `say` is told, `countdown` shows a wait as
    `local.terminal.Terminal` does. `remember`: this device answers for the key from now on; false for one
    that is added beside the one that does.

    Nothing that goes wrong here undoes the device: it is returned as `why_not`. Raises `KeyboardInterrupt`,
    after `say` was told that the device is enabled, and how to sign in later.
    Source: observed on AWS (propagation, and that EnableMFADevice does not use up the pair).
    """
    way_in = entrance.of_user()
    sign_in = sign_in_command(way_in, device)
    talk = _Talk(say, countdown, entrance.open_terminal)
    try:
        session = _session(way_in, device, codes[1], talk, remember=remember)
    except KeyboardInterrupt:
        say(f"`{device.name}` is enabled, but no code of it was checked; `{sign_in}` signs in with it")
        raise
    except WatchwordError as error:
        hint = f"; {error.hint}" if error.hint else ""
        return Checked(session=None, why_not=f"{error.message}{hint}", sign_in=sign_in)
    return Checked(session=session, why_not=None, sign_in=sign_in)


def unchecked(user_name: str) -> Checked:
    """Return what is said of the device of somebody else, whose key is not here."""
    why = f"a code of it was not tried, for only the access key of `{user_name}` can sign in with it"
    return Checked(session=None, why_not=why)


def sign_in_command(entrance: Entrance, device: Device) -> str:
    """Return what to type to sign in with a device of the user, also where another one answers."""
    command = login_command(entrance.profile.name)
    try:
        answering = entrance.known_device()
    except UnusableDevice:
        return f"{command} {_CHOOSE}"
    if answering is None or answering.serial_number == device.serial_number:
        return command
    return f"{command} {_CHOOSE}"


def _session(entrance: Entrance, device: Device, code: str, talk: Terminal, *, remember: bool) -> Session:
    began = entrance.now()
    refuse_unsafe_log()
    name, longest = entrance.profile.name, _LONGEST_WAIT_SECONDS
    asking_path, lock_path = entrance.asking_path(), entrance.store.lock_path(entrance.key_with(device))
    with (
        turn_to_ask(asking_path, f"profile `{name}`", longest_wait_seconds=longest),
        turn_to_ask(lock_path, f"`{device.name}`", longest_wait_seconds=longest),
    ):
        asking = Asking(
            entrance=entrance,
            identity=entrance.profile.caller_identity(),
            device=device,
            terminal=talk,
            # A program's own way is told which device; what the profile names gives codes of the one before.
            source=entrance.code_source or Asked(),
        )
        trial = _Trial(asking=asking, code=code, began=began)
        return open_user_session(asking, trial.spend, remember=remember).session


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """A code in hand, had at `began`."""

    asking: Asking
    code: str
    began: datetime

    def spend(self, mint: Callable[[CodeOfDevice], Minted]) -> tuple[Device, Minted]:
        """Return what `mint` made of the code in hand, else of one that is asked for; and the device."""
        device, talk = self.asking.device, self.asking.terminal
        question = replace(self.asking.question(), standing_of=self._standing_of)
        used = question.used_of(device)
        for wait_seconds in _WAITS_SECONDS:
            if not self._is_good_after(wait_seconds, used):
                break
            if wait_seconds:
                talk.countdown(lambda left: f"tried again in {left} s", wait_seconds)
                if not self._is_good_after(0, used):  # the machine may have slept meanwhile
                    break
            try:
                return device, question.send(self.code, device, used, mint)
            except Refusal as refusal:
                if not self._is_early(refusal, question, used):
                    break
            if not wait_seconds:
                talk.say(f"`{device.name}` is enabled; AWS takes codes of a new device some seconds later")
        talk.say(f"`{device.name}` is enabled, and is checked with its next code; Ctrl-C leaves it unchecked")
        return question.spend(device, mint)

    def _is_good_after(self, seconds: int, used: UsedCodes) -> bool:
        """Return whether AWS may still take the code then, and may be asked about it now."""
        now = self.asking.entrance.now()
        age_seconds = (now - self.began).total_seconds()
        return (
            0 <= age_seconds + seconds < _LIFE_SECONDS
            and not used.is_spent(self.code, now)
            and used.checks_in_window(now) < _MOST_CHECKS_A_WINDOW
        )

    def _is_early(self, refusal: Refusal, question: Question, used: UsedCodes) -> bool:
        """Return whether AWS has not looked at the code, which is good then; false when it has.

        Raises the refusal when it is about something else.
        """
        if not is_about_the_code(refusal):
            raise refusal
        if code_was_looked_at(refusal):
            self.asking.terminal.say(f"refused by AWS: {refusal.aws_message.strip()}")
            return False
        used.not_spent(self.code, question.now(), checked=True)
        return True

    def _standing_of(self, refused: Device) -> Standing:
        """Return what AWS's list says of the device; another one is never asked for in its place."""
        standing = self.asking.question().standing_of(refused)
        if standing.kind is StandingKind.NOT_THEIRS:
            return Standing(kind=StandingKind.UNKNOWN, device=refused)
        return standing


class _Talk:
    """A `Terminal` that says what the enrolment says, and is opened when there is something to ask."""

    def __init__(self, say: Say, countdown: Countdown, open_terminal: Callable[[], Terminal]) -> None:
        self.say = say
        self.countdown = countdown
        self._open = functools.cache(open_terminal)

    @property
    def is_live(self) -> bool:
        """Return whether a prompt is kept true while it waits; raise `NoTerminal` as the others do."""
        return self._open().is_live

    def ask(self, prompt: Prompt, *, hidden: bool = False) -> str:
        """Ask at the terminal itself."""
        return self._open().ask(prompt, hidden=hidden)

    def confirm(self, question: str) -> bool:
        """Ask at the terminal itself."""
        return self._open().confirm(question)
