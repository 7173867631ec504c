"""What a language of environment variables is, and what it says when it cannot carry a value."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from watchword.errors import WatchwordError

SEE = "docs/getting-in/ways-out.md"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_EVERYWHERE_IMPOSSIBLE = re.compile("[\0\ud800-\udfff]")


class CannotBeSaid(WatchwordError):
    """A variable that cannot be written in a language without being changed, or without being run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How a shell sets and unsets a variable, one line each.

    `fails` is a line that fails when it is evaluated.
    `set_line` raises `CannotBeSaid` for a value that the language cannot carry.
    """

    set_line: Callable[[str, str], str]
    unset_line: Callable[[str], str]
    fails: str


def checked_name(name: str) -> str:
    """Return a name that means nothing else in any of the languages; raise `CannotBeSaid`."""
    if not _NAME.fullmatch(name):
        raise CannotBeSaid("a variable has a name that shells do not take", see=SEE)
    return name


def checked_text(name: str, text: str) -> str:
    """Return a value that can be text at all; raise `CannotBeSaid`."""
    if _EVERYWHERE_IMPOSSIBLE.search(text):
        raise CannotBeSaid(f"the value of `{name}` is not text (it holds a zero byte, or no UTF-8)", see=SEE)
    return text


def refuse(name: str, language: str, what: str) -> CannotBeSaid:
    """Return the error for a value that `language` cannot carry because of `what`. The value is not shown."""
    return CannotBeSaid(
        f"the value of `{name}` has {what}, which {language} cannot carry unchanged",
        hint="take another language with `--shell`, or run the program with `watchword exec --`",
        see=SEE,
    )
