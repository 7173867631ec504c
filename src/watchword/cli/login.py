"""`watchword login`: open a session with a code."""

from __future__ import annotations

import json
from dataclasses import replace

import click

from watchword.cli.cli_cache import fill_cli_cache_option, fill_for, refuse_to_fill
from watchword.cli.getting_in import announce, entrance, getting_in_options, now, say_if_shorter
from watchword.cli.options import color_option, output_option, profile_argument
from watchword.cli.which_profile import named_or_chosen
from watchword.report.session import session_value
from watchword.session import Wish
from watchword.session import login as sign_in


@click.command(
    epilog="Examples: `watchword login` · `watchword login work --duration 12h`"
    " · `watchword login --role Support`"
)
@profile_argument
@getting_in_options
@click.option("--choose-device", is_flag=True, help="Choose anew which of your devices shall answer.")
@click.option("--force", is_flag=True, help="Open a new session even if the present one is still good.")
@fill_cli_cache_option
@output_option
@color_option
def login(
    profile: str | None,
    profile_option: str | None,
    wish: Wish,
    choose_device: bool,
    force: bool,
    fill_cli_cache: bool,
    output: str,
) -> None:
    """Open a session: ask for the code of the MFA device, and keep what AWS gives for it.

    The code is typed on the terminal, unseen, or comes from `--mfa-from`; no option takes it, for arguments
    can be read by every program on the machine. With a good session there is nothing to do, and nothing is
    asked.

    A session of a user lives 4 hours unless `--duration` says otherwise (15m to 36h; root 1h at most). A role
    is assumed from it for one hour and again when that is over; for more (up to 12h, if the role allows it)
    the code is given to the role itself.
    """
    wish = replace(wish, choose_device=choose_device)
    way_in = entrance(named_or_chosen(profile, profile_option, wish), None, wish)
    if fill_cli_cache:
        refuse_to_fill(way_in)
    signed_in = sign_in(way_in, force=force or choose_device)
    announce(signed_in)
    if not signed_in.fresh:
        say_if_shorter(signed_in.session, wish, subject="that", anew="`--force`")
    if fill_cli_cache:
        fill_for(way_in, signed_in.session)
    if output == "json":
        click.echo(json.dumps(session_value(signed_in.session, now()), indent=2))
