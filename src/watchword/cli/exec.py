"""`watchword exec`: run a command inside the session."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from watchword.aws import profile_of_the_key, profiles_named
from watchword.cli.failure import show
from watchword.cli.getting_in import entrance, getting_in_options, session_for_work, talk
from watchword.cli.options import color_option, profile_argument, refuse_code, stderr_style
from watchword.cli.subshell import become_subshell
from watchword.cli.which_profile import named_or_chosen
from watchword.errors import UsageError, WatchwordError
from watchword.fastpath.run import program_of, run
from watchword.session import Wish, session_variables

_SEE = "docs/rooms/cli.md"
# What a shell answers. Source: POSIX.1-2024, Shell Command Language, 2.8.2 "Exit Status for Commands".
_NOT_EXECUTABLE = 126
_NOT_FOUND = 127


def _no_command(what: str, ctx: click.Context) -> UsageError:
    hint = f"put `--` before the command: `{ctx.command_path} work -- aws s3 ls`"
    return UsageError(what, hint=hint, see=_SEE)


class CommandAfterDashes(click.Command):
    """A command whose own arguments end at the first `--`; the rest belongs to the program to run."""

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
            raise _no_command("there are no dashes before the command", ctx) from error
        if not after and not ctx.resilient_parsing and (found or not self.works_alone()):
            no_shell = "" if found else ", and no terminal for a shell"
            raise _no_command(f"there is no command to run{no_shell}", ctx)
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND [ARGS]...]"]


@click.command(
    name="exec",
    cls=CommandAfterDashes,
    epilog="Examples: `watchword exec -- aws s3 ls` · `watchword exec work --role Support`",
)
@profile_argument
@getting_in_options
@color_option
@click.pass_context
def exec_(context: click.Context, profile: str | None, profile_option: str | None, wish: Wish) -> None:
    """Run a command with the session in its environment, and end as it ends.

    Without a command, on a terminal, your shell is started; its prompt says which session it holds, and
    how long that lives.

    Asks for a code first when there is no good session. Without a session nothing is run: the key
    alone is never handed out. The command gets AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
    AWS_SESSION_TOKEN and AWS_CREDENTIAL_EXPIRATION, the profile's region and endpoints, and no AWS_PROFILE.

    When AWS refuses a session that should live, `watchword status --check` finds out, and
    `watchword login --force` opens a new one.
    """
    command: list[str] = context.obj
    inherited = dict(os.environ)
    program = program_of(command[0], inherited) if command else None
    if command and program is None:
        cannot_run(context, command[0])
    session, opened = session_for_work(entrance(named_or_chosen(profile, profile_option, wish), None, wish))
    if program is None:
        become_subshell(session, opened, inherited)
    environment = session_variables(session, opened, inherited).applied_to(inherited)
    warn_of_a_key(opened.name, command)
    try:
        run(program, command, environment)
    except OSError as error:
        failed_to_run(context, command[0], error)


def warn_of_a_key(signed_in: str, command: list[str]) -> None:
    """Say so when the command is told a profile, for it signs with that profile's key then."""
    if os.path.basename(command[0]) == "watchword":  # noqa: PTH119 the user's own spelling
        return
    for name in profiles_named(command):
        holder = profile_of_the_key(name)
        if holder is not None:
            whose = "that profile's key" if holder == name else f"the key of profile `{holder}`"
            instead = "leave it out" if holder == signed_in == name else "see docs/rooms/session.md"
            talk(
                f"{stderr_style().warning('warning')}: `--profile {name}` makes the command use {whose},"
                f" outside this session and without its MFA; {instead}"
            )


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
