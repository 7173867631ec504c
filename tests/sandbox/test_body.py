"""Bodies of HTTP requests: read once, in one way, and never too much."""

from __future__ import annotations

import io
from email.message import Message
from http.client import parse_headers

import pytest

from watchword.sandbox.body import BodyError, read_body
from watchword.sandbox.wire.request import MAX_BODY_BYTES


def headers(*pairs: tuple[str, str]) -> Message:
    message = Message()
    for name, value in pairs:
        message[name] = value
    return message


CHUNKED = ("Transfer-Encoding", "chunked")


def test_a_body_is_as_long_as_its_header_says() -> None:
    stream = io.BytesIO(b"onetwo")
    assert read_body(stream, headers(("Content-Length", "3"))) == b"one"
    assert stream.read() == b"two"
    assert read_body(io.BytesIO(b"one"), headers()) == b""


def test_chunks_are_put_together() -> None:
    stream = io.BytesIO(b"3\r\none\r\n4;name=value\r\nmore\r\n0\r\nTrailer: 1\r\n\r\nnext")
    assert read_body(stream, headers(CHUNKED)) == b"onemore"
    assert stream.read() == b"next"


@pytest.mark.parametrize(
    ("pairs", "sent"),
    [
        ([("Content-Length", "3"), ("Content-Length", "4")], b"onetwo"),
        ([("Content-Length", "3"), CHUNKED], b"3\r\none\r\n0\r\n\r\n"),
        ([("Transfer-Encoding", "gzip, chunked")], b""),
        ([CHUNKED, CHUNKED], b"0\r\n\r\n"),
        ([("Content-Length", "-1")], b""),
        ([("Content-Length", "٣")], b"one"),
        ([("Content-Length", "9")], b"one"),
        ([CHUNKED], b"x\r\n"),
        ([CHUNKED], b"-3\r\none\r\n0\r\n\r\n"),
        ([CHUNKED], b"3\r\nonetwo\r\n0\r\n\r\n"),
        ([CHUNKED], b"3\none\n0\n\n"),
        ([CHUNKED], b"3\r\non"),
        ([CHUNKED], b"0\r\n" + b"T: 1\r\n" * 101),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(pairs: list[tuple[str, str]], sent: bytes) -> None:
    with pytest.raises(BodyError):
        read_body(io.BytesIO(sent), headers(*pairs))


def test_a_body_that_is_too_long_is_not_read() -> None:
    stream = io.BytesIO(b"x" * 10)
    with pytest.raises(BodyError) as caught:
        read_body(stream, headers(("Content-Length", str(MAX_BODY_BYTES + 1))))
    assert (caught.value.status, stream.tell()) == (413, 0)
    with pytest.raises(BodyError):
        read_body(io.BytesIO(b"%x\r\n" % (MAX_BODY_BYTES + 1)), headers(CHUNKED))


def test_a_line_that_is_no_header_is_refused() -> None:
    parsed = parse_headers(io.BytesIO(b"Host: x\r\nno header\r\nContent-Length: 3\r\n\r\n"))
    with pytest.raises(BodyError):
        read_body(io.BytesIO(b"one"), parsed)
    parsed = parse_headers(io.BytesIO(b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"))
    assert read_body(io.BytesIO(), parsed) == b""
