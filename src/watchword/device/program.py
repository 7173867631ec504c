"""A program in the place of the person at a terminal: it shows devices, gives codes, and reads a log."""

from __future__ import annotations

import dataclasses
import logging
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal, NoReturn

from watchword.aws import named
from watchword.device.ceremony import NewEnrolment
from watchword.device.errors import SEE_LIBRARY, BadPair
from watchword.device.owner import Owner
from watchword.device.permitted import Talk
from watchword.errors import NoTerminal, SignInNeeded
from watchword.local.cache_folder import cache_folder
from watchword.local.dialog import open_terminal_or_dialog
from watchword.local.terminal import Terminal
from watchword.session import Entrance, SessionStore, SignedIn, chain_of
from watchword.session import Wish as SignInWish
from watchword.session.refreshing import Program

AskCode = Callable[[str, str], str] | Literal["terminal"] | None
AskPair = Callable[[NewEnrolment, str | None], tuple[str, str]]

LOG = logging.getLogger("watchword.device")
_SIX_DIGITS = re.compile(r"[0-9]{6}")


def entrance_of(profile: str | None, ask: AskCode, wish: SignInWish | None = None) -> Entrance:
    """Return the way in of a profile; `ask` is how a code is asked for, as in `boto3_session`."""
    wished = wish or SignInWish()
    chain = chain_of(profile, wished)
    hint = f"run `watchword login {named(chain.settings.name)}` in a terminal first"

    def open_terminal() -> Terminal:
        if callable(ask):
            return Nobody()
        return open_terminal_or_dialog(hint=hint) if ask else _not_asked(hint)

    return Entrance(
        chain=chain,
        store=SessionStore(cache_folder()),
        open_terminal=open_terminal,
        now=lambda: datetime.now(UTC),
        wish=wished,
        code_source=Program(ask=ask) if callable(ask) else None,
    )


def _not_asked(hint: str) -> NoReturn:
    raise SignInNeeded(
        "a session with MFA is needed, and this program asks nobody for a code", hint=hint, see=SEE_LIBRARY
    )


def two_codes(pair: object) -> tuple[str, str]:
    """Return what a program gave as a pair; raise `BadPair`, which does not repeat it."""
    match pair:
        case (str() as first, str() as second):
            if _SIX_DIGITS.fullmatch(first) and _SIX_DIGITS.fullmatch(second) and first != second:
                return first, second
    raise BadPair(
        "the program's `ask_pair` gave no pair of codes",
        hint="two different texts of six digits each",
        see=SEE_LIBRARY,
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A program that shows a new device, as a `Presenter`."""

    ask_pair: AskPair

    def prepare(self, owner: Owner) -> None:
        """Everything is the program's own concern."""

    def pair(self, new: NewEnrolment, refused: str | None) -> tuple[str, str]:
        return two_codes(self.ask_pair(new, refused))

    def done(self) -> None:
        """Everything is the program's own concern."""


class Nobody:
    """A `Terminal` for programs: what is said goes to the log of the program, and waits are quiet.

    `agrees`: a question is answered with yes; else it is an error.
    """

    is_live = False

    def __init__(self, *, agrees: bool = False) -> None:
        self._agrees = agrees

    def say(self, text: str) -> None:
        LOG.info(text)

    def ask(self, prompt: object, *, hidden: bool = False) -> str:  # noqa: ARG002 nobody is asked
        raise NoTerminal("a program asked for this, and nobody is at a terminal", see=SEE_LIBRARY)

    def confirm(self, question: str) -> bool:
        return self._agrees or bool(self.ask(question))

    def countdown(self, text: Callable[[int], str], seconds: int) -> None:
        LOG.info(text(seconds))
        time.sleep(seconds)


def announce(signed_in: SignedIn) -> None:
    """Note in the log that somebody has signed in."""
    LOG.info("signed in as %s", signed_in.session.arn)


TALK = Talk(say=LOG.info, announce=announce)
