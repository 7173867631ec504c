"""`watchword device enroll`: a device for a user, from nothing to a session."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import click

from watchword.cli.getting_in import entrance
from watchword.cli.options import color_option, output_option, profile_argument
from watchword.local.terminal import open_terminal

_NEEDED = "run it in a terminal window: a QR code must be seen and two codes be typed"


@click.command(epilog="Examples: `watchword device enroll` · `watchword device enroll work --name phone`")
@profile_argument
@click.option("--name", metavar="NAME", help="What to call the device; without it, it is called like you.")
@click.option(
    "--png",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the QR code to a new file as well, which only you can read.",
)
@click.option("--show-seed", is_flag=True, help="Show the seed as text as well, to type it in.")
@output_option
@color_option
def enroll(
    profile: str | None,
    profile_option: str | None,
    name: str | None,
    png: Path | None,
    show_seed: bool,
    output: str,
) -> None:
    """Enrol an authenticator app: scan a QR code, type two codes.

    The QR code is shown on the terminal and wiped off afterwards. However it ends, no half-made
    device is left in the account.
    """
    from watchword.device.at_screen import AtScreen
    from watchword.device.enrol import Wish, enrol
    from watchword.device.picture_file import picture_file
    from watchword.report.device_enroll import device_as_text, device_value

    way_in = entrance(profile, profile_option)
    terminal = open_terminal(hint=_NEEDED)
    with picture_file(png) as write_png:
        person = AtScreen(
            clock=time.time,
            say=terminal.say,
            show_seed=show_seed,
            write_png=None if png is None else write_png,
        )
        enrolled = enrol(way_in, Wish(name=name), presenter=person, say=terminal.say)
    config_file = os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config"
    value = device_value(enrolled, png=png, config_file=config_file)
    click.echo(json.dumps(value, indent=2) if output == "json" else device_as_text(value))
