"""Whence a code comes when it is not typed at a prompt."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from watchword.session.errors import SEE_CODES, BadCodeSource

_DIGITS = re.compile(r"[\d\s]+")


class CodeSourceKind(enum.StrEnum):
    """Where a code can come from."""

    STDIN = "-"
    PROCESS = "process"
    YKMAN = "ykman"
    OP = "op"
    BW = "bw"
    PASS = "pass"  # noqa: S105 a program of that name
    KEYRING = "keyring"


# What must be said after the colon.
_NEEDED = {
    CodeSourceKind.PROCESS: "command",
    CodeSourceKind.OP: "item",
    CodeSourceKind.BW: "item",
    CodeSourceKind.PASS: "entry",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFrom:
    """A source of codes, and which account, item, entry or command of it (None: it finds out by itself)."""

    kind: CodeSourceKind
    of: str | None = None


def parse_code_from(text: str) -> CodeFrom:
    """Return the source that `ykman`, `ykman:ACCOUNT`, `op:ITEM`, `process:COMMAND`, `keyring` or `-` names.

    Raises `BadCodeSource`, which never repeats the text: it may be a code.
    """
    kind, _, of = text.partition(":")
    try:
        found = CodeFrom(kind=CodeSourceKind(kind), of=of.strip() or None)
    except ValueError:
        raise _bad(text) from None
    needed = _NEEDED.get(found.kind)
    if found.of is None and needed:
        raise BadCodeSource(
            f"`{kind}` does not say which {needed}",
            hint=f"`--mfa-from '{kind}:{needed.upper()}'`",
            see=SEE_CODES,
        )
    if found.of is not None and (found.kind in {CodeSourceKind.STDIN, CodeSourceKind.KEYRING}):
        raise BadCodeSource(f"`{kind}` has nothing after a colon", hint=f"`{kind}` alone", see=SEE_CODES)
    if found.of is not None and found.kind is not CodeSourceKind.PROCESS and found.of.startswith("-"):
        raise BadCodeSource(
            f"`{kind}` would take that name for an option", hint="name it by its id", see=SEE_CODES
        )
    return found


def code_wanted_from(mfa_from: str | None, mfa_code: str | None) -> CodeFrom | None:
    """Return the source that `--mfa-code` names, else that of `--mfa-from`; None when neither was given.

    Raises `BadCodeSource`.
    """
    if mfa_code is not None:
        return _stdin(mfa_code)
    return parse_code_from(mfa_from) if mfa_from else None


def _stdin(text: str) -> CodeFrom:
    """Return standard input for `-`, which is all that `--mfa-code` takes."""
    if text == CodeSourceKind.STDIN.value:
        return CodeFrom(kind=CodeSourceKind.STDIN)
    raise (
        _a_code_in_argv()
        if _DIGITS.fullmatch(text)
        else BadCodeSource(
            "`--mfa-code` takes `-` only, a line of standard input",
            hint="other sources: `--mfa-from SOURCE`",
            see=SEE_CODES,
        )
    )


def _bad(text: str) -> BadCodeSource:
    if _DIGITS.fullmatch(text):
        return _a_code_in_argv()
    return BadCodeSource(
        "there is no such source of codes",
        hint="one of `ykman`, `ykman:ACCOUNT`, `op:ITEM`, `bw:ITEM`, `pass:ENTRY`, `keyring`, `-`,"
        " `process:COMMAND`",
        see=SEE_CODES,
    )


def _a_code_in_argv() -> BadCodeSource:
    return BadCodeSource(
        "a code is never taken as an argument, where every program on this machine can read it",
        hint="leave it out and type the next code when it is asked for, or pipe it in: `--mfa-code -`",
        see=SEE_CODES,
    )
