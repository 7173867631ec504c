"""One HTTP request, exactly as it was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from watchword.sandbox.wire.error import SandboxRefusal, invalid_uri

MAX_BODY_BYTES = 64 * 1024 * 1024
_ASSUMED_SCHEMES = ("http://", "https://")


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """One HTTP request. Nothing in it is normalised, so that signatures can be checked against it.

    `raw_path` is the path as sent, still percent-encoded. `query` are the pairs of the query string,
    decoded, in order, and `raw_query` is that string as sent. `headers` keep their order; their
    text is the bytes of the wire read as Latin-1, as WSGI has it (see `header_text`).
    """

    method: str
    raw_path: str
    query: tuple[tuple[str, str], ...] = ()
    raw_query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    _by_name: dict[str, tuple[str, ...]] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        index: dict[str, tuple[str, ...]] = {}
        for name, value in self.headers:
            key = name.lower()
            index[key] = (*index.get(key, ()), value)
        object.__setattr__(self, "_by_name", index)

    def __repr__(self) -> str:
        # Headers, the query string and the body may hold tokens, codes and signatures.
        return f"WireRequest(method={self.method!r}, raw_path={self.raw_path!r}, •••)"

    def header(self, name: str) -> str | None:
        """Return the value of the header `name`, case ignored; several are joined by a comma."""
        values = self.header_values(name)
        return ",".join(values) if values else None

    def header_values(self, name: str) -> tuple[str, ...]:
        """Return every value of the header `name`, case ignored, in the order they were sent."""
        return self._by_name.get(name.lower(), ())

    def query_values(self, name: str) -> tuple[str, ...]:
        """Return every value of the query parameter `name`, case minded, in order."""
        return tuple(value for key, value in self.query if key == name)

    @classmethod
    def of_target(
        cls, method: str, target: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> WireRequest:
        """Build a request from the target of its first line, such as `/bucket/key?list-type=2`.

        Raises AwsError (InvalidURI) when the path or the query string is not percent-encoded UTF-8.
        """
        if not target.isascii() or not target.isprintable():
            raise invalid_uri()
        raw_path, _, raw_query = _origin_form(target).partition("?")
        decoded(raw_path)
        return cls(
            method=method.upper(),
            raw_path=raw_path,
            query=parse_query(raw_query),
            raw_query=raw_query,
            headers=tuple(headers),
            body=body,
        )

    @classmethod
    def from_environ(cls, environ: Mapping[str, Any]) -> WireRequest:
        """Build a request from a WSGI environment that has RAW_URI or REQUEST_URI, as werkzeug's has.

        Raises AwsError when the target is not percent-encoded UTF-8, and SandboxRefusal when the server
        did not keep the target as sent, or when the body is longer than `MAX_BODY_BYTES`.
        """
        target = environ.get("RAW_URI") or environ.get("REQUEST_URI")
        if not target:
            # PATH_INFO is decoded: `%2F` and `/` cannot be told apart, and no signature would be right.
            raise SandboxRefusal("the server did not hand over the request's target as it was sent")
        return cls.of_target(environ["REQUEST_METHOD"], target, _headers(environ), _body(environ))


def decoded(text: str) -> str:
    """Percent-decode `text`, once. A `+` stays a plus. Raises AwsError (InvalidURI) when it is not UTF-8."""
    try:
        return unquote_to_bytes(text.encode("latin-1")).decode("utf-8")
    except UnicodeError:
        raise invalid_uri() from None


def parse_query(text: str) -> tuple[tuple[str, str], ...]:
    """Split `a=1&b` into decoded pairs, in order; a missing value is empty, and `+` is a space.

    Raises AwsError (InvalidURI) when a name or a value is not UTF-8.
    """
    pairs = (part.partition("=") for part in text.split("&") if part)
    return tuple((_decoded_field(name), _decoded_field(value)) for name, _, value in pairs)


def header_text(value: str) -> str:
    """Read a header's value as UTF-8 when it is UTF-8, as S3 does with metadata; else leave it."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def _decoded_field(text: str) -> str:
    if text.isascii() and "%" not in text and "+" not in text:
        return text
    return decoded(text.replace("+", " "))


def _origin_form(target: str) -> str:
    target = target.partition("#")[0]
    if target.lower().startswith(_ASSUMED_SCHEMES):
        rest = target.split("://", 1)[1]
        start = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
        target = rest[start:]
    return target if target.startswith("/") else f"/{target}"


def _headers(environ: Mapping[str, Any]) -> list[tuple[str, str]]:
    headers = [
        (name[5:].replace("_", "-").lower(), value)
        for name, value in environ.items()
        if name.startswith("HTTP_") and isinstance(value, str)
    ]
    # An empty Content-Type may have been signed; an empty Content-Length is a server's word for none.
    if "CONTENT_TYPE" in environ:
        headers.append(("content-type", environ["CONTENT_TYPE"]))
    if environ.get("CONTENT_LENGTH"):
        headers.append(("content-length", environ["CONTENT_LENGTH"]))
    return headers


def _body(environ: Mapping[str, Any]) -> bytes:
    stream = environ.get("wsgi.input")
    if stream is None:
        return b""
    length = environ.get("CONTENT_LENGTH") or ""
    if environ.get("wsgi.input_terminated"):
        wanted = MAX_BODY_BYTES + 1
    elif length.isascii() and length.isdigit():
        wanted = min(int(length), MAX_BODY_BYTES + 1)
    else:
        return b""
    body = _read(stream.read, wanted)
    if len(body) > MAX_BODY_BYTES:
        raise SandboxRefusal(f"the body is longer than {MAX_BODY_BYTES} bytes", status=413)
    return body


def _read(read: Callable[[int], bytes], wanted: int) -> bytes:
    parts = []
    while wanted > 0 and (part := read(min(wanted, 1024 * 1024))):
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)
