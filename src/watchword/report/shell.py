"""Environment variables in the language of a shell, quoted so that nothing in them is run."""

from __future__ import annotations

import enum
import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from watchword.errors import UsageError


class Shell(enum.StrEnum):
    """A shell whose language is spoken here."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


# These read what bash reads, as far as `export` and `unset` go.
_LIKE_BASH = frozenset({"sh", "dash", "ash", "ksh", "ksh93", "mksh"})


def guess_shell(environment: Mapping[str, str]) -> Shell:
    """Return the shell that SHELL names; raise `UsageError` when it is none that is known here."""
    name = PurePath(environment.get("SHELL", "")).name
    if name in _LIKE_BASH:
        return Shell.BASH
    try:
        return Shell(name)
    except ValueError:
        known = "cannot tell which shell this is" if not name else f"`{name}` is a shell unknown here"
        raise UsageError(
            known, hint="name the language: `--shell bash`, `zsh` or `fish`", see="docs/rooms/cli.md"
        ) from None


def shell_lines(shell: Shell, *, unset: Sequence[str], values: Mapping[str, str]) -> str:
    """Return lines that unset, then set; with a newline at the end, empty when there is nothing to do."""
    match shell:
        case Shell.BASH | Shell.ZSH:
            lines = [f"unset {name}" for name in unset]
            lines += [f"export {name}={shlex.quote(text)}" for name, text in values.items()]
        case Shell.FISH:
            lines = [f"set -e {name}" for name in unset]
            lines += [f"set -gx {name} {_fish_quoted(text)}" for name, text in values.items()]
    return "".join(f"{line}\n" for line in lines)


def _fish_quoted(text: str) -> str:
    r"""Quote for fish: within single quotes only `\` and `'` mean something."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
