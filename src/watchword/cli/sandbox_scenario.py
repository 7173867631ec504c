"""`watchword sandbox check-scenario`, and the option `--scenario` of other commands."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchword.cli.options import Command, color_option
from watchword.errors import UsageError, WatchwordError

if TYPE_CHECKING:
    from watchword.sandbox.folder import Door, Folder
    from watchword.sandbox.scenario.model import Scenario

_SEE = "docs/sandbox/scenario.md"


def scenario_option(command: Command) -> Command:
    """Add `--scenario FILE`."""
    option = click.option(
        "--scenario",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Begin with the accounts, users, devices and policies in this file.",
    )
    return option(command)


def read(file: Path | None) -> Scenario | None:
    """Return the scenario of the option, if it was given. Raises ScenarioInvalid."""
    if file is None:
        return None
    from watchword.sandbox.scenario import read_scenario

    return read_scenario(file)


def fill(scenario: Scenario, folder: Folder, door: Door) -> None:
    """Make everything in a sandbox that was just started, and write its profiles. Raises ScenarioRefused."""
    from watchword.sandbox.scenario.apply import apply_scenario
    from watchword.sandbox.scenario.profiles import root_key_of, write_made

    write_made(apply_scenario(scenario, door, root_key_of(folder)), folder, door)


def fill_or_stop(scenario: Scenario, folder: Folder, door: Door) -> None:
    """Make everything in a sandbox that was just started, or stop it. Raises ScenarioRefused."""
    from watchword.sandbox.door import Client, ask

    try:
        fill(scenario, folder, door)
    except BaseException:
        ask(door, "POST", "reset")  # what it keeps, if it keeps anything, must not be half of a scenario
        Client(folder).stop()
        raise


def fill_behind(
    scenario: Scenario,
    folder: Folder,
    door: Door,
    then: Callable[[Door], None],
    failures: list[WatchwordError],
) -> None:
    """Fill the sandbox that this very process is about to be, and call `then`.

    When that cannot be, the sandbox is stopped, and why is added to `failures`.
    """

    def work() -> None:
        from watchword.sandbox.door import ask

        try:
            fill(scenario, folder, door)
        except WatchwordError as error:
            failures.append(error)
            ask(door, "POST", "reset")
            ask(door, "POST", "down")
        else:
            then(door)

    threading.Thread(target=work, daemon=True).start()


def refuse_kept_state(scenario: Scenario | None, state: Path | None) -> None:
    """Refuse to put a scenario on top of a state that is not empty. Raises UsageError."""
    if scenario is not None and state is not None and state.is_dir() and any(state.iterdir()):
        raise UsageError(
            f"`{state}` holds a state already, and a scenario is a beginning",
            hint="leave --scenario out to go on with the state, or name a folder that is not there yet",
            see=_SEE,
        )


@click.command(
    "check-scenario",
    short_help="Check a scenario file, or print its schema.",
    epilog="Examples: `watchword sandbox check-scenario team.yaml` · "
    "`watchword sandbox check-scenario --schema`",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of such files, for editors.")
@color_option
def check_scenario(file: Path | None, schema: bool) -> None:
    """Check a scenario FILE and the policies that it names: everything that is wrong, each with its place."""
    from watchword.sandbox.scenario import read_scenario, schema_text

    if (file is None) is not schema:
        raise UsageError("either a file or --schema is needed", hint="name the file to check", see=_SEE)
    if file is None:
        click.echo(schema_text(), nl=False)
        return
    found = read_scenario(file)
    users = sum(len(account.users) for account in found.all_accounts)
    roles = sum(len(account.roles) for account in found.all_accounts)
    click.echo(
        f"{file}: {_count(len(found.all_accounts), 'account')}, {_count(users, 'user')}, "
        f"{_count(roles, 'role')}, no problem"
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
