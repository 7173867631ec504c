"""`watchword device replace`: a lost or a new phone, one's own or another user's."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from watchword.aws.spelling import named
from watchword.cli.getting_in import announce, entrance, now, talk
from watchword.cli.options import color_option, output_option
from watchword.cli.which_device import device_argument, profile_option, user_option
from watchword.device.permitted import Talk
from watchword.device.replace import Replacement, is_own, make_room
from watchword.device.replace import replace as replace_it
from watchword.errors import UsageError
from watchword.local.terminal import Terminal, open_terminal
from watchword.session import Entrance

_NEEDED = "run it in a terminal window: a QR code must be seen and two codes be typed"
_SEE = "docs/devices/change.md"


@click.command(epilog="Examples: `watchword device replace` · `watchword device replace phone --user alice`")
@device_argument
@profile_option
@user_option
@click.option("--enroll-here", is_flag=True, help="With --user: enrol the new device at this terminal.")
@click.option("--yes", is_flag=True, help="With --user: remove the lost one without asking.")
@click.option("--name", metavar="NAME", help="What to call the new device.")
@click.option(
    "--png",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the QR code to a new file as well, which only you can read.",
)
@click.option("--open", "opens", is_flag=True, help="Show the QR code in the picture viewer as well.")
@click.option("--show-seed", is_flag=True, help="Show the seed as text as well, to type it in.")
@output_option
@color_option
def replace(
    device: str | None,
    profile: str | None,
    user: str | None,
    enroll_here: bool,
    yes: bool,
    name: str | None,
    png: Path | None,
    opens: bool,
    show_seed: bool,
    output: str,
) -> None:
    """Put a new device in the place of DEVICE: a phone that is lost, or a new phone.

    DEVICE is its name or its serial number; without it, the only one, or the one you choose. The new device
    is enrolled beside the old one and checked before that is removed. You need a session that is still open,
    a code of another device of yours, or one of the old device.

    With nothing of that, an administrator helps: with `--user` your lost device is removed, and you enrol the
    new one with `watchword device enroll`.
    """
    way_in = entrance(None, profile)
    # Who wants data is asked nothing about the profile.
    set_mfa_serial = False if output == "json" else None
    wanted = Replacement(old=device, name=name, user_name=user, set_mfa_serial=set_mfa_serial)
    if user is not None and not enroll_here:
        own = is_own(way_in, user, talk=Talk(say=talk, announce=announce))
        if own is None:
            _refuse_what_is_for_here(name, png, shown=opens or show_seed)
            _make_room(way_in, wanted, profile=profile, yes=yes, output=output)
            return
    if yes:
        raise UsageError("`--yes` is for another user's device", hint="leave it out", see=_SEE)
    _replace_here(way_in, wanted, png=png, opens=opens, show_seed=show_seed, output=output)


def _replace_here(
    way_in: Entrance, wanted: Replacement, *, png: Path | None, opens: bool, show_seed: bool, output: str
) -> None:
    from watchword.device.at_screen import at_screen
    from watchword.report.device_change import replaced_as_text, replaced_value

    terminal = open_terminal(hint=_NEEDED)
    with at_screen(say=terminal.say, png=png, show_seed=show_seed, opens=opens) as person:
        replaced = replace_it(
            way_in,
            wanted,
            presenter=person,
            terminal=terminal,
            talk=Talk(say=terminal.say, announce=announce),
            environment=os.environ,
        )
    value = replaced_value(replaced, png=png)
    click.echo(json.dumps(value, indent=2) if output == "json" else replaced_as_text(value, now()))
    if replaced.enrolled.old_stays is not None:
        raise replaced.enrolled.old_stays


def _make_room(way_in: Entrance, wanted: Replacement, *, profile: str | None, yes: bool, output: str) -> None:
    from watchword.report.device_change import room_as_text, room_value

    words = [named(wanted.old)] if wanted.old else []
    words += [f"--user {named(str(wanted.user_name))}"]
    words += [f"--profile {named(profile)}"] if profile else []
    needed = f"`watchword device replace {' '.join(words)} --yes` asks nothing"
    terminal: Terminal | None = None if yes else open_terminal(hint=needed)
    removed = make_room(
        way_in,
        wanted,
        terminal=terminal,
        talk=Talk(say=terminal.say if terminal else talk, announce=announce),
        environment=os.environ,
    )
    value = room_value(removed)
    click.echo(json.dumps(value, indent=2) if output == "json" else room_as_text(value))
    if removed.removal.left is not None:
        raise removed.removal.left


def _refuse_what_is_for_here(name: str | None, png: Path | None, *, shown: bool) -> None:
    if name is not None or png is not None or shown:
        raise UsageError(
            "`--name`, `--png`, `--open` and `--show-seed` are for a device that is enrolled here",
            hint="`--enroll-here` enrols it at this terminal",
            see=_SEE,
        )
