"""What the commands of `watchword sandbox` share: their order in the help, and options."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

from watchword.cli.options import Command, color_option
from watchword.errors import UsageError


class InOrder(click.Group):
    """Commands in the order in which they are written here: that of their use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        """Return the names."""
        return list(self.commands)


def _directory_option(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    from watchword.sandbox.folder import sandbox_folder

    if value is not None:
        context.obj = sandbox_folder(value, os.environ)


def dir_option(command: Command) -> Command:
    """Add what every command of the sandbox takes: `--dir DIR`, and `--color`."""
    directory = click.option(
        "--dir",
        metavar="DIR",
        expose_value=False,
        is_eager=True,
        callback=_directory_option,
        help="The sandbox's folder (or WATCHWORD_SANDBOX).",
    )
    return directory(color_option(command))


_HOW_IT_RUNS = (
    click.option(
        "--propagation-delay",
        type=click.FloatRange(0, 3600),
        default=0,
        metavar="SECONDS",
        help="How long STS does not see a new MFA device yet (at AWS some 8 to 14).",
    ),
    click.option(
        "--unlisted",
        type=click.Choice(["refuse", "allow"]),
        default="refuse",
        show_default=True,
        help="What becomes of operations of which nothing says what they need; allowed ones are not decided.",
    ),
    click.option(
        "--cloudtrail",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Write what is called into this folder, as CloudTrail writes it into a bucket.",
    ),
)


def how_it_runs(command: Command) -> Command:
    """Add what is said when a sandbox is started: `--propagation-delay`, `--unlisted`, `--cloudtrail`."""
    for option in reversed(_HOW_IT_RUNS):
        command = option(command)
    return command


def check_account(number: str | None) -> None:
    """Raise UsageError unless this is the number of an account, or None."""
    if number is not None and not re.fullmatch(r"[0-9]{12}", number):
        raise UsageError(
            f"`{number}` is not an account number: twelve digits are expected",
            hint="write --account 999999999999, for example; without it, it is 123456789012",
            see="docs/rooms/sandbox.md",
        )
