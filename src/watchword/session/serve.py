"""The container credential endpoint: credentials over HTTP on 127.0.0.1, for who knows the token.

One path, one method. A page in a browser cannot ask: it does not know the token, and a name that was made to
point here (DNS rebinding) is not the `Host` that is answered. Nothing that is asked or answered is logged.
Source: "Container credential provider", AWS SDKs and Tools Reference Guide; the SDKs wait 1 or 2 seconds for
an answer and ask again after a 5xx (Python 3 times, JavaScript 4, Java 6), and Go reads `code` and `message`.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import secrets
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from watchword.errors import WatchwordError
from watchword.fastpath.session_file import written
from watchword.session.errors import NotNow
from watchword.session.session import Session

_SEE: Final = "docs/getting-in/serve.md"
_HOST: Final = "127.0.0.1"
_PATH: Final = "/credentials"
_LONGEST_REQUEST_SECONDS: Final = 5
_MOST_AT_ONCE: Final = 64


class CredentialEndpoint(ThreadingHTTPServer):
    """A server that answers with what `session` returns, from threads, from `start` until `close`.

    `session` raises `NotNow` when there is none at present, and any other `WatchwordError` when there will be
    none. It has to come back within a second, for no SDK waits longer.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = _MOST_AT_ONCE
    allow_reuse_address = False

    def __init__(self, session: Callable[[], Session], *, port: int = 0) -> None:
        """Listen on `port` of 127.0.0.1, 0 for a free one; raise `WatchwordError` when that cannot be."""
        self.token = secrets.token_urlsafe(32)
        self.session = session
        self._started = False
        self._places = threading.BoundedSemaphore(_MOST_AT_ONCE)
        try:
            super().__init__((_HOST, port), _Handler)
        except OSError as error:
            raise WatchwordError(
                f"cannot listen on port {port} of {_HOST}: {(error.strerror or str(error)).lower()}",
                hint="leave `--port` out, and a free one is taken",
                see=_SEE,
            ) from error

    @property
    def url(self) -> str:
        """Return the address that programs are told."""
        return f"http://{_HOST}:{self.server_port}{_PATH}"

    def start(self) -> None:
        """Answer from now on; whoever asked before has been kept waiting."""
        self._started = True
        threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.1}, name="endpoint", daemon=True
        ).start()

    def close(self) -> None:
        """Answer nobody any more."""
        if self._started:
            self.shutdown()
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 socketserver's own
        """Answer in a thread of its own, or close at once when too many are being answered."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 as above
        """Answer one connection within a bounded time, however slowly it asks."""
        watch = threading.Timer(_LONGEST_REQUEST_SECONDS, _hang_up, [request])
        watch.daemon = True
        watch.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            watch.cancel()
            self._places.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a traceback could hold what was asked, and whoever asked sees no answer."""


def _hang_up(request: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it has ended by itself
        request.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: CredentialEndpoint
    timeout = _LONGEST_REQUEST_SECONDS
    server_version = "watchword"
    sys_version = ""

    def do_GET(self) -> None:
        if self.headers.get_all("Host") not in ([self._own_host()], [f"localhost:{self.server.server_port}"]):
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST, "WrongHost", "this host name is not answered here")
        elif self.path != _PATH:
            self._refuse(HTTPStatus.NOT_FOUND, "NoSuchPath", "there is nothing at this path")
        elif not self._knows_the_token():
            self._refuse(
                HTTPStatus.UNAUTHORIZED, "WrongToken", "AWS_CONTAINER_AUTHORIZATION_TOKEN is missing or wrong"
            )
        else:
            self._answer()

    def _own_host(self) -> str:
        return f"{_HOST}:{self.server.server_port}"

    def _knows_the_token(self) -> bool:
        given = self.headers.get_all("Authorization") or []
        return len(given) == 1 and hmac.compare_digest(
            given[0].encode("utf-8", "replace"), self.server.token.encode()
        )

    def _answer(self) -> None:
        try:
            session = self.server.session()
        except NotNow as why:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "SignInNeeded", why.message, retry=True)
        except WatchwordError as why:
            self._refuse(HTTPStatus.BAD_REQUEST, "NoCredentials", why.message)
        else:
            credentials = session.credentials
            self._send(
                HTTPStatus.OK,
                {
                    "AccessKeyId": credentials.access_key_id,
                    "SecretAccessKey": credentials.secret_access_key,
                    "Token": credentials.session_token,
                    "Expiration": written(credentials.expires_at),
                    "AccountId": session.account,
                },
            )

    def _refuse(self, status: HTTPStatus, code: str, message: str, *, retry: bool = False) -> None:
        # JavaScript reads the names in capitals, Go the others.
        value = {"code": code, "message": message, "Code": code, "Message": message}
        self._send(status, value, **({"Retry-After": "1"} if retry else {}))

    def _send(self, status: HTTPStatus, value: dict[str, str], **headers: str) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002 http.server's signature
        """Answer what is no request that is known here, without repeating any of it."""
        self._refuse(HTTPStatus(code), "BadRequest", "only GET of one path is answered here")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 http.server's own name
        """Log nothing."""
