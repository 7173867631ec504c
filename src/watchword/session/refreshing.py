"""A boto3 Session for programs: the sessions that the commands share, renewed, and asking when it must."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, NoReturn

from watchword.aws import named
from watchword.aws.boto3_session import Boto3Session, renewing_session
from watchword.errors import SignInNeeded, WatchwordError
from watchword.fastpath.session_file import Credentials
from watchword.local.cache_folder import cache_folder
from watchword.local.dialog import open_terminal_or_dialog
from watchword.local.stderr_only import StderrOnly
from watchword.local.terminal import Terminal
from watchword.session.codes.source import Occasion, is_code, no_code
from watchword.session.entrance import Entrance, chain_of
from watchword.session.login import current_session, login
from watchword.session.session import TOO_LITTLE_SECONDS
from watchword.session.store import SessionStore
from watchword.session.wish import RoleWish, Wish

Ask = Callable[[str, str], str]
_SEE: Final = "docs/getting-in/python.md"

# There is one person to ask. Reentrant, for whoever is asked may use another session to find the code.
_turn = threading.RLock()


def _begin_in_child() -> None:
    global _turn  # noqa: PLW0603 the thread that holds it is not in a forked child
    _turn = threading.RLock()


os.register_at_fork(after_in_child=_begin_in_child)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The program's own way to a code: it is told the device's name and the account."""

    ask: Ask
    tries: int = 3
    asks: bool = True
    name: str = "the program's `ask`"

    def code(self, occasion: Occasion) -> str:
        """Return what the program says; raise `NoCode` when that is no code, and whatever it raises."""
        code = self.ask(occasion.device.name, occasion.account)
        if not isinstance(code, str) or not is_code(code):
            raise no_code(self.name, "a code is a text of six digits")
        return code


def boto3_session(
    profile: str | None = None,
    *,
    role: str | None = None,
    region_name: str | None = None,
    duration_seconds: int | None = None,
    ask: Ask | Literal["terminal"] | None = "terminal",
) -> Boto3Session:
    """Return a session of `profile`; what it takes and raises is said at `watchword.boto3_session`."""
    wish = Wish(duration_seconds=duration_seconds, role=RoleWish(role=role) if role else None)
    chain = chain_of(profile, wish)
    way_in = Entrance(
        chain=chain,
        store=SessionStore(cache_folder()),
        open_terminal=_whom_to_ask(chain.settings.name, ask),
        now=lambda: datetime.now(UTC),
        wish=wish,
        code_source=Program(ask=ask) if callable(ask) else None,
    )
    return renewing_session(
        chain.settings,
        lambda: _credentials(way_in),
        region_name=region_name,
        renewed_when_left_seconds=TOO_LITTLE_SECONDS,
    )


def _whom_to_ask(profile: str, ask: Ask | Literal["terminal"] | None) -> Callable[[], Terminal]:
    hint = f"run `watchword login {named(profile)}` in a terminal first"
    if callable(ask):
        return lambda: StderrOnly(hint=hint)
    return lambda: open_terminal_or_dialog(hint=hint) if ask else _nobody(profile, hint)


def _nobody(profile: str, hint: str) -> NoReturn:
    raise SignInNeeded(
        f"profile `{profile}` has no session, and this program asks nobody for a code", hint=hint, see=_SEE
    )


def _credentials(way_in: Entrance) -> Credentials:
    """Return credentials with some life left: those that are kept, or new ones; one thread asks."""
    session = current_session(way_in)
    if session is None:
        with _turn:
            session = login(way_in).session
    if not session.is_live(way_in.now()):
        raise WatchwordError(
            "a session that was opened just now is over already, by this machine's clock",
            hint="set the clock",
            see=_SEE,
        )
    return session.credentials
