"""`watchword device resync`: AWS learns what time a device thinks it is."""

from __future__ import annotations

import json
import time

import click

from watchword.cli.getting_in import announce, entrance
from watchword.cli.options import color_option, output_option
from watchword.cli.which_device import device_argument, profile_option, user_option
from watchword.local.terminal import open_terminal


@click.command(epilog="Examples: `watchword device resync` · `watchword device resync token --user alice`")
@device_argument
@profile_option
@user_option
@output_option
@color_option
def resync(device: str | None, profile: str | None, user: str | None, output: str) -> None:
    """Bring a device whose codes are refused back into step: type two codes in a row.

    DEVICE is its name or its serial number; without it, the only one, or the one you choose. AWS learns from
    the codes what time the device thinks it is, and nothing else changes: sessions stay as they are.
    """
    from watchword.device.permitted import Talk
    from watchword.device.resync import ResyncWish
    from watchword.device.resync import resync as resync_it
    from watchword.report.device_change import resynced_as_text, resynced_value

    way_in = entrance(None, profile)
    terminal = open_terminal(hint="run it in a terminal: two codes are typed there")
    resynced = resync_it(
        way_in,
        ResyncWish(device=device, user_name=user),
        terminal=terminal,
        talk=Talk(say=terminal.say, announce=announce),
        clock=time.time,
    )
    value = resynced_value(resynced)
    click.echo(json.dumps(value, indent=2) if output == "json" else resynced_as_text(value))
