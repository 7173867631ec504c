"""Who signed a request, and whether the signature is right: Signature Version 4.

Source: "AWS Signature Version 4 for API requests", IAM User Guide; for S3 "Authenticating Requests (AWS
Signature Version 4)", S3 API Reference.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from watchword.sandbox.wire import refused_signature as refused
from watchword.sandbox.wire.canonical import canonical_request, sha256, sign, signing_key
from watchword.sandbox.wire.catalog import known_regions
from watchword.sandbox.wire.chunked import STREAMING, verify_chunks
from watchword.sandbox.wire.error import AwsError, SandboxRefusal
from watchword.sandbox.wire.protocol import Dialect
from watchword.sandbox.wire.request import WireRequest
from watchword.sandbox.wire.scope import ALGORITHM, TERMINATOR, CredentialScope, dialect_of
from watchword.sandbox.wire.signature_fields import SignatureFields, read_header, read_query

MAX_SKEW = timedelta(minutes=15)
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a request says about its signer; nothing in it is verified yet.

    `signed_at` is the request's own time (aware, UTC). `signed_headers` are lower-case and in the order
    given. `presigned` means that the signature is in the query string; `expires_seconds` may then be set,
    and always is for S3. `dialect` are the words in which the service refuses.
    """

    scope: CredentialScope
    session_token: str | None = field(repr=False)
    signed_at: datetime
    signed_headers: tuple[str, ...]
    signature: str = field(repr=False)
    presigned: bool
    expires_seconds: int | None
    dialect: Dialect

    @property
    def access_key_id(self) -> str:
        """The access key that is said to have signed."""
        return self.scope.access_key_id

    @property
    def region(self) -> str:
        """The region that the request is meant for."""
        return self.scope.region

    @property
    def service(self) -> str:
        """The signing name of the service that the request is meant for."""
        return self.scope.service

    @property
    def timestamp(self) -> str:
        """`signed_at` as it stands in the string to sign."""
        return self.signed_at.strftime("%Y%m%dT%H%M%SZ")


def read_signature(request: WireRequest) -> Signature | None:
    """Read who says to have signed `request`; None when it is not signed.

    Raises AwsError (IncompleteSignature, or what the service calls it) when the signature lacks parts or
    cannot be read, and SandboxRefusal for kinds that the sandbox does not check (SigV4a, bearer tokens).
    """
    dialect = dialect_of(request)
    authorization = request.header("authorization")
    in_query = any(name in _QUERY_MARKS for name, _ in request.query)
    if authorization is not None and in_query:
        raise refused.two_mechanisms(dialect)
    if authorization is not None:
        fields = read_header(request, authorization, dialect)
    elif in_query:
        fields = read_query(request, dialect)
    else:
        _refuse_other_kinds(request, dialect)
        return None
    return _signature(request, fields, dialect)


_QUERY_MARKS = frozenset({"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "AWSAccessKeyId"})


def verify(
    request: WireRequest,
    signature: Signature,
    *,
    secret_access_key: str,
    now: datetime,
    unsigned_payload: bool = False,
) -> None:
    """Check that `signature`, read from `request`, was made with `secret_access_key`, and lately.

    `now` is the time that governs signatures (aware). `unsigned_payload` says that the operation, not being
    S3's, may leave its body unsigned (`Operation.unsigned_payload`).

    Raises AwsError in the service's own words: a scope that is not this request's, a time too far from
    `now`, headers that must be signed and are not, another body than was signed, another signature.
    """
    _check_scope(signature)
    _check_time(signature, now)
    _check_signed_headers(request, signature)
    payload_hash = _payload_hash(request, signature, unsigned_payload=unsigned_payload)
    canonical = canonical_request(
        request,
        signed_headers=signature.signed_headers,
        payload_hash=payload_hash,
        single_encoding=signature.dialect is Dialect.S3,
    )
    scope = signature.scope
    context = f"{signature.timestamp}\n{scope}"
    key = signing_key(secret_access_key, scope.date, scope.region, scope.service)
    expected = sign(key, f"{ALGORITHM}\n{context}\n{sha256(canonical)}")
    if not hmac.compare_digest(expected.encode(), signature.signature.encode("utf-8", "replace")):
        raise refused.mismatch(signature.dialect, signature.access_key_id)
    if payload_hash in STREAMING:
        verify_chunks(request, payload_hash=payload_hash, key=key, context=context, seed=expected)


def _refuse_other_kinds(request: WireRequest, dialect: Dialect) -> None:
    media_type = (request.header("content-type") or "").lower()
    if media_type.startswith("multipart/form-data"):
        raise SandboxRefusal("uploads by an HTML form (signed policies) are not supported")
    if media_type.startswith("application/x-www-form-urlencoded") and b"AWSAccessKeyId=" in request.body:
        raise refused.old_version(dialect)


def _signature(request: WireRequest, fields: SignatureFields, dialect: Dialect) -> Signature:
    header_tokens = request.header_values("x-amz-security-token")
    tokens = (*header_tokens, *request.query_values("X-Amz-Security-Token"))
    if len(tokens) > 1:
        raise refused.two_tokens(dialect)
    return Signature(
        scope=fields.scope,
        session_token=tokens[0] if tokens else None,
        signed_at=fields.signed_at,
        signed_headers=fields.signed_headers,
        signature=fields.signature,
        presigned=fields.presigned,
        expires_seconds=fields.expires_seconds,
        dialect=dialect,
    )


def _check_scope(signature: Signature) -> None:
    scope, problems = signature.scope, []
    if scope.region not in known_regions():
        problems.append(f"Credential should be scoped to a valid region, not '{scope.region}'. ")
    if scope.terminator != TERMINATOR:
        problems.append(
            f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{scope.terminator}'. "
        )
    if scope.date != signature.timestamp[:8]:
        problems.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{scope.date}' != '{signature.timestamp[:8]}', from '{signature.timestamp}'. "
        )
    if problems:
        raise refused.wrong_scope(signature.dialect, "".join(problems), presigned=signature.presigned)


def _check_time(signature: Signature, now: datetime) -> None:
    now = now.astimezone(UTC)
    if signature.dialect is Dialect.S3 and signature.expires_seconds is not None:
        ends = signature.signed_at + timedelta(seconds=signature.expires_seconds)
        if now > ends:
            raise refused.url_expired(signature.expires_seconds, ends, now)
        if signature.signed_at > now + MAX_SKEW:
            raise refused.url_not_yet_valid(signature.signed_at, now)
    elif abs(now - signature.signed_at) > MAX_SKEW:
        # Elsewhere X-Amz-Expires does not matter: STS takes presigned calls for 15 minutes, whatever it
        # says (observed, and what the Kubernetes authenticator rests on).
        raise refused.skewed(signature.dialect, signature.signed_at, now, MAX_SKEW)


def _check_signed_headers(request: WireRequest, signature: Signature) -> None:
    present = {name.lower() for name, _ in request.headers}
    if not present.issuperset(signature.signed_headers):
        raise refused.mismatch(signature.dialect, signature.access_key_id)
    must = {"host"} | {name for name in present if name.startswith("x-amz-")}
    missing = sorted(must.difference(signature.signed_headers))
    if missing:
        raise refused.headers_not_signed(signature.dialect, missing)


def _payload_hash(request: WireRequest, signature: Signature, *, unsigned_payload: bool) -> str:
    given = request.header("x-amz-content-sha256")
    s3 = signature.dialect is Dialect.S3
    if given is None:
        if s3 and signature.presigned:
            named = request.query_values("X-Amz-Content-Sha256")
            given = named[0] if named else UNSIGNED_PAYLOAD
        elif s3:
            raise refused.no_payload_hash()
        else:
            return sha256(request.body)
    if given in STREAMING and s3:
        return given
    if given == UNSIGNED_PAYLOAD and (s3 or unsigned_payload):
        return given
    if given.startswith("STREAMING-"):
        raise SandboxRefusal(f"a body signed as `{given[:64]}` is not supported")
    if s3 and not _SHA256.fullmatch(given):
        raise refused.bad_payload_hash(given)
    if not hmac.compare_digest(given.encode("utf-8", "replace"), sha256(request.body).encode()):
        raise _other_body(signature, given, sha256(request.body))
    return given


def _other_body(signature: Signature, given: str, computed: str) -> AwsError:
    if signature.dialect is Dialect.S3:
        return refused.other_body(given, computed)
    return refused.mismatch(signature.dialect, signature.access_key_id)
