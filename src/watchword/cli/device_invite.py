"""`watchword device invite`: many people told how to enrol, and tracked until they have."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from watchword.cli.getting_in import announce, entrance, now, talk
from watchword.cli.options import color_option, profile_argument, stdout_style
from watchword.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from watchword.device.acting import Acting
    from watchword.device.invite_person import Standing
    from watchword.device.invite_result import Invited

_SEE: Final = "docs/devices/invite.md"
_SILENT_SECONDS: Final = 0.3
_BETWEEN_SECONDS: Final = 0.1


@click.command(
    epilog="Examples: `watchword device invite --from users.csv` · "
    "`watchword device invite admin --from users.csv --out mfa --contact it@example.com` · "
    "`watchword device invite --status mfa --output csv`"
)
@profile_argument
@click.option(
    "--from",
    "list_",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The people: CSV with a column `user` (and `name`, `email`), or one name a line.",
)
@click.option(
    "--out",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Where the instructions go, and what is remembered.  [default: invite]",
)
@click.option(
    "--status",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Only look who of an earlier list has enrolled.",
)
@click.option("--contact", metavar="TEXT", help="Whom people shall ask: it stands in the instructions.")
@click.option(
    "--clear",
    type=click.Choice(["stale", "all", "none"]),
    default="stale",
    show_default=True,
    help="Which devices to remove that belong to nobody and are named after these people:"
    " those that a run saw an hour ago or earlier, all, or none.",
)
@click.option("--dry-run", is_flag=True, help="Check everything; write nothing, remove nothing.")
@click.option(
    "--output",
    type=click.Choice(["text", "json", "csv", "markdown"]),
    default="text",
    show_default=True,
    help="Text to read, or data.",
)
@color_option
@click.pass_context
def invite(context: click.Context, /, **given: Any) -> None:  # noqa: ANN401 what the options above say
    """Check who can enrol, write instructions for each, and track who has.

    For each person of the list: is there such a user, what devices have they, do their policies let them
    enrol, and have they a key or a password to do it with. Typed again, it goes on where it was, and sees
    who has enrolled.
    Instructions hold nothing secret; nobody gets a device this way, each makes their own.

    Ends with 3 when somebody cannot enrol, is no user, or could not be checked.
    """
    counter = _Counter()
    try:
        invited = _tracked(given, counter) if given["status"] else _invited(given, counter)
    except KeyboardInterrupt:
        counter.clear()
        if counter.total:
            talk(f"stopped after {counter.done} of {counter.total} people: type the same again to go on")
        raise
    finally:
        counter.clear()
    _print(invited, given["output"])
    if any(not guest.entry.finding.standing.is_settled for guest in invited.guests):
        context.exit(ExitCode.FINDINGS)


def _invited(given: dict[str, Any], counter: _Counter) -> Invited:
    from watchword.device.invite import InviteWish, invite
    from watchword.device.invite_leftovers import Clear
    from watchword.device.invite_list import read_list

    if given["list_"] is None:
        raise UsageError(
            "who is invited is missing",
            hint="`--from users.csv` names them, `--status FOLDER` tracks them",
            see=_SEE,
        )
    listed = read_list(given["list_"])
    wish = InviteWish(
        folder=given["out"] or Path("invite"),
        clear=Clear(given["clear"]),
        contact=given["contact"],
        dry_run=given["dry_run"],
    )
    asking = _asking(given, listed.people[0].user_name)
    return invite(asking, listed, wish, progress=counter, say=counter.say, now=now)


def _tracked(given: dict[str, Any], counter: _Counter) -> Invited:
    from watchword.device.invite_track import somebody_in, track

    if given["list_"] or given["out"] or given["dry_run"]:
        raise UsageError(
            "`--status` looks at a round that there is: it takes neither --from, --out nor --dry-run",
            hint=f"`watchword device invite --status {given['status']}`",
            see=_SEE,
        )
    asking = _asking(given, somebody_in(given["status"]))
    return track(asking, given["status"], progress=counter, say=counter.say, now=now)


def _asking(given: dict[str, Any], user_name: str) -> Acting:
    from watchword.device.acting import acting
    from watchword.device.invite import able_to_look

    way_in = entrance(given["profile"], given["profile_option"])
    return able_to_look(acting(way_in, say=talk, of_account=True), user_name, announce=announce)


def _print(invited: Invited, output: str) -> None:
    from watchword.report.device_invite import invite_csv, invite_markdown, invite_text, invite_value

    value = invite_value(invited)
    match output:
        case "json":
            click.echo(json.dumps(value, indent=2))
        case "csv":
            click.echo(invite_csv(value))
        case "markdown":
            click.echo(invite_markdown(value))
        case _:
            style = stdout_style()
            click.echo(invite_text(value, style), color=style.color)


class _Counter:
    """Counts on stderr how many people were looked at: only on a terminal, and not for what is quick."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        self._next = time.monotonic() + _SILENT_SECONDS
        self._shown = False

    def __call__(self, done: int, total: int, counts: Counter[Standing]) -> None:
        self.done, self.total = done, total
        if sys.stderr.isatty() and time.monotonic() >= self._next:
            said = ", ".join(
                f"{count} {standing.value.replace('_', ' ')}" for standing, count in counts.items()
            )
            text = f"{done} of {total} people looked at{': ' if said else ''}{said}"
            click.echo(f"\r{text}\x1b[K", err=True, nl=False)
            self._shown = True
            self._next = time.monotonic() + _BETWEEN_SECONDS

    def say(self, text: str) -> None:
        """Say something on a line of its own."""
        self.clear()
        talk(text)

    def clear(self) -> None:
        if self._shown:
            click.echo("\r\x1b[K", err=True, nl=False)
            self._shown = False
