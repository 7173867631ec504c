"""One already-authorised request, as moto's Flask applications want to see it."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import unquote_to_bytes, urlencode

from watchword.sandbox.plane.known_parameters import refuse_unknown
from watchword.sandbox.wire.error import SandboxRefusal
from watchword.sandbox.wire.operation import Operation, Protocol
from watchword.sandbox.wire.request import WireRequest, parse_query

# Who signed, and with what, was settled before the request comes here: moto sees a header of our making.
_SIGNATURE_HEADERS = frozenset(
    {"authorization", "x-amz-security-token", "x-moto-account-id", "user-agent", "host", "content-length"}
)
# moto guesses a region from the User-Agent before it looks at the signature: give it none to find.
_USER_AGENT = "watchword-sandbox"
_PRESERVED_NAMES = "moto.preserved_header_names"
_PRESIGNING = (
    "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-signedheaders",
    "x-amz-signature", "x-amz-security-token",
)  # fmt: skip
# INVARIANT: moto must read the same operation and parameters that were authorised. It looks for an `Action`
# in the query string, the form, the body and the headers, whatever the protocol; so each protocol is given to
# it in the one form in which there is one reading.
_FORM = "application/x-www-form-urlencoded"
_FORMS = (_FORM, "multipart/form-data")
_NO_QUERY = "watchword=1"  # moto reads a JSON body as a form, too, unless there is a query string


def environ_of(
    request: WireRequest, operation: Operation, *, access_key_id: str, account: str, host: str
) -> dict[str, Any]:
    """Return the WSGI environment for moto.

    The account and the region are ours: they come from the verified caller and the credential scope, never
    from a header that the client may write.
    """
    query, body, content_type = _one_reading(request, operation)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST" if content_type == _FORM else request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.raw_path).decode("latin-1"),
        "RAW_URI": request.raw_path,
        "REQUEST_URI": request.raw_path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": host.rpartition(":")[2],
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    _add_headers(environ, request)
    if content_type is not None:
        environ["CONTENT_TYPE"] = content_type
    if operation.service != "s3":
        environ.pop("HTTP_CONTENT_ENCODING", None)  # the body was read as it is
    environ["HTTP_HOST"] = host
    environ["HTTP_USER_AGENT"] = _USER_AGENT
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
    environ["HTTP_AUTHORIZATION"] = (
        f"AWS4-HMAC-SHA256 Credential={access_key_id}/20000101/{operation.region}/{operation.signing_name}"
        "/aws4_request, SignedHeaders=host, Signature=0"
    )
    return environ


def _add_headers(environ: dict[str, Any], request: WireRequest) -> None:
    names: dict[str, str] = {}
    for name, value in request.headers:
        lower = name.lower()
        if lower in _SIGNATURE_HEADERS:
            continue
        if "_" in name and not lower.startswith("x-amz-meta-"):
            continue  # `X_Foo` and `X-Foo` are one key in an environ: the first must not pose as the second
        key = name.upper().replace("-", "_")
        if key != "CONTENT_TYPE":
            key = f"HTTP_{key}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
        if "_" in name:
            names[key] = name
    environ[_PRESERVED_NAMES] = names


def _one_reading(request: WireRequest, operation: Operation) -> tuple[str, bytes, str | None]:
    """Return query string, body and content type (None: as sent) in the form that has one reading."""
    query = _without_presigning(request.raw_query)
    match operation.protocol:
        case Protocol.QUERY | Protocol.EC2:
            return "", _form(request, query), _FORM
        case Protocol.JSON | Protocol.RPC_V2_CBOR:
            if query:
                raise SandboxRefusal("this operation takes no query string")
            return _NO_QUERY, request.body, None
        case Protocol.REST_JSON | Protocol.REST_XML:
            if (request.header("content-type") or "").lower().startswith(_FORMS):
                raise SandboxRefusal("a form cannot be the body of this operation")
            if operation.service != "s3" and "%2f" in request.raw_path.lower():
                # moto decodes before it splits the path, and would take a label for two segments.
                raise SandboxRefusal("an encoded slash in the path of this operation is not supported")
            if any(name == "Action" for name, _ in request.query):
                raise SandboxRefusal("this operation takes no parameter `Action`")
            if operation.protocol is Protocol.REST_JSON:
                refuse_unknown(request, operation)
            return query, request.body, None


def _form(request: WireRequest, query: str) -> bytes:
    pairs = [*parse_query(query), *parse_query(request.body.decode("latin-1"))]
    if len({name for name, _ in pairs}) != len(pairs):
        raise SandboxRefusal("a parameter is given twice")
    return urlencode(pairs).encode()


def _without_presigning(raw_query: str) -> str:
    kept = [pair for pair in raw_query.split("&") if pair and not pair.lower().startswith(_PRESIGNING)]
    return "&".join(kept)
