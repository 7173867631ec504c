"""The canonical request and the keys of Signature Version 4.

Source: "Create a signed AWS API request", IAM User Guide; for S3 "Authenticating Requests: Using the
Authorization Header", S3 API Reference.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes

from watchword.sandbox.wire.request import WireRequest

_UNRESERVED = "-_.~"


def canonical_request(
    request: WireRequest, *, signed_headers: tuple[str, ...], payload_hash: str, single_encoding: bool
) -> bytes:
    """Return the canonical form of `request`.

    `signed_headers` are lower-case names in the order in which they were named; each must be present.
    `payload_hash` is the last line. `single_encoding` is S3's way with the path: encoded once and not
    normalised; every other service encodes what was sent again, after normalising it.
    """
    path = s3_path(request.raw_path) if single_encoding else encoded_path(request.raw_path)
    headers = "".join(f"{name}:{header_value(request, name)}\n" for name in signed_headers)
    lines = (
        request.method,
        path,
        canonical_query(request.query),
        headers,
        ";".join(signed_headers),
        payload_hash,
    )
    return wire_bytes("\n".join(lines))


def s3_path(raw_path: str) -> str:
    """Encode a path once: decoded, then everything but unreserved characters and `/` encoded."""
    return quote_from_bytes(unquote_to_bytes(raw_path), safe=f"/{_UNRESERVED}")


def encoded_path(raw_path: str) -> str:
    """Encode a path as sent once more, after taking out `.`, `..` and empty segments."""
    return quote(normalised_path(raw_path), safe=f"/{_UNRESERVED}")


def normalised_path(raw_path: str) -> str:
    """Take `.`, `..` and empty segments out of an absolute path; a `/` at the end stays."""
    kept: list[str] = []
    segments = raw_path.split("/")
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    end = "/" if kept and not segments[-1] else ""
    return f"/{'/'.join(kept)}{end}"


def canonical_query(pairs: tuple[tuple[str, str], ...]) -> str:
    """Encode and sort the pairs of a query string, all but the signature itself."""
    encoded = sorted(
        (quote(name, safe=_UNRESERVED), quote(value, safe=_UNRESERVED))
        for name, value in pairs
        if name != "X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in encoded)


def header_value(request: WireRequest, name: str) -> str:
    """Return a header's values joined by commas, each trimmed and with its runs of spaces folded."""
    return ",".join(" ".join(value.split()) for value in request.header_values(name))


@lru_cache(maxsize=256)  # the same for all requests that a key signs in a day
def signing_key(secret_access_key: str, date: str, region: str, service: str) -> bytes:
    """Derive the key of a scope from the secret; `date` is YYYYMMDD."""
    key = f"AWS4{secret_access_key}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def sign(key: bytes, string_to_sign: str) -> str:
    """Return the signature of a string, in hex."""
    return hmac.digest(key, wire_bytes(string_to_sign), "sha256").hex()


def sha256(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


def wire_bytes(text: str) -> bytes:
    """Turn header text back into the bytes that were sent (see WireRequest)."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
