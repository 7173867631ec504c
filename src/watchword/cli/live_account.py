"""What `prove` and `report` share: the account as it is now, where no snapshot is named."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

import click

from watchword.cli.known_names import profile_names, role_names
from watchword.cli.options import not_a_code
from watchword.errors import UsageError

if TYPE_CHECKING:
    from watchword.cli.snapshots import NamedSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """How the account is read: as whom, with the access key alone or a code, and whether resources too."""

    profile: str | None = None
    role: str | None = None
    key_alone: bool = False
    resources: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether any of it was said."""
        return any(astuple(self))


def live_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for reading an account; the command gets them as its `live`."""

    @functools.wraps(command)
    def with_live(
        *given: Any,  # noqa: ANN401 click's own
        profile: str | None,
        role: str | None,
        key_alone: bool,
        resources: bool,
        **named: Any,  # noqa: ANN401 click's own
    ) -> Any:  # noqa: ANN401 the command's own
        live = Live(profile=profile, role=role, key_alone=key_alone, resources=resources)
        return command(*given, live=live, **named)

    for option in (
        click.option(
            "--resources", is_flag=True, help="Without SNAPSHOT: read the policies of resources too."
        ),
        click.option(
            "--key-alone", is_flag=True, help="Without SNAPSHOT: read with the access key, without a code."
        ),
        click.option(
            "--role",
            metavar="ROLE",
            callback=not_a_code,
            shell_complete=role_names,
            help="Without SNAPSHOT: read as this role.",
        ),
        click.option(
            "--profile",
            metavar="NAME",
            callback=not_a_code,
            shell_complete=profile_names,
            help="Without SNAPSHOT: whose account is read.",
        ),
    ):
        with_live = option(with_live)
    return with_live


def snapshots_of(snapshot: str | None, live: Live, *, see: str) -> tuple[NamedSnapshot, ...]:
    """Return the snapshots that are named, or the account as it is now when none is.

    Raises UsageError when both are asked for; `see` is the command's page.
    """
    refuse_both(snapshot, live, see=see)
    if snapshot is not None:
        from watchword.cli.snapshots import load_snapshots

        return load_snapshots(snapshot)
    from watchword.cli.account_snapshot import read_now

    return (read_now(live.profile, live.role, key_alone=live.key_alone, resources=live.resources),)


def refuse_both(source: str | None, live: Live, *, see: str) -> None:
    """Raise UsageError when a file is named, and how to read an account too."""
    if source is not None and live.is_asked:
        raise UsageError(
            f"`{source}` is taken as it is: an option for reading an account has no use",
            hint="leave out the file, or --profile, --role, --key-alone and --resources",
            see=see,
        )
