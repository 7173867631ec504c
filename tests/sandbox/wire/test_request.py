from __future__ import annotations

import io

import pytest

from watchword.sandbox.wire.error import AwsError, SandboxRefusal
from watchword.sandbox.wire.request import MAX_BODY_BYTES, WireRequest, header_text


def environ(target: str = "/", body: bytes = b"", **more: object) -> dict[str, object]:
    return {
        "REQUEST_METHOD": "POST",
        "RAW_URI": target,
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
        **more,
    }


def test_the_path_stays_as_it_was_sent() -> None:
    request = WireRequest.of_target("get", "/bucket/a%2Fb%20c//d?x=1")

    assert request.method == "GET"
    assert request.raw_path == "/bucket/a%2Fb%20c//d"


def test_the_query_is_decoded_in_order_with_empty_and_repeated_values() -> None:
    request = WireRequest.of_target("GET", "/?b=2&a&a=%C3%A9+x&&c=")

    assert request.query == (("b", "2"), ("a", ""), ("a", "é x"), ("c", ""))
    assert request.raw_query == "b=2&a&a=%C3%A9+x&&c="


def test_an_absolute_target_is_its_path() -> None:
    assert WireRequest.of_target("GET", "http://127.0.0.1:1/a?b").raw_path == "/a"
    assert WireRequest.of_target("GET", "http://127.0.0.1:1").raw_path == "/"
    assert WireRequest.of_target("GET", "http://127.0.0.1:1?b=1").query == (("b", "1"),)


@pytest.mark.parametrize("target", ["/%ff", "/?a=%ff", "/?%ff=a", "/\xe9", "/?a=\u1234", "/a\x00b"])
def test_a_target_that_is_not_percent_encoded_utf8_is_refused(target: str) -> None:
    with pytest.raises(AwsError) as refused:
        WireRequest.of_target("GET", target)

    assert refused.value.code == "InvalidURI"


def test_headers_ignore_case_and_keep_every_value() -> None:
    request = WireRequest.of_target("GET", "/", [("X-A", "1"), ("x-a", "2")])

    assert request.header("X-a") == "1,2"
    assert request.header_values("X-A") == ("1", "2")
    assert request.header("none") is None


def test_wsgi_headers_and_body_are_read() -> None:
    request = WireRequest.from_environ(
        environ("/p?q", b"body", HTTP_X_AMZ_DATE="d", CONTENT_TYPE="text/plain", SERVER_NAME="x")
    )

    assert dict(request.headers) == {"x-amz-date": "d", "content-type": "text/plain", "content-length": "4"}
    assert request.body == b"body"


def test_a_body_without_a_length_is_read_when_the_server_says_where_it_ends() -> None:
    chunked = environ(body=b"abc") | {"wsgi.input_terminated": True}
    del chunked["CONTENT_LENGTH"]

    assert WireRequest.from_environ(chunked).body == b"abc"


def test_a_body_is_not_read_beyond_its_length() -> None:
    assert WireRequest.from_environ(environ(body=b"abcdef", CONTENT_LENGTH="3")).body == b"abc"


@pytest.mark.parametrize("length", ["", "-1", "x", "²"])
def test_a_length_that_is_no_number_is_no_body(length: str) -> None:
    assert WireRequest.from_environ(environ(body=b"abc", CONTENT_LENGTH=length)).body == b""


class _Endless(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        return bytes(size)


def test_a_body_that_is_too_long_is_refused() -> None:
    with pytest.raises(SandboxRefusal) as refused:
        WireRequest.from_environ(environ(CONTENT_LENGTH=str(MAX_BODY_BYTES + 1)) | {"wsgi.input": _Endless()})

    assert refused.value.status == 413


def test_a_server_that_keeps_no_raw_target_is_refused() -> None:
    with pytest.raises(SandboxRefusal):
        WireRequest.from_environ({"REQUEST_METHOD": "GET", "PATH_INFO": "/a/b"})


def test_the_repr_shows_no_header_query_or_body() -> None:
    request = WireRequest.of_target("GET", "/p?X-Amz-Security-Token=hush", [("a", "hush")], b"hush")

    assert "hush" not in repr(request)


def test_header_text_is_utf8_when_it_can_be() -> None:
    assert header_text("Ã©") == "é"
    assert header_text("é") == "é"
