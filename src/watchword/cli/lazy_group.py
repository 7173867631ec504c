"""A group of commands that knows their names and what they do, and imports only the one that is run."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import click

from watchword.errors import UsageError, WatchwordError


class Entry(NamedTuple):
    """A command: its name, `module:attribute`, a line for `--help`, and the extra that it needs."""

    name: str
    target: str
    summary: str
    extra: str | None = None


class LazyGroup(click.Group):
    """Commands in named sections, imported late."""

    def __init__(self, *, sections: Mapping[str, tuple[Entry, ...]], **attributes: Any) -> None:  # noqa: ANN401 click's own
        super().__init__(**attributes)
        self._sections = sections
        self._entries = {entry.name: entry for section in sections.values() for entry in section}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        """Return the names, without importing anything."""
        return list(self._entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 click's signature
        """Import and return the command; raise `UsageError` when there is none of that name."""
        entry = self._entries.get(cmd_name)
        if entry is None:
            raise _unknown(cmd_name, list(self._entries))
        module, _, attribute = entry.target.partition(":")
        try:
            command: click.Command = getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as error:
            if entry.extra is None or (error.name or "").partition(".")[0] == "watchword":
                raise
            raise WatchwordError(
                f"`watchword {cmd_name}` needs `{error.name}`, which is not installed",
                hint=f"pip install 'watchword[{entry.extra}]'",
                see="docs/rooms/cli.md",
            ) from error
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 click's signature
        """Write the sections from the table alone."""
        width = max(len(name) for name in self._entries)
        for title, entries in self._sections.items():
            with formatter.section(title):
                formatter.write_dl([(entry.name.ljust(width), entry.summary) for entry in entries])


def _unknown(name: str, names: list[str]) -> UsageError:
    near = difflib.get_close_matches(name, names, n=1)
    return UsageError(
        f"there is no command `{name}`",
        hint=f"did you mean `watchword {near[0]}`?" if near else "`watchword --help` lists them",
        see="docs/rooms/cli.md",
    )
