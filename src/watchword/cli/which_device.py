"""What the commands that change a device take: which one, whose, and who does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from watchword.cli.known_names import profile_names
from watchword.cli.options import not_a_code

Command = TypeVar("Command", bound=Callable[..., Any])


def device_argument(command: Command) -> Command:
    """Add `DEVICE`, a name or a serial number, as the parameter `device`."""
    return click.argument("device", required=False, callback=not_a_code)(command)


def user_option(command: Command) -> Command:
    """Add `--user NAME`, the user whose device it is; None for one's own."""
    return click.option(
        "--user", metavar="NAME", callback=not_a_code, help="The user whose device it is; you, without it."
    )(command)


def profile_option(command: Command) -> Command:
    """Add `--profile NAME`, the profile that does it."""
    return click.option(
        "--profile",
        metavar="NAME",
        callback=not_a_code,
        shell_complete=profile_names,
        help="The profile that does it; without it, the one in use.",
    )(command)
