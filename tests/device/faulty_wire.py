"""The way to AWS, with a fault in it: one operation's request or answer is lost, or held up.

Bytes are passed on as they came, so signatures stay true.
"""

from __future__ import annotations

import enum
import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Fault(enum.Enum):
    NONE = "pass on"
    LOSE_REQUEST = "close without passing on"
    LOSE_ANSWER = "pass on, then close without the answer"
    HOLD_REQUEST = "keep the request until released, then pass on"
    HOLD_AND_LOSE_REQUEST = "keep the request until released, then close without passing on"
    HOLD_ANSWER = "pass on, then keep the answer until released"


class FaultyWire(ThreadingHTTPServer):
    """Listens on 127.0.0.1; `fault` befalls the requests of `operation` ("*": all)."""

    daemon_threads = True

    def __init__(self, endpoint_url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        parts = urlsplit(endpoint_url)
        assert parts.hostname is not None
        assert parts.port is not None
        self.target = (parts.hostname, parts.port)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.operation = ""
        self.fault = Fault.NONE
        self.held = threading.Event()  # the operation waits to be passed on
        self.passed_on = threading.Event()  # the operation has been done
        self.released = threading.Event()
        self.operations: list[str] = []

    def befall(self, operation: str, fault: Fault) -> None:
        self.operation, self.fault = operation, fault

    def fault_of(self, operation: str) -> Fault:
        return self.fault if self.operation in {operation, "*"} else Fault.NONE


class _Handler(BaseHTTPRequestHandler):
    server: FaultyWire

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        operation = parse_qs(body.decode()).get("Action", ["?"])[0]
        self.server.operations.append(operation)
        fault = self.server.fault_of(operation)
        self.close_connection = True
        if fault is Fault.LOSE_REQUEST:
            return
        if fault in {Fault.HOLD_REQUEST, Fault.HOLD_AND_LOSE_REQUEST}:
            self.server.held.set()
            self.server.released.wait(30)
            if fault is Fault.HOLD_AND_LOSE_REQUEST:
                return
        answer = self._pass_on(body)
        if fault in {Fault.NONE, Fault.HOLD_REQUEST}:
            self.wfile.write(answer)
            return
        self.server.passed_on.set()
        if fault is Fault.HOLD_ANSWER:
            self.server.released.wait(30)

    def _pass_on(self, body: bytes) -> bytes:
        head = f"{self.requestline}\r\n" + "".join(
            f"{name}: {text}\r\n" for name, text in self.headers.items()
        )
        with socket.create_connection(self.server.target) as connection:
            connection.sendall(head.encode() + b"\r\n" + body)
            response = http.client.HTTPResponse(connection)
            response.begin()
            content = response.read()
        lines = [f"HTTP/1.1 {response.status} {response.reason}"]
        skipped = {"transfer-encoding", "content-length", "connection"}
        lines += [f"{name}: {text}" for name, text in response.getheaders() if name.lower() not in skipped]
        lines += [f"Content-Length: {len(content)}", "Connection: close", "", ""]
        return "\r\n".join(lines).encode() + content

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def faulty_wire(endpoint_url: str) -> Iterator[FaultyWire]:
    wire = FaultyWire(endpoint_url)
    thread = threading.Thread(target=wire.serve_forever, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        wire.released.set()
        wire.shutdown()
        wire.server_close()
        thread.join()
