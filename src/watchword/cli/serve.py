"""`watchword serve`: credentials that renew themselves, for long jobs."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import NoReturn

import click

from watchword.cli.bell import Bell
from watchword.cli.command_after_dashes import CommandAfterDashes, cannot_run, failed_to_run
from watchword.cli.env import shell_option
from watchword.cli.exec import warn_of_a_key
from watchword.cli.getting_in import entrance, getting_in_options, now, session_for_work, talk
from watchword.cli.options import color_option, profile_argument, stderr_style
from watchword.cli.serve_watch import ended_by_signals, watch
from watchword.errors import UsageError
from watchword.fastpath.run import program_of
from watchword.local.job import Job, end_as, pass_signals_on
from watchword.local.token_file import token_file
from watchword.report.shell import Shell, guess_shell, shell_lines
from watchword.report.span import ending
from watchword.session import Entrance, Wish
from watchword.session.serve import CredentialEndpoint
from watchword.session.serve_environment import default_profile_goes_first, endpoint_variables
from watchword.session.serve_supply import Supply


class _ServeCommand(CommandAfterDashes):
    def works_alone(self) -> bool:
        return True


@click.command(
    cls=_ServeCommand,
    params=[
        shell_option(
            "Without a command: whose language to print; guessed from SHELL.",
            but=[Shell.DOTENV, Shell.JSON],
        )
    ],
    epilog="Examples: `watchword serve work -- terraform apply` · `watchword serve work --port 9911`",
)
@profile_argument
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="The port of 127.0.0.1; a free one by default.",
)
@getting_in_options
@color_option
@click.pass_context
def serve(
    context: click.Context,
    profile: str | None,
    profile_option: str | None,
    wish: Wish,
    port: int,
    shell: str | None,
) -> None:
    """Give a long job credentials that renew themselves.

    The job gets an address on this machine and a token for it, and no key. Its SDK asks there whenever its
    credentials end. Sessions of roles are renewed without a code as long as your own session lives; when a
    code is needed, it is asked for on this terminal, five minutes ahead, while the job runs on.

    Ends as the command ends. Without a command it stays until Ctrl-C, and prints the lines that lead
    another shell to it.
    """
    command: list[str] = context.obj
    if command and shell is not None:
        raise UsageError("`--shell` is for another shell, and there is a command", hint="leave it out")
    program = program_of(command[0], os.environ) if command else None
    if command and program is None:
        cannot_run(context, command[0])
    language = None if command else guess_shell(os.environ) if shell is None else Shell(shell)
    inherited = dict(os.environ)
    way_in = entrance(profile, profile_option, wish)
    session, _settings = session_for_work(way_in)
    bell = Bell()
    supply = Supply(way_in, session, call=bell.ring)
    endpoint = CredentialEndpoint(supply.current, port=port)
    with contextlib.closing(endpoint):
        if program is not None:
            _run_job(context, program, command, way_in, supply, endpoint, bell, inherited)
        else:
            assert language is not None  # noqa: S101 decided above
            _stay(language, way_in, supply, endpoint, bell, inherited)


def _run_job(
    context: click.Context,
    program: str,
    command: list[str],
    way_in: Entrance,
    supply: Supply,
    endpoint: CredentialEndpoint,
    bell: Bell,
    inherited: dict[str, str],
) -> NoReturn:
    variables = endpoint_variables(
        url=endpoint.url,
        token=endpoint.token,
        settings=way_in.settings,
        environment=inherited,
        hide_aws_files=_must_hide(inherited),
    )
    warn_of_a_key(way_in.settings.name, command)
    try:
        job = Job(program, command, variables.applied_to(inherited))
    except OSError as error:
        failed_to_run(context, command[0], error)
    pass_signals_on(job, wake=bell.ring)
    bell.ring()  # it may have ended already
    endpoint.start()
    watch(supply, bell, job)
    assert job.exit_status is not None  # noqa: S101 the watch lasts until then
    end_as(job.exit_status)


def _stay(
    language: Shell,
    way_in: Entrance,
    supply: Supply,
    endpoint: CredentialEndpoint,
    bell: Bell,
    inherited: dict[str, str],
) -> NoReturn:
    # A handler that raises: what is in `with` is cleared away.
    with ended_by_signals() as ended, token_file(endpoint.token) as path:
        lines = _lines(language, way_in, endpoint, path, inherited)
        endpoint.start()
        click.echo(lines, nl=False)
        until = ending(supply.current().expires_at, now())
        talk(f"serving the session of `{way_in.settings.name}`, which lives until {until}, until Ctrl-C")
        talk("the lines are for another shell")
        watch(supply, bell, None)
    end_as(-ended.signal)


def _lines(
    language: Shell, way_in: Entrance, endpoint: CredentialEndpoint, path: Path, inherited: dict[str, str]
) -> str:
    variables = endpoint_variables(
        url=endpoint.url,
        token=path,
        settings=way_in.settings,
        environment=inherited,
        hide_aws_files=_must_hide(inherited),
    )
    return shell_lines(language, unset=variables.unset, values=variables.set)


def _must_hide(inherited: dict[str, str]) -> bool:
    hide = default_profile_goes_first(inherited)
    if hide:
        style = stderr_style()
        talk(
            f"{style.quiet('note')}: programs would take the profile `default` instead of what is served, so"
            " the AWS files are hidden from them"
        )
    return hide
