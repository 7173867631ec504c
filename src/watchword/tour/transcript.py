"""What a terminal received, made readable and safe to show."""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "•••"

_CONTROL = re.compile(
    r"""\x1b \[ [0-?]* [ -/]* [@-~]         # colours, cursor movement, screens
      | \x1b \] [^\x07\x1b]* (?:\x07|\x1b\\)  # titles
      | \x1b [ -/]* [0-~]                    # everything shorter
      | [\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]""",
    re.VERBOSE,
)
_REVEALED = re.compile(
    r"""(?:SecretAccessKey|SessionToken|Base32StringSeed|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN)
        ["']? \s* [:=] \s* ["']? ([A-Za-z0-9/+=]{16,})""",
    re.VERBOSE,
)


def readable(raw: str) -> str:
    """Return the text of `raw` without control sequences; of a line rewritten in place, the last state."""
    lines = _CONTROL.sub("", raw).replace("\r\n", "\n").split("\n")
    return "\n".join(_last_state(line) for line in lines).strip("\n")


def secrets_in(text: str) -> frozenset[str]:
    """Return the secret keys, session tokens and seeds that `text` reveals."""
    return frozenset(_REVEALED.findall(text))


def mask(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with each of the secrets replaced by dots."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def _last_state(line: str) -> str:
    states = [state.rstrip() for state in line.split("\r")]
    return next((state for state in reversed(states) if state), "")
