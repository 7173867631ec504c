"""`watchword login`: open a session with a code."""

from __future__ import annotations

import json

import click
from click.core import ParameterSource

from watchword.cli.getting_in import announce, entrance, now, talk
from watchword.cli.options import color_option, output_option, profile_argument, stderr_style
from watchword.report.session import session_value
from watchword.session import Wish, parse_duration
from watchword.session import login as sign_in

# A session that was opened a moment ago for as long as is asked for is as good as asked for.
_SLACK_SECONDS = 60


@click.command(epilog="Examples: `watchword login` · `watchword login work --duration 12h`")
@profile_argument
@click.option("--duration", default="4h", show_default=True, help="How long: 15m to 36h; root 1h at most.")
@click.option("--force", is_flag=True, help="Open a new session even if the present one is still good.")
@output_option
@color_option
@click.pass_context
def login(
    context: click.Context,
    profile: str | None,
    profile_option: str | None,
    duration: str,
    force: bool,
    output: str,
) -> None:
    """Open a session: ask for the code of the MFA device, and keep what AWS gives for it.

    The code is typed on the terminal, unseen; there is no option for it, for arguments can be read by
    every program on the machine. With a good session there is nothing to do, and nothing is asked.
    """
    seconds = parse_duration(duration)
    way_in = entrance(profile, profile_option, Wish(duration_seconds=seconds))
    signed_in = sign_in(way_in, force=force)
    announce(signed_in)
    left = signed_in.session.seconds_left(now())
    asked = context.get_parameter_source("duration") is not ParameterSource.DEFAULT
    if asked and not signed_in.fresh and left < seconds - _SLACK_SECONDS:
        talk(f"{stderr_style().warning('note')}: that is less than `{duration}`; `--force` opens a new one")
    if output == "json":
        click.echo(json.dumps(session_value(signed_in.session, now()), indent=2))
