"""A word about the `aws` on the PATH, where it would leave the sandbox and call the real AWS."""

from __future__ import annotations

from collections.abc import Sequence

import click

from watchword.cli.options import stderr_style


def warn_of_the_aws_command(arguments: Sequence[str] | None = None) -> None:
    """Warn if the `aws` on the PATH ignores AWS_ENDPOINT_URL, or if a call with `arguments` does."""
    from watchword.sandbox.environment import (
        aws_version_line,
        commands_that_leave,
        version_that_ignores_endpoint,
    )

    line = aws_version_line()
    too_old, leaving = version_that_ignores_endpoint(line), commands_that_leave(line)
    if too_old:
        _warn(
            f"the `aws` on your PATH is {too_old}, which ignores "
            "AWS_ENDPOINT_URL and would call the real AWS; use 2.13 or 1.29 or later"
        )
    elif leaving and (arguments is None or _leaves(arguments, leaving)):
        _warn(
            f"the `aws` on your PATH is version 1: its commands {', '.join(leaving)} ignore AWS_ENDPOINT_URL "
            'and would call the real AWS; give them --endpoint-url "$AWS_ENDPOINT_URL", or use version 2'
        )


def _leaves(arguments: Sequence[str], leaving: Sequence[str]) -> bool:
    told = any(argument.startswith("--endpoint-url") for argument in arguments)
    return not told and any(argument in leaving for argument in arguments)


def _warn(text: str) -> None:
    style = stderr_style()
    click.echo(f"{style.warning('warning')}: {text}", err=True, color=style.color)
