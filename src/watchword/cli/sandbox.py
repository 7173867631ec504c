"""`watchword sandbox`: start, use and stop a local AWS."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchword.cli import sandbox_scenario
from watchword.cli.options import output_option, stdout_style
from watchword.cli.sandbox_account import account
from watchword.cli.sandbox_aws_command import warn_of_the_aws_command
from watchword.cli.sandbox_clock import clock
from watchword.cli.sandbox_device import device
from watchword.cli.sandbox_options import InOrder, check_account, dir_option, how_it_runs
from watchword.cli.sandbox_run import run
from watchword.cli.sandbox_scenario import check_scenario, scenario_option
from watchword.errors import UsageError, WatchwordError
from watchword.report import sandbox as report

if TYPE_CHECKING:
    from watchword.sandbox.folder import Door, Folder

_SEE = "docs/rooms/sandbox.md"


@click.group(
    cls=InOrder,
    epilog='Example: `watchword sandbox up`, then `eval "$(watchword sandbox env)"`: every AWS tool in this '
    "shell uses the sandbox.",
)
@click.option("--dir", "directory", metavar="DIR", help="The sandbox's folder (or WATCHWORD_SANDBOX).")
@click.pass_context
def sandbox(context: click.Context, directory: str | None) -> None:
    """A local AWS that really checks signatures, codes, sessions and policies.

    It listens on 127.0.0.1 only and keeps its own config and credentials files.
    """
    from watchword.sandbox.folder import sandbox_folder

    context.obj = sandbox_folder(directory, os.environ)


@sandbox.command(short_help="Start a sandbox.", epilog="Example: `watchword sandbox up --port 4566`")
@dir_option
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="The port; a free one by default.")
@click.option(
    "--account", metavar="NUMBER", help="The account's number; 123456789012 by default, or that of the state."
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Keep everything in this folder, and go on with what is in it.",
)
@click.option("--foreground", is_flag=True, help="Stay in this terminal until Ctrl-C.")
@how_it_runs
@scenario_option
@output_option
@click.pass_obj
def up(
    folder: Folder,
    port: int,
    account: str | None,
    state: Path | None,
    foreground: bool,
    propagation_delay: float,
    cloudtrail: Path | None,
    scenario: Path | None,
    unlisted: str,
    output: str,
) -> int | None:
    """Start a sandbox, with a new root key and nothing else in it; with --state, as it was left."""
    from watchword.sandbox import process
    from watchword.sandbox.folder import sandbox_folder

    check_account(account)
    planned = sandbox_scenario.read(scenario)
    sandbox_scenario.refuse_kept_state(planned, state)
    options = process.Options(
        folder=folder,
        port=port,
        account=account,
        state=None if state is None else state.absolute(),
        propagation_delay_seconds=propagation_delay,
        cloudtrail=None if cloudtrail is None else cloudtrail.absolute(),
        unlisted_allowed=unlisted == "allow",
    )
    begin = time.monotonic()

    def say(door: Door) -> None:
        value = report.up(
            endpoint_url=door.endpoint_url,
            account=door.account,
            folder=str(folder.path),
            seconds=time.monotonic() - begin,
            named=folder != sandbox_folder(None, os.environ),
        )
        click.echo(json.dumps(value, indent=2) if output == "json" else report.up_as_text(value))
        if door.note:
            click.echo(f"note: {door.note}", err=True)
        if foreground:
            click.echo("It runs here until Ctrl-C.", err=True)

    failures: list[WatchwordError] = []

    def listening(door: Door) -> None:
        if planned is None:
            say(door)
        else:
            sandbox_scenario.fill_behind(planned, folder, door, say, failures)

    if foreground:
        code = process.run_in_foreground(options, listening)
        if failures:
            raise failures[0]
        return code
    door = process.start(options)
    if planned is not None:
        sandbox_scenario.fill_or_stop(planned, folder, door)
    say(door)
    return None


@sandbox.command(
    short_help="Print what takes a shell in, or out again.",
    epilog='Example: `eval "$(watchword sandbox env)"`; with `--unset` it leaves again',
)
@dir_option
@click.option("--shell", type=click.Choice(["bash", "zsh", "fish"]), help="By default the one in SHELL.")
@click.option("--unset", is_flag=True, help="Print what takes the shell out of the sandbox again.")
@click.pass_obj
def env(folder: Folder, shell: str | None, unset: bool) -> None:
    """Print what a shell evaluates to use the sandbox, or with --unset, to leave it."""
    from watchword.sandbox.environment import shell_environment

    language = shell or ("fish" if os.environ.get("SHELL", "").endswith("fish") else "bash")
    if unset:
        _leave(language)
        return
    wanted = shell_environment(folder, folder.open_door(), os.environ)
    click.echo(report.environment_as_shell(wanted.set_variables, wanted.unset, shell=language))
    warn_of_the_aws_command()


def _leave(shell: str) -> None:
    from watchword.sandbox.environment import way_back

    way = way_back(os.environ)
    if way is None:
        click.echo("This shell does not use a sandbox: there is nothing to unset.", err=True)
        return
    click.echo(report.environment_as_shell(way.set_variables, way.unset, shell=shell))
    if way.lost:
        click.echo(f"Not put back, for secrets are not kept: {', '.join(way.lost)}", err=True)


@sandbox.command(
    short_help="Look at the codes of anybody's device.",
    epilog="Examples: `watchword sandbox phone --user testuser` · "
    "`watchword sandbox phone --user testuser --code --next`",
)
@dir_option
@click.option("--user", metavar="NAME", help="The user whose devices are meant; `root` for root's.")
@click.option("--serial", metavar="SERIAL", help="The serial number of one device.")
@click.option("--account", metavar="ACCOUNT", help="The account of the user, if it is not the first one.")
@click.option("--code", "code_only", is_flag=True, help="Only the code, for a script.")
@click.option("--next", "next_one", is_flag=True, help="With --code: the code that comes next.")
@output_option
@click.pass_obj
def phone(
    folder: Folder,
    user: str | None,
    serial: str | None,
    account: str | None,
    code_only: bool,
    next_one: bool,
    output: str,
) -> None:
    """Look at the authenticator app that has scanned every QR code of the sandbox."""
    from watchword.sandbox.door import Client

    wanted = serial or user
    if wanted is None or (serial and user):
        raise UsageError(
            "either --user or --serial is needed",
            hint="write `watchword sandbox phone --user NAME`; `root` is root",
            see=_SEE,
        )
    if next_one and not code_only:
        raise UsageError("--next goes with --code", hint="without --code both codes are shown", see=_SEE)
    value = report.phone(Client(folder).phone(wanted, account=account))
    if code_only:
        click.echo(value["devices"][0]["next_code" if next_one else "code"])
    elif output == "json":
        click.echo(json.dumps(value, indent=2))
    else:
        style = stdout_style()
        click.echo(report.phone_as_text(value, style), color=style.color)


sandbox.add_command(run)
sandbox.add_command(check_scenario)
sandbox.add_command(account)
sandbox.add_command(device)
sandbox.add_command(clock)


@sandbox.command(
    short_help="Show each decision, and why.",
    epilog="Examples: `watchword sandbox log --last 3` · `watchword sandbox log --follow --output json`",
)
@dir_option
@click.option("--follow", "-f", is_flag=True, help="Go on until Ctrl-C.")
@click.option("--last", type=click.IntRange(0), metavar="N", help="Only the last N decisions.")
@output_option
@click.pass_obj
def log(folder: Folder, follow: bool, last: int | None, output: str) -> None:
    """Show what was decided: about whom, with which MFA state, and because of which statement.

    Where nothing allowed a call, the statements that would have are named, and the conditions they failed on.
    """
    from watchword.sandbox.door import Client

    client = Client(folder)
    style = stdout_style()
    for record in client.follow_log(last=last) if follow else client.log(last=last):
        text = json.dumps(record) if output == "json" else report.decision_as_text(record, style)
        click.echo(text, color=style.color)


@sandbox.command(short_help="Stop it.", epilog="Example: `watchword sandbox down`")
@dir_option
@click.pass_obj
def down(folder: Folder) -> None:
    """Stop the sandbox. Without --state all that was in it is gone, but for the log of its decisions."""
    from watchword.sandbox.door import Client
    from watchword.sandbox.environment import points_at

    still_used = points_at(folder.open_door().endpoint_url, os.environ)
    Client(folder).stop()
    click.echo("The sandbox is down.", err=True)
    if still_used:
        click.echo(f"This shell still points at it. To leave: {report.LEAVE}", err=True)
