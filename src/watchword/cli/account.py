"""`watchword account`: an account as it is."""

from __future__ import annotations

import click

from watchword.cli.lazy_group import Entry, LazyGroup
from watchword.cli.options import color_option

COMMANDS: dict[str, tuple[Entry, ...]] = {
    "Commands": (
        Entry(
            "snapshot",
            "watchword.cli.account_snapshot:snapshot",
            "Read who there is, what they may and what they sign in with.",
        ),
        Entry(
            "diff",
            "watchword.cli.account_diff:diff",
            "Show how two snapshots differ, statement by statement.",
        ),
    )
}


@click.group(
    cls=LazyGroup,
    sections=COMMANDS,
    epilog="Examples: `watchword account snapshot` · `watchword account snapshot -o today.json --resources`",
)
@color_option
def account() -> None:
    """An account as it is, in one file: everything that a proof needs.

    Reading changes nothing. What AWS does not let you read is said, with what stays open because of it.
    """
