"""`watchword profile`: the profiles of the AWS files. Each command has its own file."""

from __future__ import annotations

import click

from watchword.cli.lazy_group import Entry, LazyGroup
from watchword.cli.options import color_option

_COMMANDS: dict[str, tuple[Entry, ...]] = {
    "Look": (Entry("list", "watchword.cli.profile_list:list_", "Show every profile, and what it is."),),
    "Write": (
        Entry("write", "watchword.cli.profile_write:write", "Put the session into the credentials file."),
        Entry("add", "watchword.cli.profile_add:add", "Add a profile that asks watchword for its session."),
        Entry(
            "default", "watchword.cli.profile_default:default", "Set what is used when no profile is named."
        ),
    ),
}


@click.group(
    cls=LazyGroup,
    sections=_COMMANDS,
    epilog="Examples: `watchword profile list` · `watchword profile add work-mfa --from work`",
)
@color_option
def profile() -> None:
    """The profiles of ~/.aws: shown, and written without harm to what else stands there."""
