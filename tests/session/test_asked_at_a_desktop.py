from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.desktop import DIALOGS, Desktop, a_desktop, missing
from session.account import Account
from session.people import WATCHWORD, Somebody


@pytest.fixture(params=DIALOGS)
def program(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder for the PATH in which there is one dialog program only."""
    name = str(request.param)
    if absent := missing(name):
        pytest.skip(f"not installed: {absent}")
    folder = tmp_path / "only"
    folder.mkdir()
    (folder / name).symlink_to(f"/usr/bin/{name}")
    return str(folder)


@pytest.fixture
def desktop(program: str) -> Iterator[Desktop]:
    assert program
    with a_desktop() as running:
        yield running


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()


def _login(person: Somebody, desktop: Desktop, path: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [WATCHWORD, "login"],
        env=person.environment | {"DISPLAY": desktop.display, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_without_a_terminal_the_code_is_asked_for_in_a_dialog(
    person: Somebody, account: Account, desktop: Desktop, program: str
) -> None:
    with _login(person, desktop, program) as process, ended(process):
        assert desktop.title().startswith("Watchword: code of `testuser`, account 123456789012")
        desktop.type(account.code())
        _, talk = process.communicate(timeout=30)
    assert process.returncode == 0, talk
    assert "signed in as" in talk
    assert len(account.calls("sts:GetSessionToken")) == 1


def test_a_cancelled_dialog_is_leaving(
    person: Somebody, account: Account, desktop: Desktop, program: str
) -> None:
    with _login(person, desktop, program) as process, ended(process):
        desktop.cancel()
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert account.calls("sts:GetSessionToken") == []


def test_no_dialog_is_shown_where_that_is_not_wanted(
    person: Somebody, desktop: Desktop, program: str
) -> None:
    variables = {"DISPLAY": desktop.display, "PATH": program, "WATCHWORD_NO_DIALOG": "1"}
    assert person.run("login", **variables).returncode == 6


def test_a_display_that_has_gone_is_no_desktop_and_that_is_known_at_once(person: Somebody) -> None:
    began = time.monotonic()
    result = person.run("login", DISPLAY=":4711", WAYLAND_DISPLAY="wayland-4711", XDG_RUNTIME_DIR="/nowhere")
    assert result.returncode == 6
    assert time.monotonic() - began < 10
