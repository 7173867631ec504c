"""`watchword profile list`: every profile, what it is, and whether a session of it lives."""

from __future__ import annotations

import json
import os

import click

from watchword.aws import profile_in_use
from watchword.cli.getting_in import now, store, talk
from watchword.cli.options import color_option, output_option, stdout_style
from watchword.report.profile import profiles_text, profiles_value
from watchword.session.profile_files import read_profile_files
from watchword.session.profiles import list_profiles


@click.command(
    name="list", epilog="Examples: `watchword profile list` · `watchword profile list --output json`"
)
@output_option
@color_option
def list_(output: str) -> None:
    """Show every profile of the AWS files: what it is, its region, and whether a session of it lives.

    A star marks the one that is used when none is named. Nothing is sent anywhere, and no secret is shown.
    """
    at = now()
    files = read_profile_files(os.environ)
    sessions = [stored.session for stored in store().all() if stored.session]
    value = profiles_value(list_profiles(files, sessions, at), in_use=profile_in_use(None), now=at)
    if output == "json":
        click.echo(json.dumps(value, indent=2))
    else:
        style = stdout_style()
        click.echo(profiles_text(value, at, style), color=style.color)
        if not value["profiles"]:
            talk("hint: `aws configure` makes one from an access key")
