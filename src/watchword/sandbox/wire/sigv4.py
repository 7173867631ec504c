"""Who signed a request, and whether the signature is right: Signature Version 4."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from watchword.sandbox.wire.protocol import Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a request says about its signer; nothing in it is verified yet.

    `signed_at` is the request's own time (aware, UTC). `expires_seconds` is set for a presigned URL only.
    `payload_hash` is the last line of the canonical request: a SHA-256 in hex, or one of AWS's names for
    a body that is not signed as a whole.
    """

    access_key_id: str
    session_token: str | None = field(repr=False)
    region: str
    service: str
    scope_date: str
    signed_at: datetime
    signed_headers: tuple[str, ...]
    signature: str = field(repr=False)
    payload_hash: str
    presigned: bool
    expires_seconds: int | None = None
    dialect: Dialect
