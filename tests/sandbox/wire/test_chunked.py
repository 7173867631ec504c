"""Bodies in chunks: AWS's own examples, botocore's uploads, and what becomes of them when touched."""

from __future__ import annotations

import base64
import io
import zlib
from datetime import UTC, datetime

import pytest

from sandbox.wire.sent import HOST, NOW, SECRET, replaced, sent, signed
from watchword.sandbox.wire import chunked
from watchword.sandbox.wire.canonical import sha256, sign, signing_key
from watchword.sandbox.wire.error import AwsError
from watchword.sandbox.wire.operation import identify
from watchword.sandbox.wire.request import WireRequest
from watchword.sandbox.wire.sigv4 import read_signature, verify

REFERENCE_NOW = datetime(2013, 5, 24, tzinfo=UTC)
CREDENTIAL = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"
PIECES = (b"a" * 65536, b"a" * 1024, b"")
SIGNATURES = (
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
)
TRAILER_SIGNATURES = (
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
)
TRAILERS = (
    b"x-amz-checksum-crc32c:sOO8/Q==\r\n"
    b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n"
)


def joined(signatures: tuple[str, ...], trailers: bytes = b"") -> bytes:
    parts = [
        f"{len(piece):x};chunk-signature={signature}\r\n".encode() + piece + (b"\r\n" if piece else b"")
        for piece, signature in zip(PIECES, signatures, strict=True)
    ]
    return b"".join(parts) + trailers + b"\r\n"


def reference(kind: str, signature: str, body: bytes, more: dict[str, str]) -> WireRequest:
    headers = {
        "Host": "s3.amazonaws.com",
        "x-amz-date": "20130524T000000Z",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": kind,
        "Content-Encoding": "aws-chunked",
        "x-amz-decoded-content-length": "66560",
        **more,
    }
    names = ";".join(sorted(name.lower() for name in headers))
    headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={CREDENTIAL},SignedHeaders={names},Signature={signature}"
    )
    return WireRequest.of_target("PUT", "/examplebucket/chunkObject.txt", headers.items(), body)


def signed_chunks(body: bytes | None = None) -> WireRequest:
    return reference(
        chunked.SIGNED,
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        joined(SIGNATURES) if body is None else body,
        {"Content-Length": "66824"},
    )


def signed_trailer(body: bytes | None = None) -> WireRequest:
    return reference(
        chunked.SIGNED_TRAILER,
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
        joined(TRAILER_SIGNATURES, TRAILERS) if body is None else body,
        {"x-amz-trailer": "x-amz-checksum-crc32c"},
    )


def check(request: WireRequest, now: datetime = NOW) -> None:
    signature = read_signature(request)
    assert signature is not None
    verify(request, signature, secret_access_key=SECRET, now=now)


def refusal(request: WireRequest, now: datetime = NOW) -> str:
    with pytest.raises(AwsError) as refused:
        check(request, now)
    return refused.value.code


def test_the_examples_of_the_s3_reference_are_right() -> None:
    check(signed_chunks(), REFERENCE_NOW)
    check(signed_trailer(), REFERENCE_NOW)


def test_a_chunk_that_is_changed_is_found() -> None:
    body = joined(SIGNATURES)

    for changed in (
        body.replace(b"a\r\n400", b"b\r\n400"),
        body.replace(SIGNATURES[1].encode(), SIGNATURES[0].encode()),
        body.replace(SIGNATURES[2].encode(), SIGNATURES[1].encode()),
        body.replace(f";chunk-signature={SIGNATURES[1]}".encode(), b""),
    ):
        assert changed != body
        assert refusal(signed_chunks(changed), REFERENCE_NOW) == "SignatureDoesNotMatch"


def test_chunks_that_are_left_out_are_found() -> None:
    body = joined(SIGNATURES)
    second = body.index(b"400;")
    last = body.index(b"0;chunk-signature=b6c6")

    assert refusal(signed_chunks(body[:second] + body[last:]), REFERENCE_NOW) == "SignatureDoesNotMatch"
    assert refusal(signed_chunks(body[:last]), REFERENCE_NOW) == "IncompleteBody"
    assert refusal(signed_chunks(body[:-2]), REFERENCE_NOW) == "IncompleteBody"
    assert refusal(signed_chunks(body + b"x"), REFERENCE_NOW) == "IncompleteBody"
    assert refusal(signed_chunks(b""), REFERENCE_NOW) == "IncompleteBody"


def test_a_trailer_that_is_changed_is_found() -> None:
    body = joined(TRAILER_SIGNATURES, TRAILERS)

    changed = refusal(signed_trailer(body.replace(b"sOO8", b"sOO9")), REFERENCE_NOW)
    unsigned = refusal(signed_trailer(joined(TRAILER_SIGNATURES, TRAILERS[:32])), REFERENCE_NOW)
    added = refusal(
        signed_trailer(body.replace(b"x-amz-trailer-s", b"a:b\r\nx-amz-trailer-s")), REFERENCE_NOW
    )

    assert {changed, unsigned, added} == {"SignatureDoesNotMatch"}


def unsigned_trailer(body: bytes, length: int = 5, trailer: str = "x-amz-checksum-crc32") -> WireRequest:
    headers = {
        "Content-Encoding": "aws-chunked",
        "x-amz-decoded-content-length": str(length),
        "x-amz-trailer": trailer,
        "x-amz-content-sha256": chunked.UNSIGNED_TRAILER,
    }
    url = f"http://{HOST}/bucket/key"
    request = signed("PUT", url, service="s3", headers=headers)
    return _signed_again(replaced(request, headers=dict(headers), body=body))


def _signed_again(request: WireRequest) -> WireRequest:
    """Sign by hand: botocore signs a trailer only for an upload over TLS."""
    from watchword.sandbox.wire.canonical import canonical_request

    names = tuple(sorted({name.lower() for name, _ in request.headers} - {"authorization"}))
    scope = "20260102/eu-west-1/s3/aws4_request"
    canonical = canonical_request(
        request, signed_headers=names, payload_hash=chunked.UNSIGNED_TRAILER, single_encoding=True
    )
    key = signing_key(SECRET, "20260102", "eu-west-1", "s3")
    signature = sign(key, f"AWS4-HMAC-SHA256\n20260102T030405Z\n{scope}\n{sha256(canonical)}")
    authorization = (
        f"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/{scope}, SignedHeaders={';'.join(names)}, "
        f"Signature={signature}"
    )
    return replaced(request, headers={"authorization": authorization})


CRC = base64.b64encode(zlib.crc32(b"hello").to_bytes(4, "big"))


def test_an_unsigned_body_with_a_trailer_is_taken_when_its_checksum_is_right() -> None:
    check(unsigned_trailer(b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + CRC + b"\r\n\r\n"))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"5\r\nhallo\r\n0\r\nx-amz-checksum-crc32:" + CRC + b"\r\n\r\n", "BadDigest"),
        (b"5\r\nhello\r\n0\r\n\r\n", "MalformedTrailerError"),
        (b"5\r\nhello\r\n0\r\nx-amz-checksum-sha1:x\r\n\r\n", "MalformedTrailerError"),
        (b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + CRC + b"\r\n", "IncompleteBody"),
        (b"4\r\nhello\r\n0\r\n\r\n", "IncompleteBody"),
        (b"ffffffff\r\nhello\r\n0\r\n\r\n", "IncompleteBody"),
        (b"5;chunk-signature=" + b"0" * 64 + b"\r\nhello\r\n0\r\n\r\n", "IncompleteBody"),
        (b"-5\r\nhello\r\n0\r\n\r\n", "IncompleteBody"),
    ],
)
def test_an_unsigned_body_that_is_not_right_is_refused(body: bytes, code: str) -> None:
    assert refusal(unsigned_trailer(body)) == code


def test_the_length_that_was_announced_is_checked() -> None:
    body = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + CRC + b"\r\n\r\n"

    assert refusal(unsigned_trailer(body, length=6)) == "IncompleteBody"


def test_what_boto3_uploads_over_tls_is_verified_and_decoded() -> None:
    request = sent(
        "s3",
        "PutObject",
        endpoint=f"https://{HOST}",
        Bucket="bucket",
        Key="k",
        Body=io.BytesIO(b"hello" * 500_000),
    )

    assert request.header("x-amz-content-sha256") == chunked.UNSIGNED_TRAILER
    check(request)
    assert identify(request).params["Body"] == b"hello" * 500_000
    assert refusal(replaced(request, body=request.body.replace(b"hello", b"hallo", 1))) == "BadDigest"


def test_what_boto3_uploads_in_the_clear_is_signed_whole() -> None:
    request = sent("s3", "PutObject", Bucket="bucket", Key="k", Body=b"hello", ChecksumAlgorithm="SHA256")

    check(request)
    assert chunked.body_of(request) == b"hello"
