"""What the commands of getting in share: the profile opened, the store, the clock, talk on stderr."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import click

from watchword.aws import AwsProfile, ignored_credentials, named, open_profile
from watchword.cli.options import one_profile, stderr_style
from watchword.local.cache_folder import cache_folder
from watchword.local.terminal import open_terminal
from watchword.report.session import session_line, session_value
from watchword.session import Entrance, Session, SessionStore, SignedIn, current_session, login


def now() -> datetime:
    """Return this machine's time, aware UTC."""
    return datetime.now(UTC)


def talk(text: str) -> None:
    """Say something on stderr, where it cannot be taken for data."""
    click.echo(text, err=True, color=stderr_style().color)


def store() -> SessionStore:
    """Return the sessions of this user; raise `UnusableCache`."""
    return SessionStore(cache_folder())


def entrance(profile: str | None, profile_option: str | None) -> Entrance:
    """Return the way in for the profile that was named; raise what `open_profile` raises."""
    opened = open_profile(one_profile(profile, profile_option))
    hint = f"run `watchword login {named(opened.name)}` in a terminal first"
    return Entrance(profile=opened, store=store(), open_terminal=lambda: open_terminal(hint=hint), now=now)


def session_for_work(way_in: Entrance) -> tuple[Session, AwsProfile]:
    """Return a session to run something in: the current one, or a new one for a code."""
    session = current_session(way_in)
    if session is None:
        signed_in = login(way_in)
        announce(signed_in)
        session = signed_in.session
    return session, way_in.profile


def announce(signed_in: SignedIn) -> None:
    """Say on stderr who is signed in, and until when."""
    style, at = stderr_style(), now()
    if signed_in.fresh and (ignored := ignored_credentials(os.environ)):
        talk(f"{style.quiet('note')}: {ignored}")
    if signed_in.note:
        talk(f"{style.warning('note')}: {signed_in.note}")
    how = "signed in as" if signed_in.fresh else "already signed in as"
    talk(f"{how} {session_line(session_value(signed_in.session, at), at, style)}")
