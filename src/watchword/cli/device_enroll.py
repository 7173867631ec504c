"""`watchword device enroll`: a device for a user, from nothing to a session."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from watchword.cli.getting_in import announce, entrance, now
from watchword.cli.options import color_option, output_option, profile_argument
from watchword.errors import UsageError
from watchword.local.terminal import Terminal, open_terminal
from watchword.session import Entrance

if TYPE_CHECKING:
    from watchword.device.ceremony import Presenter
    from watchword.device.enrol import Enrolled

_NEEDED = "run it in a terminal window: a QR code must be seen and two codes be typed"


@click.command(epilog="Examples: `watchword device enroll` · `watchword device enroll work --name phone`")
@profile_argument
@click.option(
    "--name", metavar="NAME", help="What to call the device; without it, it is called like its user."
)
@click.option("--user", metavar="USER", help="Enrol it for this user of the account, as an administrator.")
@click.option("--replace", is_flag=True, help="Put it in the place of a device, which is removed at the end.")
@click.option(
    "--device", metavar="DEVICE", help="With --replace: which one, if there are several; by name or serial."
)
@click.option(
    "--png",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the QR code to a new file as well, which only you can read.",
)
@click.option("--open", "opens", is_flag=True, help="Show the QR code in the picture viewer as well.")
@click.option("--show-seed", is_flag=True, help="Show the seed as text as well, to type it in.")
@click.option(
    "--set-mfa-serial/--no-set-mfa-serial",
    default=None,
    help="Whether to name the device in your profile (mfa_serial); without either, it is asked.",
)
@output_option
@color_option
def enroll(
    profile: str | None,
    profile_option: str | None,
    name: str | None,
    user: str | None,
    replace: bool,
    device: str | None,
    png: Path | None,
    opens: bool,
    show_seed: bool,
    set_mfa_serial: bool | None,
    output: str,
) -> None:
    """Enrol an authenticator app: scan a QR code, type two codes.

    The QR code is shown on the terminal and wiped off afterwards. A code of the new device is tried at once,
    so you are signed in at the end. However it ends, no half-made device is left in the account.
    """
    from watchword.device.at_screen import at_screen
    from watchword.report.device_enroll import device_as_text, device_value

    if device is not None and not replace:
        raise UsageError(
            "`--device` says which device `--replace` puts away", hint="add `--replace`", see="docs/enrol.md"
        )
    if user is not None and set_mfa_serial:
        raise UsageError(
            "`--set-mfa-serial` is for your own device, not for another user's",
            hint="leave it out",
            see="docs/enrol.md",
        )
    if set_mfa_serial is None and output == "json":
        set_mfa_serial = False  # who wants data says beforehand what shall be written
    way_in = entrance(profile, profile_option)
    terminal = open_terminal(hint=_NEEDED)
    with at_screen(say=terminal.say, png=png, show_seed=show_seed, opens=opens) as person:
        made = _replaced if replace else _added
        enrolled = made(way_in, person, terminal, _Asked(name, user, device, set_mfa_serial))
    value = device_value(enrolled, png=png)
    click.echo(json.dumps(value, indent=2) if output == "json" else device_as_text(value, now()))
    if enrolled.old_stays is not None:
        raise enrolled.old_stays


class _Asked(NamedTuple):
    name: str | None
    user: str | None
    device: str | None
    set_mfa_serial: bool | None


def _added(way_in: Entrance, person: Presenter, terminal: Terminal, asked: _Asked) -> Enrolled:
    from watchword.device.enrol import Wish, enrol

    wish = Wish(name=asked.name, user_name=asked.user, set_mfa_serial=asked.set_mfa_serial)
    return enrol(way_in, wish, presenter=person, terminal=terminal, announce=announce)


def _replaced(way_in: Entrance, person: Presenter, terminal: Terminal, asked: _Asked) -> Enrolled:
    from watchword.device.permitted import Talk
    from watchword.device.replace import Replacement, replace

    wanted = Replacement(
        old=asked.device, name=asked.name, user_name=asked.user, set_mfa_serial=asked.set_mfa_serial
    )
    talk = Talk(say=terminal.say, announce=announce)
    return replace(
        way_in, wanted, presenter=person, terminal=terminal, talk=talk, environment=os.environ
    ).enrolled
