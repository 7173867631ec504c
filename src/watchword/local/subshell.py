"""The user's own shell, started once more, with a segment before its prompt that says what it holds.

What the shells read for it lies beside this file, the same for everybody: no secret is in it, and nothing
has to be written or taken away. What differs is in variables.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from watchword.errors import printable
from watchword.fastpath.session_file import written

_RC = Path(__file__).parent / "subshell_rc"
_DEPTH = "WATCHWORD_SHELL"
_LABEL = "WATCHWORD_PROMPT"
_UNTIL = "WATCHWORD_UNTIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subshell:
    """A shell to become: its path, its words (the first is its name), and what to add to the environment.

    `has_segment` is whether its prompt says which session this is; every shell has `WATCHWORD_PROMPT` for it.
    """

    program: str
    words: tuple[str, ...]
    variables: Mapping[str, str] = field(repr=False)
    has_segment: bool


def subshell(environment: Mapping[str, str], *, label: str, expires_at: datetime) -> Subshell:
    """Return the user's shell (`SHELL`, else the one of the account), told to show `label` and the time left.

    Source: "Bash Startup Files", Bash Reference Manual (`--rcfile`); "Startup/Shutdown Files", The Z Shell
    Manual (`ZDOTDIR`); `fish --help` (`--init-command`).
    """
    program = _users_shell(environment)
    name = os.path.basename(program)  # noqa: PTH119 the user's own spelling
    depth = depth_of(environment) + 1
    shown = printable(label) if depth == 1 else f"{printable(label)} ({depth} deep)"
    variables = {
        _DEPTH: str(depth),
        _LABEL: shown,
        _UNTIL: f"{written(expires_at)} {int(expires_at.timestamp())}",
    }
    words: tuple[str, ...] = (name, "-i")
    match name:
        case "bash":
            words = (name, "--rcfile", str(_RC / "bashrc"), "-i")
        case "zsh":
            before = environment.get("ZDOTDIR")
            variables |= {"ZDOTDIR": str(_RC)} | ({} if before is None else {"WATCHWORD_ZDOTDIR": before})
        case "fish":
            words = (name, "--interactive", "--init-command", 'source "$WATCHWORD_RC"')
            variables["WATCHWORD_RC"] = str(_RC / "prompt.fish")
        case _:
            words = (name,)
    return Subshell(
        program=program, words=words, variables=variables, has_segment=name in {"bash", "zsh", "fish"}
    )


def depth_of(environment: Mapping[str, str]) -> int:
    """Return in how many subshells of ours this is."""
    told = environment.get(_DEPTH, "")
    return int(told) if told.isascii() and told.isdigit() else 0


def outer_label(environment: Mapping[str, str]) -> str:
    """Return what the prompt of the subshell says that this is in."""
    return printable(environment.get(_LABEL, ""))


def _users_shell(environment: Mapping[str, str]) -> str:
    named = environment.get("SHELL", "")
    if named.startswith("/"):
        return named
    try:
        return pwd.getpwuid(os.geteuid()).pw_shell or "/bin/sh"
    except KeyError:
        return "/bin/sh"
