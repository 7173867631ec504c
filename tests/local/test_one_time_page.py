"""The page that leads a browser to a secret URL: over real connections, once, for this user only."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from watchword.local import one_time_page
from watchword.local.one_time_page import Opened, has_browser, open_secret_url

SECRET = "https://signin.aws.amazon.com/federation?SigninToken=very-secret"
_STEAL = """
exec 3<>/dev/tcp/127.0.0.1/$1
printf 'GET %s HTTP/1.1\\r\\nHost: 127.0.0.1:%s\\r\\n\\r\\n' "$2" "$1" >&3
cat <&3
"""


class Browser:
    """Fetches the address it is given in a thread, as a browser does, after what `first` does to the page."""

    def __init__(self, first: Callable[[str], None] = lambda _: None, *, comes: bool = True) -> None:
        self._first, self._comes = first, comes
        self.opened: list[str] = []
        self.answers: list[tuple[int, str | None]] = []

    def __call__(self, address: str) -> subprocess.Popen[bytes]:
        self.opened.append(address)
        threading.Thread(target=self._run, args=(address,), daemon=True).start()
        return starter("true")

    def _run(self, address: str) -> None:
        self._first(address)
        if self._comes:
            self.answers.append(fetch(address))


def starter(command: str) -> subprocess.Popen[bytes]:
    """Start something that ends at once, as what hands addresses to browsers does."""
    with subprocess.Popen(["/bin/sh", "-c", command]) as ended:
        return ended


def fetch(address: str, *, host: str | None = None, path: str | None = None) -> tuple[int, str | None]:
    parts = urlsplit(address)
    with closing(HTTPConnection(parts.netloc, timeout=10)) as connection:
        connection.request("GET", path or parts.path, headers={"Host": host or parts.netloc})
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Location")


def test_the_browser_is_led_to_the_url_and_its_argument_is_not_the_secret() -> None:
    browser = Browser()
    assert open_secret_url(SECRET, open_page=browser) is Opened.YES
    (address,) = browser.opened
    assert address.startswith("http://127.0.0.1:")
    assert "secret" not in address
    assert (303, SECRET) in browser.answers


def test_others_who_guess_get_nothing_and_spend_nothing() -> None:
    refused: list[tuple[int, str | None]] = []

    def guess(address: str) -> None:
        port = urlsplit(address).port
        refused.append(fetch(address, path="/"))
        refused.append(fetch(address, path="/favicon.ico"))
        # A site whose name was made to mean 127.0.0.1 would come with that name.
        refused.append(fetch(address, host=f"evil.example:{port}"))

    browser = Browser(guess)
    assert open_secret_url(SECRET, open_page=browser) is Opened.YES
    assert refused == [(404, None), (404, None), (403, None)]


def test_the_page_works_once() -> None:
    page = one_time_page._Page(SECRET)
    threading.Thread(target=page.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        assert [fetch(page.address) for _ in range(2)] == [(303, SECRET), (410, None)]
    finally:
        page.shutdown()
        page.server_close()


@pytest.mark.skipif(
    os.getuid() != 0 or not Path("/proc/net/tcp").exists(), reason="only root on Linux can be somebody else"
)
def test_another_user_of_the_machine_gets_nothing() -> None:
    stolen: list[str] = []

    def steal(address: str) -> None:
        parts = urlsplit(address)
        run = subprocess.run(
            ["/bin/bash", "-c", _STEAL, "steal", str(parts.port), parts.path],
            user=65_534,
            cwd="/",
            env={},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        stolen.append(run.stdout.partition("\n")[0].strip())

    assert open_secret_url(SECRET, open_page=Browser(steal)) is Opened.YES
    assert stolen == ["HTTP/1.0 403 Forbidden"]


def test_a_browser_that_never_comes_is_not_waited_for_for_ever() -> None:
    browser = Browser(comes=False)
    assert open_secret_url(SECRET, open_page=browser, longest_wait_seconds=0.1) is Opened.NOT_FETCHED
    with pytest.raises(ConnectionRefusedError):
        fetch(browser.opened[0])


def test_without_a_browser_it_is_said_at_once() -> None:
    assert open_secret_url(SECRET, open_page=lambda _: starter("exit 1")) is Opened.NO_BROWSER


def test_a_browser_says_nothing_on_stdout(tmp_path: Path) -> None:
    noisy = tmp_path / "noisy"
    noisy.write_text(
        f"#!/bin/sh\necho noise; echo noise >&2\nexec {sys.executable} -I -S -c "
        f'\'import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1], method="GET"))\' "$1"\n'
    )
    noisy.chmod(0o755)
    script = (
        "from watchword.local.one_time_page import open_secret_url\n"
        "print(open_secret_url('http://127.0.0.1:9/secret').value)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        env={"BROWSER": str(noisy), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.stdout, run.stderr) == ("yes\n", "")


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"TERM": "xterm"}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"BROWSER": "firefox"}, "linux", True),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "a b c d"}, "darwin", False),
    ],
)
def test_a_text_browser_is_no_browser(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], platform: str, expected: bool
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert has_browser(environment) is expected
