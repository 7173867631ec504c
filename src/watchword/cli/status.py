"""`watchword status`: who is signed in, and until when."""

from __future__ import annotations

import json

import click

from watchword.aws import Refusal, call_as, caller_identity, named, read_chain
from watchword.cli.getting_in import entrance, now, store, talk
from watchword.cli.options import color_option, one_profile, output_option, profile_argument, stdout_style
from watchword.errors import ExitCode, WatchwordError
from watchword.report.session import status_text, status_value
from watchword.session import AWS_ITSELF, Session, SessionStore, stored_session

_DEAD = frozenset({"ExpiredToken", "InvalidClientTokenId"})


@click.command(epilog="Examples: `watchword status` · `watchword status work --check`")
@profile_argument
@click.option(
    "--check",
    is_flag=True,
    help="Ask AWS whether each live session is still good; forget those that are not.",
)
@output_option
@color_option
@click.pass_context
def status(
    context: click.Context, profile: str | None, profile_option: str | None, check: bool, output: str
) -> None:
    """Show the sessions of this machine, or that of one profile.

    `live` is what this machine's clock says. When AWS refuses such a session, `--check` finds out and
    forgets it; `watchword login --force` opens a new one at once.

    Ends with 0 when one of those shown is live, with 4 when none is, and with the code of the first
    error when one could not be checked.
    """
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
    if output == "json":
        click.echo(json.dumps(value, indent=2))
    else:
        style = stdout_style()
        click.echo(status_text(value, at, style), color=style.color)
    if failures:
        raise failures[0]
    live = any(entry["state"] == "live" for entry in value["sessions"])
    if not live:
        named_one = one_profile(profile, profile_option)
        talk(f"hint: `watchword login{f' {named(named_one)}' if named_one else ''}` opens one")
    context.exit(ExitCode.OK if live else ExitCode.SIGN_IN_NEEDED)


def _shown(profile: str | None, profile_option: str | None) -> tuple[SessionStore, list[Session], list[str]]:
    if profile or profile_option:
        way_in = entrance(profile, profile_option)
        session = stored_session(way_in)
        return way_in.store, [session] if session else [], []
    kept = store()
    stored = list(kept.all())
    sessions = [each.session for each in stored if each.session]
    return kept, sessions, [each.problem for each in stored if each.problem]


def _problem(kept: SessionStore, session: Session, refused: list[Session]) -> str | None:
    """Ask AWS about a session: note it in `refused` and forget it when it is dead, or say why not asked."""
    settings = read_chain(session.profile).settings
    if (settings.endpoint_url or AWS_ITSELF) != session.key.endpoint:
        return f"not checked: the session of profile `{session.profile}` was made at another endpoint"
    try:
        caller_identity(call_as(settings, session.credentials))
    except Refusal as refusal:
        if refusal.code not in _DEAD:
            raise
        kept.remove(session)
        refused.append(session)
        talk(f"AWS refused the session of profile `{session.profile}` ({refusal.code}); it is forgotten here")
    return None
