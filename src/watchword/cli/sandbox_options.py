"""What the commands of `watchword sandbox` share: their order in the help, and the folder that is meant."""

from __future__ import annotations

import os

import click

from watchword.cli.options import Command, color_option


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
