"""The way to AWS, which is asked too often: the first calls of an operation are throttled."""

from __future__ import annotations

import http.client
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

# Source: "Common Errors", IAM API Reference.
_THROTTLED = (
    b'<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>'
    b"<Code>Throttling</Code><Message>Rate exceeded</Message></Error><RequestId>-</RequestId></ErrorResponse>"
)


class ThrottlingWire(ThreadingHTTPServer):
    """Listens on 127.0.0.1; `refuses` is how many calls of an operation are throttled before one goes on."""

    daemon_threads = True

    def __init__(self, endpoint_url: str, refuses: Mapping[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        parts = urlsplit(endpoint_url)
        assert parts.hostname is not None
        assert parts.port is not None
        self.target = (parts.hostname, parts.port)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.refuses = dict(refuses)
        self.calls: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.now, self.most_at_once = 0, 0

    def is_throttled(self, operation: str) -> bool:
        with self.lock:
            self.calls[operation] += 1
            return self.calls[operation] <= self.refuses.get(operation, 0)


class _Handler(BaseHTTPRequestHandler):
    server: ThrottlingWire

    def do_POST(self) -> None:
        with self.server.lock:
            self.server.now += 1
            self.server.most_at_once = max(self.server.now, self.server.most_at_once)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        operation = parse_qs(body.decode()).get("Action", ["?"])[0]
        self.close_connection = True
        status, content = (400, _THROTTLED) if self.server.is_throttled(operation) else self._passed_on(body)
        with self.server.lock:
            self.server.now -= 1
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def _passed_on(self, body: bytes) -> tuple[int, bytes]:
        head = f"{self.requestline}\r\n" + "".join(
            f"{name}: {text}\r\n" for name, text in self.headers.items()
        )
        with socket.create_connection(self.server.target) as connection:
            connection.sendall(head.encode() + b"\r\n" + body)
            response = http.client.HTTPResponse(connection)
            response.begin()
            return response.status, response.read()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def throttling_wire(endpoint_url: str, **refuses: int) -> Iterator[ThrottlingWire]:
    wire = ThrottlingWire(endpoint_url, refuses)
    thread = threading.Thread(target=wire.serve_forever, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        wire.shutdown()
        wire.server_close()
        thread.join()
