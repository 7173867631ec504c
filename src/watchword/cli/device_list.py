"""`watchword device list`: the devices there are, and what each is good for."""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import Any

import click

from watchword.aws import Refusal, named
from watchword.aws.spelling import as_option
from watchword.cli.getting_in import entrance, now, talk
from watchword.cli.options import (
    color_option,
    not_a_code,
    profile_argument,
    stderr_style,
    stdout_style,
)
from watchword.cli.progress import Progress
from watchword.device.acting import Acting, acting
from watchword.device.here import Here, known_here
from watchword.device.listing import Listing, list_user
from watchword.device.listing_account import list_account
from watchword.device.refusal import explained
from watchword.errors import UsageError, WatchwordError
from watchword.report.device_list import list_csv, list_value
from watchword.report.device_list_text import list_text, unread_notes
from watchword.report.printable import printable_value

_SEE = "docs/devices/list.md"


@click.command(
    "list",
    epilog="Examples: `watchword device list` · `watchword device list --user bob`"
    " · `watchword device list --all --output csv`",
)
@profile_argument
@click.option("--user", "user_name", metavar="USER", callback=not_a_code, help="The devices of this user.")
@click.option("--all", "everybody", is_flag=True, help="Everybody's devices, and who has none.")
@click.option(
    "--output",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="Text to read, or data.",
)
@color_option
def list_devices(
    profile: str | None, profile_option: str | None, user_name: str | None, everybody: bool, output: str
) -> None:
    """List your devices, those of a user, or everybody's.

    Shown are their kind and age, whether the command line and the console can use them, and when a code of
    one last opened a session from here: AWS keeps no date of a device's last use. `--all` also shows who has
    no device, and devices that belong to nobody. What you may not read is said, and the rest is shown.
    """
    if user_name is not None and everybody:
        raise UsageError("`--user` is one user, and `--all` is everybody", hint="leave out one", see=_SEE)
    asking = acting(entrance(profile, profile_option), user_name, say=talk, of_account=everybody)
    try:
        listing = _everybody(asking) if everybody else list_user(asking)
    except Refusal as refusal:
        raise explained(refusal, asking, resource=_resource(asking, user_name)) from None
    value = list_value(listing, _here(asking), now(), remove=_remove(asking))
    click.echo(_shown(value, output), color=stdout_style().color)
    for note in unread_notes(value):
        talk(f"{stderr_style().quiet('note')}: {note}")


def _resource(asking: Acting, user_name: str | None) -> str:
    """Return the ARN of the user who is listed; AWS says itself on what it denies a list of all."""
    identity = asking.identity
    name = user_name or identity.name
    return identity.arn if asking.is_own else f"arn:{identity.partition}:iam::{identity.account}:user/{name}"


def _everybody(asking: Acting) -> Listing:
    with Progress("reading users: {} of {}") as progress:
        return list_account(asking, progress=progress, say=progress.say)


def _shown(value: dict[str, Any], output: str) -> str:
    match output:
        case "json":
            return json.dumps(value, indent=2)
        case "csv":
            return list_csv(value)
        case _:
            columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
            return list_text(printable_value(value), now(), stdout_style(), columns=columns)


def _here(asking: Acting) -> Here:
    """Return what this machine knows; nothing, and it is said, when its files cannot be read."""
    entrance_ = asking.entrance
    try:
        return known_here(
            entrance_.store,
            os.environ,
            endpoint=entrance_.settings.endpoint_url,
            account=asking.identity.account,
        )
    except WatchwordError as error:
        talk(f"{stderr_style().warning('note')}: what is known here is left out: {error.message}")
        return Here(last_used={}, named={}, remembered={})


def _remove(asking: Acting) -> str:
    """Return the command that removes an orphan, with the credentials that listed it."""
    command = "iam delete-virtual-mfa-device --serial-number {}"
    if asking.has_session:
        return f"watchword exec {named(asking.profile)} -- aws {command}"
    return f"aws {as_option(asking.profile)} {command}"
