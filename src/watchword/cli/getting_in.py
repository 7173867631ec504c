"""What the commands of getting in share: the profile opened, the store, the clock, talk on stderr."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from watchword.aws import AwsProfile, ProfileSettings, ignored_credentials, named, profile_in_use
from watchword.cli.known_names import role_names
from watchword.cli.options import not_a_code, one_profile, stderr_style
from watchword.fastpath.surroundings import surroundings
from watchword.fastpath.way import keep
from watchword.local.cache_folder import cache_folder
from watchword.local.dialog import open_terminal_or_dialog
from watchword.report.session import session_line, session_value
from watchword.report.span import ending
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
    spelled,
)
from watchword.session.session import TOO_LITTLE_SECONDS

# A session that was opened a moment ago for as long as is asked for is as good as asked for.
_SLACK_SECONDS = 60
Command = TypeVar("Command", bound=Callable[..., Any])


def getting_in_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--role` and the options of `code_options`; the command gets them as its `wish`."""

    @functools.wraps(command)
    def with_role(*given: Any, wish: Wish, role: str | None, **named_: Any) -> Any:  # noqa: ANN401 click's own
        wished = replace(wish, role=RoleWish(role=role)) if role else wish
        return command(*given, wish=wished, **named_)

    option = click.option(
        "--role",
        metavar="ROLE",
        callback=not_a_code,
        shell_complete=role_names,
        help="Assume this role: its ARN, or the name of one in your account.",
    )
    return option(code_options(with_role))


def code_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--duration`, `--mfa-from` and `--mfa-code -`; the command gets them as its `wish`."""

    @functools.wraps(command)
    def with_wish(
        *given: Any,  # noqa: ANN401 click's own
        duration: str | None,
        mfa_from: str | None,
        mfa_code: str | None,
        **named_: Any,  # noqa: ANN401 click's own
    ) -> Any:  # noqa: ANN401 the command's own
        wish = Wish(
            duration_seconds=None if duration is None else parse_duration(duration),
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
        click.option(
            "--duration", metavar="SPAN", help="How long a new session shall live, such as 4h: 15m to 36h."
        ),
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
    name = one_profile(profile, profile_option)
    seen = surroundings(profile_in_use(name), os.environ)
    chain = chain_of(name, wished)
    hint = f"run `watchword login {named(chain.settings.name)}` in a terminal first"
    return Entrance(
        chain=chain,
        store=store(),
        open_terminal=lambda: open_terminal_or_dialog(hint=hint),
        now=now,
        wish=wished,
        seen=seen,
    )


def session_for_work(way_in: Entrance) -> tuple[Session, ProfileSettings]:
    """Return a session to run something in: the current one, or a new one for a code."""
    session = current_session(way_in)
    if session is None:
        signed_in = login(way_in)
        announce(signed_in)
        session = signed_in.session
    else:
        until = f"`{way_in.settings.name}` is signed in until {ending(session.expires_at, now())}; that"
        anew = "`watchword login` with the same options and `--force`"
        say_if_shorter(session, way_in.wish, subject=until, anew=anew)
    _keep_way(way_in, session)
    return session, way_in.settings


def _keep_way(way_in: Entrance, session: Session) -> None:
    """Let the next run be told at once which session answers, if that rests on the AWS files alone."""
    plain = replace(way_in.wish, code_from=None) == Wish()
    if way_in.seen is None or not plain or not isinstance(way_in.chain.source, AwsProfile):
        return
    ahead = session.ahead_seconds
    keep(
        way_in.seen,
        os.environ,
        session=str(way_in.store.path_of(session.key)),
        least_seconds=ahead if session.seconds_left(now()) >= ahead else TOO_LITTLE_SECONDS,
        # Which device answers is remembered there.
        beside=[str(cache_folder() / "devices")],
        region=way_in.settings.region,
        settings=way_in.settings.variables,
    )


def say_if_shorter(session: Session, wish: Wish, *, subject: str, anew: str) -> None:
    """Say that a session that was open already lives less long than is asked for now."""
    asked = wish.duration_seconds
    if asked is not None and session.seconds_left(now()) < asked - _SLACK_SECONDS:
        less = f"{subject} is less than `{spelled(asked)}`; {anew} opens a new one"
        talk(f"{stderr_style().warning('note')}: {less}")


def announce(signed_in: SignedIn) -> None:
    """Say on stderr who is signed in, and until when."""
    style, at = stderr_style(), now()
    role = signed_in.session.role
    used = role is not None and role.source == "environment"
    if signed_in.fresh and not used and (ignored := ignored_credentials(os.environ)):
        talk(f"{style.quiet('note')}: {ignored}")
    if signed_in.note:
        talk(f"{style.warning('note')}: {signed_in.note}")
    how = "signed in as" if signed_in.fresh else "already signed in as"
    talk(f"{how} {session_line(session_value(signed_in.session, at), at, style)}")
