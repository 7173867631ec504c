"""`watchword device`: the MFA devices of the user."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import click

from watchword.aws.profile import open_profile
from watchword.cli.options import output_option
from watchword.local.terminal import open_terminal

_profile_option = click.option(
    "--profile", metavar="NAME", help="The profile with the user's own access key (else AWS_PROFILE)."
)


@click.group()
def device() -> None:
    """Your MFA devices: enrol one, list them."""


@device.command(
    epilog="Examples: `watchword device enroll` · `watchword device enroll --profile work --name phone`"
)
@_profile_option
@click.option("--name", metavar="NAME", help="The name of the device; the user's name when not given.")
@click.option(
    "--png",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the QR code to a new file too, which only you can read.",
)
@click.option("--show-seed", is_flag=True, help="Show the seed as text too, for typing it in.")
@output_option
def enroll(profile: str | None, name: str | None, png: Path | None, show_seed: bool, output: str) -> None:
    """Enrol an authenticator app: scan a QR code, type two codes.

    The QR code is shown on the terminal and wiped afterwards. However it ends, no half-made device
    is left in the account.
    """
    from watchword.device.enrol import Wish, enrol
    from watchword.report.device import device_as_text, device_value

    key = open_profile(profile)
    terminal = open_terminal(hint="run it in a terminal window: a QR code must be seen and codes be typed")
    enrolled = enrol(
        key,
        Wish(name=name, png=png, show_seed=show_seed),
        session=None,
        say=terminal.say,
        clock=time.time,
    )
    value = device_value(enrolled, config_file=_config_file())
    click.echo(json.dumps(value, indent=2) if output == "json" else device_as_text(value))


@device.command("list", epilog="Example: `watchword device list --output json`")
@_profile_option
@output_option
def list_devices(profile: str | None, output: str) -> None:
    """List your devices, and which of them can be used on the command line."""
    from watchword.device.own import own_devices
    from watchword.report.device import list_as_text, list_value

    value = list_value(own_devices(open_profile(profile)))
    click.echo(json.dumps(value, indent=2) if output == "json" else list_as_text(value))


def _config_file() -> str:
    return os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config"
