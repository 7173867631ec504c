"""`watchword sandbox run`: a sandbox for one command."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchword.cli import sandbox_scenario
from watchword.cli.bell import Bell
from watchword.cli.command_after_dashes import CommandAfterDashes, cannot_run, failed_to_run
from watchword.cli.options import color_option
from watchword.cli.sandbox_aws_command import warn_of_the_aws_command
from watchword.cli.sandbox_options import check_account, how_it_runs
from watchword.errors import UsageError
from watchword.fastpath.run import program_of
from watchword.local.job import Job, end_as, pass_signals_on

if TYPE_CHECKING:
    from watchword.sandbox.folder import Door, Folder
    from watchword.sandbox.process import Options
    from watchword.sandbox.scenario.model import Scenario

_SEE = "docs/sandbox/tests.md"
# A signal that was missed is noticed after this long.
_LONGEST_SLEEP_SECONDS = 30.0


class _RunCommand(CommandAfterDashes):
    example = "-- aws s3 ls"
    alone_without = ""

    def works_alone(self) -> bool:
        return False


@click.command(
    cls=_RunCommand,
    short_help="Run one command in a sandbox of its own.",
    epilog="Examples: `watchword sandbox run -- pytest` · "
    "`watchword sandbox run --scenario team.yaml --profile alice -- aws s3 ls`",
)
@sandbox_scenario.scenario_option
@click.option("--profile", metavar="NAME", help="AWS_PROFILE of the command: `root`, or one of the scenario.")
@click.option(
    "--account", metavar="NUMBER", default="123456789012", show_default=True, help="The account's number."
)
@how_it_runs
@color_option
@click.pass_context
def run(
    context: click.Context,
    scenario: Path | None,
    profile: str | None,
    account: str,
    propagation_delay: float,
    unlisted: str,
    cloudtrail: Path | None,
) -> None:
    """Run a command with a sandbox that is there for it alone, and end as it ends.

    The command has the environment of `watchword sandbox env`; with --profile, AWS_PROFILE too. The sandbox
    and its folder are gone afterwards, also when the command is killed or this one is.
    """
    from watchword.sandbox.process import Options
    from watchword.sandbox.tied import tied_sandbox

    command: list[str] = context.obj
    check_account(account)
    program = program_of(command[0], os.environ)
    if program is None:
        cannot_run(context, command[0])
    if Path(command[0]).name == "aws":
        warn_of_the_aws_command(command[1:])
    planned = sandbox_scenario.read(scenario)
    _refuse_unknown(profile, planned)

    def options(folder: Folder) -> Options:
        return Options(
            folder=folder,
            account=account,
            propagation_delay_seconds=propagation_delay,
            unlisted_allowed=unlisted == "allow",
            cloudtrail=None if cloudtrail is None else cloudtrail.absolute(),
        )

    with tied_sandbox(options) as (folder, door):
        if planned is not None:
            sandbox_scenario.fill(planned, folder, door)
        exit_status = _run(context, program, command, _environment(folder, door, profile))
    end_as(exit_status)


def _refuse_unknown(profile: str | None, scenario: Scenario | None) -> None:
    from watchword.sandbox.scenario.profiles import profiles_of

    known = ("root",) if scenario is None else profiles_of(scenario)
    if profile is not None and profile not in known:
        raise UsageError(
            f"there will be no profile `{profile}`",
            hint=f"there will be {', '.join(f'`{name}`' for name in known)}",
            see=_SEE,
        )


def _environment(folder: Folder, door: Door, profile: str | None) -> dict[str, str]:
    from watchword.sandbox.environment import shell_environment

    wanted = shell_environment(folder, door, os.environ)
    kept = {name: value for name, value in os.environ.items() if name not in wanted.unset}
    return {**kept, **wanted.set_variables, **({} if profile is None else {"AWS_PROFILE": profile})}


def _run(context: click.Context, program: str, command: list[str], environment: dict[str, str]) -> int:
    bell = Bell()
    try:
        job = Job(program, command, environment)
    except OSError as error:
        failed_to_run(context, command[0], error)
    pass_signals_on(job, wake=bell.ring)
    bell.ring()  # it may have ended already
    while job.exit_status is None:
        bell.wait(_LONGEST_SLEEP_SECONDS)
        job.look()
    return job.exit_status
