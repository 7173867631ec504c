"""`watchword sandbox clock`: show and move the sandbox's time."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from watchword.cli.options import output_option
from watchword.cli.sandbox_options import InOrder, dir_option
from watchword.errors import UsageError
from watchword.report import sandbox as report

if TYPE_CHECKING:
    from watchword.sandbox.folder import Folder

_SEE = "docs/rooms/sandbox.md"
_DURATION = re.compile(r"([+-]?)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


class _Signed(click.Command):
    """A command of which `-30m` and `-5h` are durations, not options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put behind `--` what begins as a duration does: click reads the `-h` of `-5h` as the help."""
        durations = [argument for argument in args if argument[:1] == "-" and argument[1:2].isdigit()]
        rest = [argument for argument in args if argument not in durations]
        return super().parse_args(ctx, [*rest, "--", *durations] if durations else rest)


@click.group(
    cls=InOrder,
    invoke_without_command=True,
    short_help="Show or move the sandbox's time.",
    epilog="Examples: `watchword sandbox clock` · `watchword sandbox clock move +4h30m`",
)
@dir_option
@click.pass_context
def clock(context: click.Context) -> None:
    """Show or move the sandbox's time: it governs codes, expiry and aws:CurrentTime."""
    if context.invoked_subcommand is None:
        context.invoke(show)


@clock.command(epilog="Example: `watchword sandbox clock show --output json`")
@output_option
@click.pass_obj
def show(folder: Folder, output: str) -> None:
    """Show the time."""
    from watchword.sandbox.door import Client

    _print_clock(Client(folder).clock(), output)


@clock.command(
    cls=_Signed,
    short_help="Move the time.",
    epilog="Example: `watchword sandbox clock move +4h30m`",
)
@click.argument("duration")
@output_option
@click.pass_obj
def move(folder: Folder, duration: str, output: str) -> None:
    """Move the time by a DURATION such as +4h30m or -90s."""
    _change_clock(folder, {"move_seconds": seconds_of(duration)}, output)


@clock.command(
    "set", short_help="Set the time.", epilog="Example: `watchword sandbox clock set 2030-01-31T12:00:00Z`"
)
@click.argument("time")
@output_option
@click.pass_obj
def set_(folder: Folder, time: str, output: str) -> None:
    """Set the time to TIME, such as 2030-01-31T12:00:00Z (UTC when it names no zone)."""
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        raise UsageError(f"`{time}` is not a time", hint="write 2030-01-31T12:00:00Z", see=_SEE) from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    _change_clock(folder, {"set": aware.isoformat()}, output)


@clock.command(
    cls=_Signed,
    short_help="Put the time of signatures apart.",
    epilog="Example: `watchword sandbox clock skew +5m`",
)
@click.argument("duration")
@output_option
@click.pass_obj
def skew(folder: Folder, duration: str, output: str) -> None:
    """Put the time of signatures, and the Date header, DURATION away from this machine's (0 to end it)."""
    _change_clock(folder, {"skew_seconds": 0 if duration == "0" else seconds_of(duration)}, output)


@clock.command(epilog="Example: `watchword sandbox clock reset`")
@output_option
@click.pass_obj
def reset(folder: Folder, output: str) -> None:
    """Go back to this machine's time."""
    _change_clock(folder, {"reset": True}, output)


def seconds_of(duration: str) -> int:
    """Return the seconds of `+4h30m`. Raises UsageError when it is not a duration."""
    match = _DURATION.fullmatch(duration)
    numbers = match.groups()[1:] if match else ()
    if match is None or not any(numbers):
        raise UsageError(
            f"`{duration}` is not a duration", hint="write +4h30m, -90s or 2d, for example", see=_SEE
        )
    seconds = sum(
        int(number or 0) * size for number, size in zip(numbers, (86_400, 3600, 60, 1), strict=True)
    )
    return -seconds if match[1] == "-" else seconds


def _change_clock(folder: Folder, change: dict[str, object], output: str) -> None:
    from watchword.sandbox.door import Client

    _print_clock(Client(folder).change_clock(change), output)


def _print_clock(clock_now: dict[str, object], output: str) -> None:
    value = report.clock(clock_now)
    click.echo(json.dumps(value, indent=2) if output == "json" else report.clock_as_text(value))
