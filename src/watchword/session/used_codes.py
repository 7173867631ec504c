"""Which codes of a device were sent, so that none is sent twice. Kept as salted digests for ten minutes.

A code serves once; sending it again costs one of the nine checks that AWS makes in three minutes and
can only be refused. Source: "Using multi-factor authentication (MFA) in AWS", IAM User Guide.
"""

from __future__ import annotations

import hashlib
import json
import math
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from watchword.fastpath.session_file import BrokenSessionFile, UnsafeSessionFile, read_private
from watchword.session.store import SessionStore

STEP_SECONDS = 30
# AWS checks nine codes of a device in each window of three minutes, counted from the epoch.
WINDOW_SECONDS = 180
CHECKS_A_WINDOW = 9
_KEPT_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """A code that was sent; `spent` unless AWS said that it could not even look at it."""

    digest: str
    at_seconds: float
    spent: bool


class UsedCodes:
    """The codes of one device that were sent lately. Used under the lock of that device."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._salt, self._sent = _load(path)

    def is_spent(self, code: str, now: datetime) -> bool:
        """Return whether this code was sent in the last ten minutes."""
        digest = self._digest(code)
        return any(sent.spent and sent.digest == digest for sent in self._recent(now))

    def send(self, code: str, now: datetime) -> None:
        """Remember a code, before it is sent; raise `UnusableCache` when that cannot be written."""
        sent = _Sent(digest=self._digest(code), at_seconds=now.timestamp(), spent=True)
        self._keep([*self._recent(now), sent])

    def not_spent(self, code: str, now: datetime, *, checked: bool) -> None:
        """Say that a code is still good; `checked` when AWS has counted it all the same."""
        digest = self._digest(code)
        # The same code may have been sent before and not been looked at: each time was counted.
        others = [sent for sent in self._recent(now) if sent.digest != digest or not sent.spent]
        counted = [_Sent(digest=digest, at_seconds=now.timestamp(), spent=False)] if checked else []
        self._keep(others + counted)

    def checks_in_window(self, now: datetime) -> int:
        """Return how many codes were sent from here in the present window of three minutes."""
        window = now.timestamp() // WINDOW_SECONDS
        return sum(sent.at_seconds // WINDOW_SECONDS == window for sent in self._recent(now))

    def _recent(self, now: datetime) -> list[_Sent]:
        return [sent for sent in self._sent if abs(now.timestamp() - sent.at_seconds) < _KEPT_SECONDS]

    def _digest(self, code: str) -> str:
        return hashlib.sha256(f"{self._salt}{code}".encode()).hexdigest()

    def _keep(self, sent: list[_Sent]) -> None:
        self._sent = sent
        SessionStore.write(
            self._path, json.dumps({"salt": self._salt, "sent": [asdict(one) for one in sent]})
        )


def seconds_left_in_step(now: datetime) -> int:
    """Return how long the present code is shown, 1 to 30 seconds. Source: RFC 6238, section 4."""
    return math.ceil(STEP_SECONDS - now.timestamp() % STEP_SECONDS)


def seconds_left_in_window(now: datetime) -> int:
    """Return how long the present window of nine checks lasts, 1 to 180 seconds."""
    return math.ceil(WINDOW_SECONDS - now.timestamp() % WINDOW_SECONDS)


def _sent(entry: dict[str, object]) -> _Sent:
    return _Sent(
        digest=str(entry["digest"]), at_seconds=float(str(entry["at_seconds"])), spent=bool(entry["spent"])
    )


def _load(path: Path) -> tuple[str, list[_Sent]]:
    try:
        value = json.loads(read_private(str(path)))
        return str(value["salt"]), [_sent(entry) for entry in value["sent"]]
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
        OverflowError,
        RecursionError,
        BrokenSessionFile,
        UnsafeSessionFile,
    ):
        # Losing this memory costs at most one refused code.
        return secrets.token_hex(16), []
