"""What several commands take: the profile, the form of the output, colour."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from watchword.cli.known_names import profile_names
from watchword.errors import UsageError

if TYPE_CHECKING:
    from watchword.report.style import Style

Command = TypeVar("Command", bound=Callable[..., Any])

_COLOR = "watchword.color"
_CODE = re.compile(r"[0-9]{6}")


def color_option(command: Command) -> Command:
    """Add `--color auto|always|never`; `stdout_style` and `stderr_style` follow it."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        expose_value=False,
        callback=_remember_color,
        help="Colour: when it is a terminal (auto, the default), always or never. NO_COLOR is respected.",
    )(command)


def output_option(command: Command) -> Command:
    """Add `--output text|json` as the parameter `output`."""
    return click.option(
        "--output",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="Text to read, or data.",
    )(command)


def profile_argument(command: Command) -> Command:
    """Add `PROFILE` and its other spelling `--profile NAME`; `one_profile` joins the two parameters."""
    named = click.option(
        "--profile",
        "profile_option",
        metavar="NAME",
        help="The same as PROFILE.",
        callback=not_a_code,
        shell_complete=profile_names,
    )
    argument = click.argument("profile", required=False, callback=not_a_code, shell_complete=profile_names)
    return named(argument(command))


def one_profile(argument: str | None, option: str | None) -> str | None:
    """Return the profile that was named in one of the two ways; raise `UsageError` when they differ."""
    if argument and option and argument != option:
        raise UsageError(
            f"two profiles are named, `{argument}` and `{option}`", hint="name one", see="docs/rooms/cli.md"
        )
    return argument or option


def stdout_style() -> Style:
    """Return how text on stdout may look."""
    return _style(is_terminal=sys.stdout.isatty())


def stderr_style() -> Style:
    """Return how talk on stderr may look."""
    return _style(is_terminal=sys.stderr.isatty())


def _style(*, is_terminal: bool) -> Style:
    from watchword.report.style import ColorChoice, Style, wants_color

    context = click.get_current_context(silent=True)
    choice = ColorChoice(context.find_root().meta.get(_COLOR, "auto") if context else _last_choice)
    return Style(color=wants_color(choice, os.environ, is_terminal=is_terminal))


_last_choice = "auto"


def _remember_color(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    # Errors are shown after click's context has gone, so the choice outlives it.
    global _last_choice  # noqa: PLW0603
    if value is not None:
        context.find_root().meta[_COLOR] = value
        _last_choice = value


def not_a_code(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Return what was given, for click; raise `UsageError` when it is a code."""
    refuse_code(value)
    return value


def refuse_code(value: str | None) -> None:
    """Raise `UsageError` when what was given is a code, without repeating it."""
    if value is not None and _CODE.fullmatch(value):
        raise UsageError(
            "a code is never taken as an argument, where every program on this machine can read it",
            hint="it counts as seen: wait for the next code and type that one when it is asked for,"
            " or hand it over on stdin with `--mfa-code -`",
            see="docs/getting-in/codes.md",
        )
