"""A URL that is a secret, opened in the browser without ever standing in the arguments of a program.

A browser gets what it shall open as an argument, and arguments can be read by everybody on the machine.
So it gets the address of a page on 127.0.0.1, which leads on to the secret URL: once, and, where the system
says whose a connection is, only this user (or root, who can read everything anyhow).
"""

from __future__ import annotations

import enum
import hmac
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LONGEST_WAIT_SECONDS = 60

_HOST = "127.0.0.1"
_PATIENCE_SECONDS = 5
_TICK_SECONDS = 0.05
_OPENER = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
# How Linux writes 127.0.0.1 in its tables, for sockets of either kind.
_LOOPBACK = {"tcp": "0100007F", "tcp6": "0000000000000000FFFF00000100007F"}


class Opened(enum.Enum):
    """What came of it."""

    YES = "yes"
    NO_BROWSER = "no browser"
    NOT_FETCHED = "not fetched"


def has_browser(environment: Mapping[str, str]) -> bool:
    """Return whether this user sits before a screen that a browser can open on.

    Text browsers in the terminal do not count; BROWSER names any browser.
    """
    if any(environment.get(name) for name in _DISPLAYS):
        return True
    return sys.platform in {"darwin", "win32"} and "SSH_CONNECTION" not in environment


def open_secret_url(
    url: str,
    *,
    open_page: Callable[[str], subprocess.Popen[bytes]] | None = None,
    longest_wait_seconds: float = LONGEST_WAIT_SECONDS,
) -> Opened:
    """Open `url` in the user's browser, and return when the browser has it, or has not within the wait.

    `open_page` starts what hands an address to a browser, and ends with an exit code if there is none.
    """
    page = _Page(url)
    threading.Thread(target=page.serve_forever, kwargs={"poll_interval": _TICK_SECONDS}, daemon=True).start()
    try:
        return _opened(page, (open_page or _start_browser)(page.address), longest_wait_seconds)
    finally:
        page.shutdown()
        page.server_close()


def _opened(page: _Page, starter: subprocess.Popen[bytes], longest_wait_seconds: float) -> Opened:
    end = time.monotonic() + longest_wait_seconds
    while not page.fetched.wait(_TICK_SECONDS):
        if starter.poll():
            return Opened.NO_BROWSER
        if time.monotonic() >= end:
            return Opened.NOT_FETCHED
    return Opened.YES


def _start_browser(address: str) -> subprocess.Popen[bytes]:
    """Open the browser from a process that may live as long as it does, and that says nothing here.

    Some browsers stay until they are closed, and some talk; our stdout is data. Without TERM no text browser
    is tried, which would want the terminal.
    """
    return subprocess.Popen(
        [sys.executable, "-I", "-c", _OPENER, address],
        env={name: text for name, text in os.environ.items() if name != "TERM"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


class _Page(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, url: str) -> None:
        super().__init__((_HOST, 0), _Handler)
        self.fetched = threading.Event()
        self.name = f"/{secrets.token_urlsafe(32)}"
        self._url: str | None = url
        self._lock = threading.Lock()

    @property
    def authority(self) -> str:
        return f"{_HOST}:{self.server_port}"

    @property
    def address(self) -> str:
        return f"http://{self.authority}{self.name}"

    def take(self) -> str | None:
        """Return the URL the first time, None ever after."""
        with self._lock:
            url, self._url = self._url, None
        return url

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that went away."""


class _Handler(BaseHTTPRequestHandler):
    server: _Page
    timeout = _PATIENCE_SECONDS

    def do_GET(self) -> None:
        status, location = self._answer()
        self.send_response_only(status)
        if location is not None:
            self.send_header("Location", location)
        for name, value in (
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("Content-Length", "0"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.flush()
        if location is not None:
            self.server.fetched.set()

    def _answer(self) -> tuple[int, str | None]:
        # The name of the host is looked at because a web site can make its own name mean 127.0.0.1.
        if self.headers.get("Host") != self.server.authority:
            return 403, None
        if not hmac.compare_digest(self.path.encode(), self.server.name.encode()):
            return 404, None
        owner = _owner(self.client_address[1], self.server.server_port)
        if owner is not None and owner not in {0, os.getuid()}:
            return 403, None
        url = self.server.take()
        return (410, None) if url is None else (303, url)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's signature
        """Say nothing."""


def _owner(client_port: int, server_port: int) -> int | None:
    """Return the user ID that the other end of a connection belongs to; None when the system does not say.

    Source: Linux, Documentation/networking/proc_net_tcp.rst.
    """
    for table, loopback in _LOOPBACK.items():
        ends = [f"{loopback}:{client_port:04X}", f"{loopback}:{server_port:04X}"]
        try:
            lines = Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        for fields in (line.split() for line in lines[1:]):
            if fields[1:3] == ends:
                return int(fields[7])
    return None
