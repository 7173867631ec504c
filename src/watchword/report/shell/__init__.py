"""Environment variables in the language of a shell, quoted so that nothing in them is run."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from watchword.errors import UsageError
from watchword.report.shell.cmd import CMD
from watchword.report.shell.data import dotenv_text, json_text
from watchword.report.shell.fish import FISH
from watchword.report.shell.language import SEE, CannotBeSaid, Language, checked_name, checked_text
from watchword.report.shell.nushell import NUSHELL
from watchword.report.shell.posix import POSIX
from watchword.report.shell.powershell import POWERSHELL

__all__ = ["CannotBeSaid", "Shell", "failing_line", "guess_shell", "shell_lines"]


class Shell(enum.StrEnum):
    """A language that is spoken here: of a shell, or of data."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"
    CMD = "cmd"
    NUSHELL = "nushell"
    JSON = "json"
    DOTENV = "dotenv"


_LANGUAGES: Mapping[Shell, Language] = {
    Shell.BASH: POSIX,
    Shell.ZSH: POSIX,
    Shell.FISH: FISH,
    Shell.POWERSHELL: POWERSHELL,
    Shell.CMD: CMD,
    Shell.NUSHELL: NUSHELL,
}
# These read what bash reads, as far as `export` and `unset` go.
_LIKE_BASH = frozenset({"sh", "dash", "ash", "ksh", "ksh93", "mksh"})
_PROGRAMS = dict.fromkeys(_LIKE_BASH, Shell.BASH) | {
    "bash": Shell.BASH,
    "zsh": Shell.ZSH,
    "fish": Shell.FISH,
    "pwsh": Shell.POWERSHELL,
    "nu": Shell.NUSHELL,
}


def guess_shell(environment: Mapping[str, str]) -> Shell:
    """Return the shell that SHELL names; raise `UsageError` when it is none that is known here."""
    name = PurePath(environment.get("SHELL", "")).name
    if name in _PROGRAMS:
        return _PROGRAMS[name]
    known = "cannot tell which shell this is" if not name else f"`{name}` is a shell unknown here"
    others = ", ".join(f"`{shell}`" for shell in Shell if shell is not Shell.BASH)
    raise UsageError(known, hint=f"name the language: `--shell bash`, or {others}", see=SEE)


def shell_lines(shell: Shell, *, unset: Sequence[str], values: Mapping[str, str]) -> str:
    """Return lines that unset, then set; with a newline at the end, empty when there is nothing to do.

    JSON names what to unset beside what to set; an `.env` file cannot unset.
    Raises `CannotBeSaid`, and returns nothing, when the language cannot carry one of the values unchanged.
    """
    unset = [checked_name(name) for name in unset]
    values = {checked_name(name): checked_text(name, text) for name, text in values.items()}
    if shell is Shell.JSON:
        return json_text(unset=unset, values=values)
    if shell is Shell.DOTENV:
        return dotenv_text(values)
    language = _LANGUAGES[shell]
    lines = [language.unset_line(name) for name in unset]
    lines += [language.set_line(name, text) for name, text in values.items()]
    return "".join(f"{line}\n" for line in lines)


def failing_line(shell: Shell) -> str:
    """Return a line that fails when it is evaluated, for `eval ""` succeeds; nothing where data is read."""
    language = _LANGUAGES.get(shell)
    return f"{language.fails}\n" if language else ""
