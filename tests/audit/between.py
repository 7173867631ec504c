"""Something between a program and the sandbox: it counts calls, and can refuse or hold them."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

THROTTLED = (
    b'<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>'
    b"<Code>Throttling</Code><Message>Rate exceeded</Message></Error><RequestId>1</RequestId></ErrorResponse>"
)
Hook = Callable[[str, int], tuple[int, bytes] | None]
"""Gets the operation and how often it was called, from 1 on; what it returns is the answer."""


class Between:
    """Passes calls on. `calls` counts each operation, and `most_at_once` how many were under way together."""

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target)
        self.calls: Counter[str] = Counter()
        self.most_at_once = 0
        self.hook: Hook = lambda _operation, _count: None
        self.stalled = threading.Event()
        self.go_on = threading.Event()
        self._now = 0
        self._lock = threading.Lock()
        self.url = ""

    def stall_after(self, calls: int) -> None:
        """Let so many calls through, and hold all that follow until `go_on` is set."""
        self.stalled.clear()
        self.go_on.clear()
        first = self.calls.total() + calls

        def hook(_operation: str, _count: int) -> None:
            if self.calls.total() > first:
                self.stalled.set()
                self.go_on.wait(60)

        self.hook = hook

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, bytes]:
        """Return status, content type and body of an answer."""
        operation = _operation(method, path, headers, body)
        with self._lock:
            self.calls[operation] += 1
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            count = self.calls[operation]
        try:
            told = self.hook(operation, count)
            if told is not None:
                return told[0], "text/xml", told[1]
            host, port = self.target.hostname or "", self.target.port
            with closing(http.client.HTTPConnection(host, port, timeout=20)) as connection:
                connection.request(method, path, body=body or None, headers=headers)
                with connection.getresponse() as answer:
                    return answer.status, answer.getheader("Content-Type") or "", answer.read()
        finally:
            with self._lock:
                self._now -= 1


def _operation(method: str, path: str, headers: dict[str, str], body: bytes) -> str:
    if "X-Amz-Target" in headers:
        return headers["X-Amz-Target"].rpartition(".")[2]
    form = parse_qs(body.decode("latin-1")) if method == "POST" else {}
    return form["Action"][0] if "Action" in form else f"{method} {path}"


@contextmanager
def between(target: str) -> Iterator[Between]:
    """Run one on a free port until the `with` ends."""
    middle = Between(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, kind, content = middle.answer(self.command, self.path, dict(self.headers.items()), body)
            try:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                self.close_connection = True

        do_GET = do_POST = do_HEAD = do_PUT = _pass_on  # noqa: N815 as http.server has it

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    middle.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=lambda: server.serve_forever(0.05), daemon=True)
    thread.start()
    try:
        yield middle
    finally:
        middle.go_on.set()
        server.shutdown()
        server.server_close()
