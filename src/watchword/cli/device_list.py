"""`watchword device list`: the devices there are, and what each is good for."""

from __future__ import annotations

import json

import click

from watchword.aws import Refusal
from watchword.cli.getting_in import entrance, talk
from watchword.cli.options import color_option, output_option, profile_argument
from watchword.device.acting import acting
from watchword.device.own import own_devices
from watchword.device.refusal import list_refused
from watchword.report.device import list_as_text, list_value


@click.command("list", epilog="Examples: `watchword device list` · `watchword device list --output json`")
@profile_argument
@output_option
@color_option
def list_devices(profile: str | None, profile_option: str | None, output: str) -> None:
    """List your devices, and which of them the command line can use."""
    asking = acting(entrance(profile, profile_option), say=talk)
    try:
        own = own_devices(asking)
    except Refusal as refusal:
        raise list_refused(refusal, asking) from None
    value = list_value(own)
    click.echo(json.dumps(value, indent=2) if output == "json" else list_as_text(value))
