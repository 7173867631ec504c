"""`watchword status`: who is signed in, and until when."""

from __future__ import annotations

import json
import signal
from typing import Any, NoReturn

import click

from watchword.aws import Refusal, call_as, named, read_chain
from watchword.cli.getting_in import entrance, now, store, talk
from watchword.cli.options import color_option, one_profile, output_option, profile_argument, stdout_style
from watchword.errors import ExitCode, UsageError, WatchwordError
from watchword.local.live_text import can_show_live_text, show_live
from watchword.report.session import session_label
from watchword.report.status import begins_with, countdown, status_text, status_value
from watchword.session import AWS_ITSELF, Session, SessionStore, stored_session

_DEAD = frozenset({"ExpiredToken", "InvalidClientTokenId"})
_SEE = "docs/getting-in/ways-out.md"


@click.command(epilog="Examples: `watchword status` · `watchword status work --check`")
@profile_argument
@click.option(
    "--check",
    is_flag=True,
    help="Ask AWS whether each live session is still good; forget those that are not.",
)
@click.option("--watch", is_flag=True, help="Stay and count down, until Ctrl-C.")
@output_option
@color_option
@click.pass_context
def status(
    context: click.Context,
    profile: str | None,
    profile_option: str | None,
    check: bool,
    watch: bool,
    output: str,
) -> None:
    """Show the sessions of this machine, or that of one profile; those of roles beneath the user's.

    `live` is what this machine's clock says. When AWS refuses such a session, `--check` finds out and
    forgets it; `watchword login --force` opens a new one at once.

    Ends with 0 when one of those shown is live (of one profile: its own), with 4 when none is, and with the
    code of the first error when one could not be checked. `--watch` ends with 130, as whatever Ctrl-C ends.
    """
    if watch:
        _watch(profile, profile_option, check=check, output=output)
    kept, sessions, problems = _shown(profile, profile_option)
    at = now()
    refused: list[Session] = []
    failures: list[WatchwordError] = []
    for session in sessions if check else ():
        try:
            if session.is_live(at) and (problem := _problem(kept, session, refused)):
                problems.append(problem)
        except WatchwordError as error:
            failures.append(error)
            problems.append(f"not checked: the session of profile `{session.profile}`: {error.message}")
    value = status_value(sessions, problems, refused, at)
    _print(value, output)
    if failures:
        raise failures[0]
    own = sessions[:1] if profile or profile_option else sessions
    live = any(session.is_live(at) and session not in refused for session in own)
    if not live:
        named_one = one_profile(profile, profile_option)
        talk(f"hint: `watchword login{f' {named(named_one)}' if named_one else ''}` opens one")
    context.exit(ExitCode.OK if live else ExitCode.SIGN_IN_NEEDED)


def _print(value: dict[str, Any], output: str) -> None:
    if output == "json":
        click.echo(json.dumps(value, indent=2))
    else:
        style = stdout_style()
        click.echo(status_text(value, now(), style), color=style.color)


def _watch(profile: str | None, profile_option: str | None, *, check: bool, output: str) -> NoReturn:
    if check or output == "json" or not can_show_live_text():
        raise UsageError(
            "`--watch` shows text on a terminal, and asks nobody",
            hint="leave out `--check` and `--output json`, and do not redirect it",
            see=_SEE,
        )

    def text() -> str:
        _, sessions, problems = _shown(profile, profile_option)
        at = now()
        return status_text(status_value(sessions, problems, (), at), at, stdout_style(), left=countdown)

    # A terminal that is ended, or a kill, leaves the screen as it was, too.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        show_live(text)
    finally:
        click.echo(text(), color=stdout_style().color)


def _shown(profile: str | None, profile_option: str | None) -> tuple[SessionStore, list[Session], list[str]]:
    """Return what is kept: of one profile its own session first, then those of roles that began with it."""
    kept = store()
    stored = list(kept.all())
    sessions = [each.session for each in stored if each.session]
    if not (profile or profile_option):
        return kept, sessions, [each.problem for each in stored if each.problem]
    own = stored_session(entrance(profile, profile_option))
    if own is None:
        return kept, [], []
    roles = [] if own.key.role else [each for each in sessions if each.key.role and begins_with(each, own)]
    return kept, [own, *roles], []


def _problem(kept: SessionStore, session: Session, refused: list[Session]) -> str | None:
    """Ask AWS about a session: note it in `refused` and forget it when it is dead, or say why not asked."""
    settings = read_chain(session.profile).settings
    if (settings.endpoint_url or AWS_ITSELF) != session.key.endpoint:
        return f"not checked: the session of profile `{session.profile}` was made at another endpoint"
    try:
        call_as(settings, session.credentials).call("sts", "GetCallerIdentity")
    except Refusal as refusal:
        if refusal.code not in _DEAD:
            raise
        kept.remove(session)
        refused.append(session)
        name = session_label(session.profile, session.role_arn)
        talk(f"AWS refused the session of `{name}` ({refusal.code}); it is forgotten here")
    return None
