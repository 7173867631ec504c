"""The body of an HTTP/1.1 request, bounded.

Source: RFC 9112, clauses 6.1 to 7.1. Where a message could be read in two ways it is refused.
"""

from __future__ import annotations

from email import errors
from email.message import Message
from typing import BinaryIO, Protocol

from watchword.sandbox.wire.request import MAX_BODY_BYTES

_NOT_HEADERS = (
    errors.FirstHeaderLineIsContinuationDefect,
    errors.InvalidHeaderDefect,
    errors.MissingHeaderBodySeparatorDefect,
)
_LINE_BYTES = 4096
_TRAILERS = 100


class BodyError(Exception):
    """The body cannot be read, or is too long. The connection must be closed."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Stream(Protocol):
    """What a body is read from."""

    def read(self, size: int, /) -> bytes: ...
    def readline(self, size: int, /) -> bytes: ...


def read_body(stream: Stream | BinaryIO, headers: Message) -> bytes:
    """Return the body, unchunked. Raises BodyError."""
    if any(isinstance(defect, _NOT_HEADERS) for defect in headers.defects):
        # What follows a line that is no header would be taken for the body.
        raise BodyError("a line of the headers is not a header")
    lengths = headers.get_all("content-length") or []
    encodings = headers.get_all("transfer-encoding") or []
    if encodings:
        if lengths or len(encodings) > 1 or encodings[0].strip().lower() != "chunked":
            raise BodyError("the length of the body is given in more than one way")
        return _chunks(stream)
    if len(set(lengths)) > 1:
        raise BodyError("the length of the body is given in more than one way")
    if not lengths:
        return b""
    text = lengths[0].strip()
    if not (text.isascii() and text.isdigit()):
        raise BodyError("the length of the body is not a number")
    return _exactly(stream, int(text), room=MAX_BODY_BYTES)


def _chunks(stream: Stream | BinaryIO) -> bytes:
    parts: list[bytes] = []
    room = MAX_BODY_BYTES
    while size := _chunk_size(stream):
        parts.append(_exactly(stream, size, room=room))
        room -= size
        if _line(stream) != b"":
            raise BodyError("a chunk of the body does not end where it says")
    for _ in range(_TRAILERS):
        if _line(stream) == b"":
            return b"".join(parts)
    raise BodyError("the body has too many trailers")


def _chunk_size(stream: Stream | BinaryIO) -> int:
    digits = _line(stream).partition(b";")[0].strip()
    if not digits or digits.strip(b"0123456789abcdefABCDEF"):
        raise BodyError("the size of a chunk is not a number")
    return int(digits, 16)


def _line(stream: Stream | BinaryIO) -> bytes:
    line = stream.readline(_LINE_BYTES)
    if not line.endswith(b"\r\n"):
        raise BodyError("a line of the body is too long, or the body ends too early")
    return line[:-2]


def _exactly(stream: Stream | BinaryIO, size: int, *, room: int) -> bytes:
    if size > room:
        raise BodyError(f"the body is longer than {MAX_BODY_BYTES} bytes", status=413)
    body = stream.read(size)
    if len(body) < size:
        raise BodyError("the body ends too early")
    return body
