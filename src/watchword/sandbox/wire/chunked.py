"""Bodies that S3 receives in chunks (`aws-chunked`), signed one by one or not at all, with trailers.

Source: "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks" and
"…Including Trailing Headers", S3 API Reference.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from watchword.sandbox.wire.canonical import sha256, sign
from watchword.sandbox.wire.error import AwsError, signature_mismatch
from watchword.sandbox.wire.protocol import Dialect
from watchword.sandbox.wire.request import WireRequest

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
STREAMING = frozenset({SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER})

_CHUNK_HEAD = re.compile(rb"([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?\Z")
_TRAILER_SIGNATURE = "x-amz-trailer-signature"
_CHECKSUMS: dict[str, Callable[[bytes], bytes]] = {
    "x-amz-checksum-crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "x-amz-checksum-sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "x-amz-checksum-sha256": lambda body: hashlib.sha256(body).digest(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One chunk: its bytes, and its signature when it has one."""

    content: bytes
    signature: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkedBody:
    """A body taken apart. `chunks` ends with the empty one; `trailers` are lower-case names and values."""

    chunks: tuple[Chunk, ...]
    trailers: tuple[tuple[str, str], ...]

    @property
    def content(self) -> bytes:
        """The bytes that the chunks carry."""
        return b"".join(chunk.content for chunk in self.chunks)


def body_of(request: WireRequest) -> bytes:
    """Return what the body carries: itself, or the content of its chunks.

    Raises AwsError (IncompleteBody) when the chunks cannot be read.
    """
    if request.header("x-amz-content-sha256") in STREAMING:
        return split(request.body).content
    return request.body


def split(body: bytes) -> ChunkedBody:
    """Take an `aws-chunked` body apart. Raises AwsError (IncompleteBody) when it cannot be read."""
    chunks: list[Chunk] = []
    at = 0
    while not chunks or chunks[-1].content:
        end = body.find(b"\r\n", at, at + 128)
        head = _CHUNK_HEAD.match(body[at:end]) if end >= 0 else None
        if head is None:
            raise _incomplete_body()
        size, start = int(head[1], 16), end + 2
        content = body[start : start + size]
        if len(content) != size or (size and body[start + size : start + size + 2] != b"\r\n"):
            raise _incomplete_body()
        signature = head[2].decode() if head[2] else None
        chunks.append(Chunk(content=content, signature=signature))
        at = start + size + (2 if size else 0)
    return ChunkedBody(chunks=tuple(chunks), trailers=_trailers(body[at:]))


def verify_chunks(request: WireRequest, *, payload_hash: str, key: bytes, context: str, seed: str) -> None:
    """Check every chunk of `request`, its trailer, its decoded length and its checksum.

    `payload_hash` is the name in `STREAMING` that says how the body is signed, `key` the signing key,
    `context` the time and scope of the string to sign, one on each line, and `seed` the signature of the
    headers, already verified. Checksums of kinds that the standard library does not know (CRC32C,
    CRC64NVME) are not compared.

    Raises AwsError: SignatureDoesNotMatch, IncompleteBody, BadDigest, MalformedTrailerError.
    """
    body = split(request.body)
    if payload_hash != UNSIGNED_TRAILER:
        _verify_signatures(body, payload_hash, key, context, seed)
    elif any(chunk.signature for chunk in body.chunks):
        raise _incomplete_body()
    _verify_trailers(request, body, payload_hash)
    if request.header("x-amz-decoded-content-length") != str(len(body.content)):
        raise _incomplete_body()


def _verify_signatures(body: ChunkedBody, payload_hash: str, key: bytes, context: str, seed: str) -> None:
    previous = seed
    for chunk in body.chunks:
        text = f"AWS4-HMAC-SHA256-PAYLOAD\n{context}\n{previous}\n{sha256(b'')}\n{sha256(chunk.content)}"
        previous = _matching(sign(key, text), chunk.signature)
    given = dict(body.trailers).get(_TRAILER_SIGNATURE)
    if payload_hash == SIGNED_TRAILER:
        lines = sorted(f"{name}:{value}\n" for name, value in body.trailers if name != _TRAILER_SIGNATURE)
        text = f"AWS4-HMAC-SHA256-TRAILER\n{context}\n{previous}\n{sha256(''.join(lines).encode('latin-1'))}"
        _matching(sign(key, text), given)
    elif body.trailers:
        raise _incomplete_body()


def _matching(expected: str, given: str | None) -> str:
    if given is None or not hmac.compare_digest(expected.encode(), given.encode("latin-1")):
        raise signature_mismatch(Dialect.S3)
    return expected


def _verify_trailers(request: WireRequest, body: ChunkedBody, payload_hash: str) -> None:
    announced = {name.strip().lower() for name in (request.header("x-amz-trailer") or "").split(",")} - {""}
    sent = {name for name, _ in body.trailers} - {_TRAILER_SIGNATURE}
    if announced != sent or (payload_hash == SIGNED and announced):
        raise AwsError(
            "MalformedTrailerError",
            "The request contained trailing data that was not well-formed "
            "or did not conform to our published schema.",
            status=400,
        )
    for name, value in body.trailers:
        checksum = _CHECKSUMS.get(name)
        if checksum and base64.b64encode(checksum(body.content)).decode() != value:
            raise AwsError(
                "BadDigest",
                f"The {name.rsplit('-', 1)[1].upper()} you specified did not match the calculated checksum.",
                status=400,
            )


def _trailers(rest: bytes) -> tuple[tuple[str, str], ...]:
    lines = rest.decode("latin-1").split("\r\n")
    if len(lines) > 64 or any(lines[-2:]) or len(lines) < 2:
        raise _incomplete_body()
    trailers = []
    for line in (line for line in lines if line):
        name, colon, value = line.partition(":")
        if not colon:
            raise _incomplete_body()
        trailers.append((name.strip().lower(), value.strip()))
    if len(dict(trailers)) != len(trailers):
        raise _incomplete_body()
    return tuple(trailers)


def _incomplete_body() -> AwsError:
    return AwsError("IncompleteBody", "The request body terminated unexpectedly", status=400)
