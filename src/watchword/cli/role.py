"""`watchword role`: the roles of the account, and getting into one."""

from __future__ import annotations

import click

from watchword.cli.lazy_group import Entry, LazyGroup
from watchword.cli.options import color_option

COMMANDS: dict[str, tuple[Entry, ...]] = {
    "Commands": (
        Entry("list", "watchword.cli.role_list:list_roles", "List the roles, and which let you in."),
        Entry("assume", "watchword.cli.role_assume:assume", "Get into a role, by its name or ARN."),
    )
}


@click.group(
    cls=LazyGroup,
    sections=COMMANDS,
    epilog="Examples: `watchword role list` · `watchword role assume Support -- aws s3 ls`",
)
@color_option
def role() -> None:
    """The roles of your account: list them, get into one.

    A role is assumed from your session, so that one code serves them all. Profiles with a `role_arn` need
    no command of their own: `watchword exec PROFILE`.
    """
