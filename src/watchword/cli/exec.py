"""`watchword exec`: run a command inside the session."""

from __future__ import annotations

import os

import click

from watchword.aws import profile_of_the_key, profiles_named
from watchword.cli.command_after_dashes import CommandAfterDashes, cannot_run, failed_to_run
from watchword.cli.getting_in import entrance, getting_in_options, session_for_work, talk
from watchword.cli.options import color_option, profile_argument, stderr_style
from watchword.cli.subshell import become_subshell
from watchword.cli.which_profile import named_or_chosen
from watchword.fastpath.run import program_of, run
from watchword.session import Wish, session_variables

_SEE = "docs/rooms/cli.md"


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
