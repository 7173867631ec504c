"""What the commands of getting in share: the profile opened, the store, the clock, talk on stderr."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from watchword.aws import ProfileSettings, ignored_credentials, named
from watchword.cli.options import one_profile, stderr_style
from watchword.local.cache_folder import cache_folder
from watchword.local.terminal import open_terminal
from watchword.report.session import session_line, session_value
from watchword.session import (
    Entrance,
    RoleWish,
    Session,
    SessionStore,
    SignedIn,
    Wish,
    chain_of,
    code_wanted_from,
    current_session,
    login,
    parse_duration,
)

Command = TypeVar("Command", bound=Callable[..., Any])


def getting_in_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--role`, `--duration`, `--mfa-from` and `--mfa-code -`; the command gets them as its `wish`."""

    @functools.wraps(command)
    def with_wish(
        *given: Any,  # noqa: ANN401 click's own
        role: str | None,
        duration: str | None,
        mfa_from: str | None,
        mfa_code: str | None,
        **named_: Any,  # noqa: ANN401 click's own
    ) -> Any:  # noqa: ANN401 the command's own
        wish = Wish(
            role=RoleWish(role=role) if role else None,
            duration_seconds=parse_duration(duration) if duration else None,
            code_from=code_wanted_from(mfa_from, mfa_code),
        )
        return command(*given, wish=wish, **named_)

    for option in (
        click.option("--mfa-code", metavar="-", help="Read the code from stdin: only `-` is taken."),
        click.option(
            "--mfa-from",
            metavar="SOURCE",
            envvar="WATCHWORD_MFA_FROM",
            help="Whence the code comes: ykman, op:ITEM, bw:ITEM, pass:ENTRY, keyring or process:COMMAND.",
        ),
        click.option("--duration", metavar="SPAN", help="How long a new session shall live, such as 4h."),
        click.option("--role", metavar="ROLE", help="Assume this role: its name or its ARN."),
    ):
        with_wish = option(with_wish)
    return with_wish


def now() -> datetime:
    """Return this machine's time, aware UTC."""
    return datetime.now(UTC)


def talk(text: str) -> None:
    """Say something on stderr, where it cannot be taken for data."""
    click.echo(text, err=True, color=stderr_style().color)


def store() -> SessionStore:
    """Return the sessions of this user; raise `UnusableCache`."""
    return SessionStore(cache_folder())


def entrance(profile: str | None, profile_option: str | None, wish: Wish | None = None) -> Entrance:
    """Return the way in for the profile that was named; raise what `chain_of` raises."""
    wished = wish or Wish()
    chain = chain_of(one_profile(profile, profile_option), wished)
    hint = f"run `watchword login {named(chain.settings.name)}` in a terminal first"
    return Entrance(
        chain=chain,
        store=store(),
        open_terminal=lambda: open_terminal(hint=hint),
        now=now,
        wish=wished,
    )


def session_for_work(way_in: Entrance) -> tuple[Session, ProfileSettings]:
    """Return a session to run something in: the current one, or a new one for a code."""
    session = current_session(way_in)
    if session is None:
        signed_in = login(way_in)
        announce(signed_in)
        session = signed_in.session
    return session, way_in.settings


def announce(signed_in: SignedIn) -> None:
    """Say on stderr who is signed in, and until when."""
    style, at = stderr_style(), now()
    if signed_in.fresh and (ignored := ignored_credentials(os.environ)):
        talk(f"{style.quiet('note')}: {ignored}")
    if signed_in.note:
        talk(f"{style.warning('note')}: {signed_in.note}")
    how = "signed in as" if signed_in.fresh else "already signed in as"
    talk(f"{how} {session_line(session_value(signed_in.session, at), at, style)}")
