"""The HTTP server: 127.0.0.1 only, a thread a connection, connections that stay open."""

from __future__ import annotations

import threading
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from watchword.sandbox.answer import Sandbox
from watchword.sandbox.body import BodyError, read_body
from watchword.sandbox.control import Control
from watchword.sandbox.control_prefix import PREFIX
from watchword.sandbox.wire.error import AwsError, SandboxRefusal
from watchword.sandbox.wire.render import WireResponse, render_error
from watchword.sandbox.wire.request import WireRequest

HOST = "127.0.0.1"
_IDLE_SECONDS = 75


class Handler(BaseHTTPRequestHandler):
    """HTTP/1.1. The target and the headers are taken as they were sent: signatures are made over those.

    The standard library bounds them: 64 KiB a line, 100 headers. An answer is written in one piece, because
    two small ones would wait for each other on an open connection.
    """

    protocol_version = "HTTP/1.1"
    server_version = "watchword-sandbox"
    sys_version = ""
    error_message_format = "%(code)d %(message)s\n"
    error_content_type = "text/plain"
    wbufsize = 64 * 1024
    timeout = _IDLE_SECONDS
    server: _HttpServer
    raw_requestline: bytes

    def take(self) -> None:
        """Read one request and answer it."""
        try:
            body = read_body(self.rfile, self.headers)
            target = self.raw_requestline.split()[1].decode("latin-1")
            request = WireRequest.of_target(self.command, target, self.headers.items(), body)
        except BodyError as error:
            self.close_connection = True  # what is left of the request cannot be told from the next one
            self._write(_refusal(SandboxRefusal(str(error), status=error.status)))
        except AwsError as error:
            self._write(_refusal(error))
        else:
            self._write(self.server.respond(request))
            # Whoever asked for the stop has its answer first: no other request ends the process.
            if request.raw_path.startswith(PREFIX) and self.server.control.asked_to_stop.is_set():
                self.server.stop()

    def _write(self, response: WireResponse) -> None:
        self.send_response(response.status)
        names = set()
        for name, value in response.headers:
            names.add(name.lower())
            self.send_header(name, value)
        if "content-length" not in names and response.status != 204:
            self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    def handle_expect_100(self) -> bool:
        """Tell the client at once to go on: it waits for that."""
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return what the `Date` header says: the time of signatures, with its skew."""
        del timestamp
        return format_datetime(self.server.sandbox.clock.signature_now(), usegmt=True)

    def version_string(self) -> str:
        """Return what the `Server` header says."""
        return self.server_version

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's signature
        """Say nothing: a presigned URL in a log would be a secret in a log."""


for _method in ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"):
    setattr(Handler, f"do_{_method}", Handler.take)


def _refusal(error: AwsError) -> WireResponse:
    return render_error(error, None, WireRequest(method="GET", raw_path="/"), request_id="-")


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    sandbox: Sandbox
    control: Control

    def respond(self, request: WireRequest) -> WireResponse:
        """Answer at the control door below its prefix, as AWS everywhere else."""
        if request.raw_path.startswith(PREFIX):
            return self.control.answer(request)
        return self.sandbox.answer(request)

    def stop(self) -> None:
        """End `serve_forever`, from any thread."""
        threading.Thread(target=self.shutdown, daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that went away."""


class Server:
    """A listening server. `port` 0 takes a free one. Raises OSError when it cannot listen.

    Connections that come before `serve` wait for it.
    """

    def __init__(self, *, port: int = 0) -> None:
        self._http = _HttpServer((HOST, port), Handler)

    @property
    def host(self) -> str:
        """Where it listens, such as `127.0.0.1:4566`."""
        return f"{HOST}:{self._http.server_port}"

    @property
    def port(self) -> int:
        """The port that it has."""
        return self._http.server_port

    @property
    def endpoint_url(self) -> str:
        """The URL for AWS_ENDPOINT_URL."""
        return f"http://{self.host}"

    def serve(self, sandbox: Sandbox, control: Control) -> None:
        """Answer requests until `stop`."""
        self._http.sandbox, self._http.control = sandbox, control
        self._http.serve_forever(poll_interval=0.05)
        self._http.server_close()

    def stop(self) -> None:
        """Let `serve` return. May be called from any thread, also while a request is answered."""
        self._http.stop()
