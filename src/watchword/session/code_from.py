"""Whence a code comes when it is not typed at a prompt."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from watchword.session.errors import SEE, BadCodeSource


class CodeSourceKind(enum.StrEnum):
    """Where a code can come from."""

    STDIN = "-"
    PROCESS = "process"
    YKMAN = "ykman"
    OP = "op"
    BW = "bw"
    PASS = "pass"  # noqa: S105 a program of that name
    KEYRING = "keyring"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFrom:
    """A source of codes, and which account, item, entry or command of it (None: it finds out by itself)."""

    kind: CodeSourceKind
    of: str | None = None


def parse_code_from(text: str) -> CodeFrom:
    """Return the source that `ykman:NAME`, `op:ITEM`, `process:COMMAND`, `keyring` or `-` names.

    Raises `BadCodeSource`.
    """
    kind, _, of = text.partition(":")
    try:
        return CodeFrom(kind=CodeSourceKind(kind), of=of or None)
    except ValueError:
        raise BadCodeSource(
            "there is no such source of codes",
            hint="`-`, or one of ykman, op, bw, pass, keyring, process, with `:` and its item or command",
            see=SEE,
        ) from None
