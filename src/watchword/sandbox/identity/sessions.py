"""Temporary credentials: made, kept, found again and expired."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import string
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from watchword.iam import CredentialKind, MfaState
from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.identity.directory import Role
from watchword.sandbox.kept import Kept, Store
from watchword.sandbox.wire.error import expired_token, invalid_access_key, invalid_session_token
from watchword.sandbox.wire.protocol import Dialect

_KEY_ALPHABET: Final = string.ascii_uppercase + "234567"
_SECRET_BYTES: Final = 30
_TOKEN_BYTES: Final = 264


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a session will carry, before it has a key.

    `user_id` is `AIDA…`, the account number for root, `AROA…:SESSION` for a role session; `arn` the
    caller as AWS writes it. A federated user has the `user_id` of the user who asked for the session, and a
    name of its own, `federated_name`. `kind` and `mfa` are what `iam.issue` said, and `contested` the
    assumption it rests on. The role's fields are empty for a user's session: `policy` and `policy_arns` are
    the session policies as text; `tags` those of the session, inherited ones included;
    `transitive_tag_keys` those it passes on; `chained` whether a session assumed the role, and no key.
    """

    account: str
    user_id: str
    arn: str
    kind: CredentialKind
    mfa: MfaState
    contested: str | None = None
    mfa_at: datetime | None = None
    role: Role | None = None
    session_name: str | None = None
    source_arn: str | None = None
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str | None = None
    chained: bool = False
    federated_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session(Grant):
    """A grant with its key. It ends when its time is over, and outlives every change of a device."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    token_digest: bytes = field(repr=False)
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the caller gets. `expiration` is aware, in UTC."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expiration: datetime

    def as_result(self) -> dict[str, Any]:
        """Return the `Credentials` element of an STS result."""
        return {
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret_access_key,
            "SessionToken": self.session_token,
            "Expiration": self.expiration,
        }


class Sessions:
    """Every session that was minted. Any thread may use it."""

    def __init__(self, *, clock: SandboxClock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: Kept[str, Session] = Kept()

    def mint(self, grant: Grant, *, duration_seconds: int) -> Credentials:
        """Make temporary credentials that carry `grant` and last `duration_seconds` by the sandbox's clock.

        The key looks as AWS's do: 20 characters that begin with ASIA, a secret of 40, a long token.
        """
        # AWS's times have whole seconds, and nothing may last longer than it says.
        now = self._clock.now().replace(microsecond=0)
        access_key_id = "ASIA" + "".join(secrets.choice(_KEY_ALPHABET) for _ in range(16))
        secret = base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
        token = base64.b64encode(secrets.token_bytes(_TOKEN_BYTES)).decode()
        made = Session(
            **{name: getattr(grant, name) for name in Grant.__dataclass_fields__},
            access_key_id=access_key_id,
            secret_access_key=secret,
            token_digest=_digest(token),
            issued_at=now,
            expires_at=now + timedelta(seconds=duration_seconds),
        )
        with self._lock:
            self._sessions[access_key_id] = made
        return Credentials(
            access_key_id=access_key_id,
            secret_access_key=secret,
            session_token=token,
            expiration=made.expires_at,
        )

    def find(self, access_key_id: str, session_token: str | None, *, dialect: Dialect) -> Session:
        """Return the session with this key, if the token is its own and it has not expired.

        Raises AwsError in the words of `dialect`.
        """
        found = self.peek(access_key_id)
        if found is None or not session_token:
            raise invalid_access_key(dialect, access_key_id)
        if not hmac.compare_digest(found.token_digest, _digest(session_token)):
            raise invalid_session_token(dialect, access_key_id)
        if self._clock.now() >= found.expires_at:
            raise expired_token(dialect)
        return found

    def peek(self, access_key_id: str) -> Session | None:
        """Return the session with this key, expired or not; None when there is none."""
        with self._lock:
            return self._sessions.get(access_key_id)

    def store(self) -> Store:
        """Return the sessions, with digests of their tokens, to be kept."""
        return Store.of("sessions", Session, self._sessions)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
