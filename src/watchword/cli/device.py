"""`watchword device`: the MFA devices of the user."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import click

from watchword.aws import Refusal
from watchword.cli.getting_in import entrance, talk
from watchword.cli.options import color_option, output_option, profile_argument
from watchword.local.terminal import open_terminal
from watchword.session import current_session

_NEEDED = "run it in a terminal window: a QR code must be seen and two codes be typed"


@click.group(epilog="Examples: `watchword device enroll` · `watchword device list`")
@color_option
def device() -> None:
    """Your MFA devices: enrol one, list them, keep a seed for `--mfa-from keyring`."""


@device.command(epilog="Examples: `watchword device enroll` · `watchword device enroll work --name phone`")
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
    from watchword.device.enrol import Wish, enrol
    from watchword.report.device import device_as_text, device_value

    way_in = entrance(profile, profile_option).of_user()
    terminal = open_terminal(hint=_NEEDED)
    session = current_session(way_in)
    enrolled = enrol(
        way_in.profile,
        Wish(name=name, png=png, show_seed=show_seed),
        session=session.credentials if session else None,
        say=terminal.say,
        clock=time.time,
    )
    config_file = os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config"
    value = device_value(enrolled, config_file=config_file)
    click.echo(json.dumps(value, indent=2) if output == "json" else device_as_text(value))


@device.command("remember-seed", epilog="Example: `watchword device remember-seed work`")
@profile_argument
@color_option
def remember_seed(profile: str | None, profile_option: str | None) -> None:
    """Keep the seed of your device in the keyring of this machine.

    `--mfa-from keyring` takes the codes from it then. The seed is asked for on the terminal, unseen, after a
    warning: with it, this machine holds both factors.
    """
    from watchword.session.seed import keep_seed

    way_in = entrance(profile, profile_option)
    kept = keep_seed(way_in, open_terminal(hint="run it in a terminal: the seed is typed there"))
    talk(f"kept the seed of `{kept.serial_number}`; `watchword login --mfa-from keyring` uses it")


@device.command("forget-seed", epilog="Example: `watchword device forget-seed work`")
@profile_argument
@color_option
def forget_seed(profile: str | None, profile_option: str | None) -> None:
    """Remove the seed of your device from the keyring of this machine."""
    from watchword.local.stderr_only import StderrOnly
    from watchword.session.seed import drop_seed

    way_in = entrance(profile, profile_option)
    dropped, was_there = drop_seed(way_in, StderrOnly(hint="name the device in the profile: `mfa_serial`"))
    talk(f"{'removed the' if was_there else 'there was no'} seed of `{dropped.serial_number}`")


@device.command("list", epilog="Examples: `watchword device list` · `watchword device list --output json`")
@profile_argument
@output_option
@color_option
def list_devices(profile: str | None, profile_option: str | None, output: str) -> None:
    """List your devices, and which of them the command line can use."""
    from watchword.device.own import caller, own_devices
    from watchword.device.refusal import list_refused
    from watchword.report.device import list_as_text, list_value

    way_in = entrance(profile, profile_option).of_user()
    session = current_session(way_in)
    asking = caller(way_in.profile, session.credentials if session else None, say=talk)
    try:
        own = own_devices(asking)
    except Refusal as refusal:
        raise list_refused(refusal, asking) from None
    value = list_value(own)
    click.echo(json.dumps(value, indent=2) if output == "json" else list_as_text(value))
