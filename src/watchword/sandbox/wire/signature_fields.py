"""The parts of a signature, read from the Authorization header or from the query string."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from watchword.sandbox.wire import refused_signature as refused
from watchword.sandbox.wire.error import SandboxRefusal
from watchword.sandbox.wire.protocol import Dialect
from watchword.sandbox.wire.request import WireRequest
from watchword.sandbox.wire.scope import ALGORITHM, CredentialScope

MAX_EXPIRES_SECONDS = 7 * 24 * 3600

_HEADER_PARTS = ("Credential", "SignedHeaders", "Signature")
_QUERY_PARTS = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")
_YEARS = range(2000, 2200)  # outside of them, sums of times would leave what a datetime holds
_BASIC_ISO = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_SIGNED_HEADERS = re.compile(r"[!-:<-~]+(?:;[!-:<-~]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFields:
    """The parts of a signature, each of the right form."""

    scope: CredentialScope
    signed_headers: tuple[str, ...]
    signature: str = field(repr=False)
    signed_at: datetime
    presigned: bool
    expires_seconds: int | None = None


def read_header(request: WireRequest, authorization: str, dialect: Dialect) -> SignatureFields:
    """Read `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…` and the request's date.

    Raises AwsError when it lacks parts or cannot be read, SandboxRefusal for another algorithm.
    """
    algorithm, _, rest = authorization.strip().partition(" ")
    _check_algorithm(algorithm, dialect)
    pairs = [part.strip().partition("=") for part in rest.split(",")]
    parts = {name: value for name, equals, value in pairs if equals}
    if len(parts) != len(pairs) or len(parts) > len(_HEADER_PARTS):
        raise refused.unreadable_header(dialect)
    date = request.header("x-amz-date") or request.header("date")
    missing = [name for name in _HEADER_PARTS if not parts.get(name)]
    if missing or not date:
        raise refused.header_lacks(dialect, missing, date=bool(date))
    return SignatureFields(
        scope=_scope(parts["Credential"], dialect, presigned=False),
        signed_headers=_signed_headers(parts["SignedHeaders"], dialect),
        signature=parts["Signature"],
        signed_at=_date(date, dialect, presigned=False),
        presigned=False,
    )


def read_query(request: WireRequest, dialect: Dialect) -> SignatureFields:
    """Read the `X-Amz-…` parameters of a presigned URL.

    Raises AwsError when they lack one, name one twice or cannot be read, SandboxRefusal for another
    algorithm.
    """
    names = [name for name, _ in request.query if name in _QUERY_PARTS or name == "X-Amz-Expires"]
    parts = {name: value for name, value in request.query if name in names}
    if "X-Amz-Algorithm" in parts or "AWSAccessKeyId" in dict(request.query):
        _check_algorithm(parts.get("X-Amz-Algorithm", "AWS"), dialect)
    required = (*_QUERY_PARTS, "X-Amz-Expires") if dialect is Dialect.S3 else _QUERY_PARTS
    missing = [name for name in required if not parts.get(name)]
    if missing or len(names) != len(parts):
        raise refused.query_lacks(dialect, missing)
    return SignatureFields(
        scope=_scope(parts["X-Amz-Credential"], dialect, presigned=True),
        signed_headers=_signed_headers(parts["X-Amz-SignedHeaders"], dialect),
        signature=parts["X-Amz-Signature"],
        signed_at=_date(parts["X-Amz-Date"], dialect, presigned=True),
        presigned=True,
        expires_seconds=_expires(parts.get("X-Amz-Expires"), dialect),
    )


def _check_algorithm(algorithm: str, dialect: Dialect) -> None:
    if algorithm == ALGORITHM:
        return
    if algorithm.startswith("AWS4-ECDSA-P256-SHA256"):
        raise SandboxRefusal("signatures of version 4A (`AWS4-ECDSA-P256-SHA256`) are not supported")
    if algorithm in ("AWS", "AWS3-HTTPS"):
        raise refused.old_version(dialect)
    raise SandboxRefusal(f"authorization of the kind `{algorithm[:32]}` is not supported")


def _scope(text: str, dialect: Dialect, *, presigned: bool) -> CredentialScope:
    scope = CredentialScope.parse(text)
    if scope is None or not text.isascii() or not text.isprintable():
        raise refused.unreadable_credential(dialect, presigned=presigned)
    return scope


def _signed_headers(text: str, dialect: Dialect) -> tuple[str, ...]:
    names = tuple(text.split(";"))
    if not _SIGNED_HEADERS.fullmatch(text) or text != text.lower() or len(set(names)) != len(names):
        raise refused.unreadable_header(dialect)
    return names


def _date(text: str, dialect: Dialect, *, presigned: bool) -> datetime:
    try:
        if _BASIC_ISO.fullmatch(text):
            # fromisoformat reads the basic form, and is ten times as fast as strptime.
            moment = datetime.fromisoformat(text)
        elif not presigned:
            moment = parsedate_to_datetime(text)
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        else:
            raise refused.unreadable_date(dialect, text, presigned=presigned)
    except (ValueError, OverflowError, IndexError, TypeError):
        raise refused.unreadable_date(dialect, text, presigned=presigned) from None
    if moment.year not in _YEARS:
        raise refused.unreadable_date(dialect, text, presigned=presigned)
    return moment


def _expires(text: str | None, dialect: Dialect) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise refused.bad_expires(dialect, "X-Amz-Expires should be a number")
    seconds = int(text)
    if seconds > MAX_EXPIRES_SECONDS:
        raise refused.bad_expires(
            dialect, f"X-Amz-Expires must be less than a week (in seconds) that is {MAX_EXPIRES_SECONDS}"
        )
    if seconds < 1:
        raise refused.bad_expires(dialect, "X-Amz-Expires must be greater than 0")
    return seconds
