"""What `login` and `logout` do with the AWS CLI's own cache of role sessions."""

from __future__ import annotations

from collections.abc import Sequence

import click

from watchword.aws import fill_cli_cache, forget_cli_cache, refuse_without_role
from watchword.cli.getting_in import now, talk
from watchword.cli.options import stderr_style
from watchword.errors import UsageError
from watchword.report.span import ending
from watchword.session import Entrance, Session

fill_cli_cache_option = click.option(
    "--fill-cli-cache",
    is_flag=True,
    help="Give the session of a role to the AWS CLI too, so that plain `aws --profile ROLE` asks nothing.",
)


def refuse_to_fill(way_in: Entrance) -> None:
    """Raise `UsageError` or `UnusableCliCache` when the AWS CLI would not find the session."""
    if way_in.wish.role is not None:
        raise UsageError(
            "`--role` and `--fill-cli-cache` do not go together: the AWS CLI finds a role by its profile",
            hint="name a profile that has the `role_arn`",
            see="docs/getting-in/sources.md",
        )
    refuse_without_role(way_in.settings.name)


def fill_for(way_in: Entrance, session: Session) -> None:
    """Give the session to the AWS CLI, and say on stderr what came of it; raise `UnusableCliCache`."""
    name = way_in.settings.name
    filled = fill_cli_cache(name, session.credentials, session.arn)
    if filled.left_alone:
        talk(f"{stderr_style().warning('note')}: the AWS CLI got nothing: {filled.left_alone}")
    else:
        talk(f"the AWS CLI uses it for `{name}` until {ending(session.expires_at, now())}")


def forget_for(profile: str | None, sessions: Sequence[Session]) -> None:
    """Take out of the AWS CLI's cache what came from these sessions and their profiles (None: everything)."""
    gone = forget_cli_cache(
        profiles={profile, *(session.profile for session in sessions)} if profile else (),
        access_key_ids={session.credentials.access_key_id for session in sessions},
        everything=profile is None,
    )
    if gone:
        talk(f"taken out of the AWS CLI's cache: {len(gone)}")
