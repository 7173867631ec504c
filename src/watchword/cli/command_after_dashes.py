"""Commands that run a program: what stands after `--`, and what is said when it cannot be run."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from watchword.cli.failure import show
from watchword.cli.options import refuse_code
from watchword.errors import UsageError, WatchwordError

_SEE = "docs/rooms/cli.md"
# What a shell answers. Source: POSIX.1-2024, Shell Command Language, 2.8.2 "Exit Status for Commands".
_NOT_EXECUTABLE = 126
_NOT_FOUND = 127


class CommandAfterDashes(click.Command):
    """A command whose own arguments end at the first `--`; the rest belongs to the program to run."""

    example = "work -- aws s3 ls"
    alone_without = ", and no terminal for a shell"

    def works_alone(self) -> bool:
        """Return whether it can do something without a program to run."""
        return sys.stdin.isatty() and sys.stdout.isatty()

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        before, found, after = args, False, list[str]()
        if "--" in args:
            position = args.index("--")
            before, found, after = args[:position], True, args[position + 1 :]
        ctx.obj = after
        try:
            rest = super().parse_args(ctx, list(before))
        except click.UsageError as error:
            for each in before:
                refuse_code(each)
            # An argument or an option too many: most likely the command's.
            if found or not (type(error) is click.UsageError or isinstance(error, click.NoSuchOption)):
                raise
            raise self._no_command("there are no dashes before the command", ctx) from error
        if not after and not ctx.resilient_parsing and (found or not self.works_alone()):
            no_shell = "" if found else self.alone_without
            raise self._no_command(f"there is no command to run{no_shell}", ctx)
        return rest

    def _no_command(self, what: str, ctx: click.Context) -> UsageError:
        hint = f"put `--` before the command: `{ctx.command_path} {self.example}`"
        return UsageError(what, hint=hint, see=_SEE)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND [ARGS]...]"]


def failed_to_run(context: click.Context, name: str, error: OSError) -> NoReturn:
    """Say why the program was found and could not be run, and end as a shell does."""
    show(WatchwordError(f"cannot run `{name}`: {(error.strerror or '').lower()}", see=_SEE))
    context.exit(_NOT_EXECUTABLE)


def cannot_run(context: click.Context, name: str) -> NoReturn:
    """Say so before a code is asked for nothing."""
    there = os.path.sep in name and os.path.exists(name)  # noqa: PTH110 the user's own spelling
    what = (
        "is not a program that can be run"
        if there
        else "is not on the PATH"
        if os.path.sep not in name
        else "does not exist"
    )
    show(WatchwordError(f"`{name}` {what}", hint="check how it is written", see=_SEE))
    context.exit(_NOT_EXECUTABLE if there else _NOT_FOUND)
