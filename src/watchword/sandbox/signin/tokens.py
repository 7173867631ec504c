"""Sign-in tokens: made for a caller, and good for fifteen minutes."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.kept import Kept, Store

TOKEN_LIFE: Final = timedelta(minutes=15)
"""Source: IAM User Guide, id_roles_providers_enable-console-custom-url."""

_TOKEN_BYTES: Final = 264


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSession:
    """Who is signed in, and until when. What its requests carry is what the caller's session carries."""

    caller: Caller
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    session: ConsoleSession
    valid_until: datetime


class SigninTokens:
    """Every token that was made. Any thread may use it."""

    def __init__(self, *, clock: SandboxClock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: Kept[str, _Kept] = Kept()

    def make(self, session: ConsoleSession) -> str:
        """Return a new token for `session`."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        with self._lock:
            self._kept[_digest(token)] = _Kept(session=session, valid_until=self._clock.now() + TOKEN_LIFE)
        return token

    def redeem(self, token: str) -> ConsoleSession | None:
        """Return the session of a token; None when there is none, or its fifteen minutes are over.

        A token can be redeemed again: AWS says how long it is valid, not how often.
        """
        with self._lock:
            kept = self._kept.get(_digest(token))
        return None if kept is None or self._clock.now() >= kept.valid_until else kept.session

    def store(self) -> Store:
        """Return the tokens, by their digests, to be kept."""
        return Store.of("signin-tokens", _Kept, self._kept)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
