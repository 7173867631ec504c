"""`watchword device remove`: a device is taken away, after saying what that opens."""

from __future__ import annotations

import json
import os

import click

from watchword.aws.spelling import named
from watchword.cli.getting_in import announce, entrance, talk
from watchword.cli.options import color_option, output_option
from watchword.cli.which_device import device_argument, profile_option, user_option
from watchword.local.terminal import open_terminal


@click.command(
    epilog="Examples: `watchword device remove old-phone` · `watchword device remove --user alice`"
)
@device_argument
@profile_option
@user_option
@click.option("--yes", is_flag=True, help="Ask nothing; what it opens is said all the same.")
@output_option
@color_option
def remove(device: str | None, profile: str | None, user: str | None, yes: bool, output: str) -> None:
    """Remove a device: yours, or with `--user` another user's.

    DEVICE is its name or its serial number; without it, the only one, or the one you choose. What the
    removal opens is said first, above all when it is the last device. Your own devices need a session with
    MFA: a code is asked for when there is none. Sessions that the device has opened live on.
    """
    from watchword.device.permitted import Talk
    from watchword.device.remove import RemovalWish
    from watchword.device.remove import remove as remove_it
    from watchword.report.device_change import removed_as_text, removed_value

    way_in = entrance(None, profile)
    words = [named(device) if device else "NAME"]
    words += [f"--user {named(user)}"] if user else []
    words += [f"--profile {named(profile)}"] if profile else []
    needed = f"`watchword device remove {' '.join(words)} --yes` asks nothing"
    terminal = None if yes else open_terminal(hint=needed)
    removed = remove_it(
        way_in,
        RemovalWish(device=device, user_name=user),
        terminal=terminal,
        talk=Talk(say=terminal.say if terminal else talk, announce=announce),
        environment=os.environ,
    )
    value = removed_value(removed)
    click.echo(json.dumps(value, indent=2) if output == "json" else removed_as_text(value))
    if removed.removal.left is not None:
        raise removed.removal.left
