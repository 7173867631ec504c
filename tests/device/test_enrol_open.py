"""`device enroll --open`: the QR code in a picture viewer, from a file that goes with the enrolment."""

from __future__ import annotations

import os
import signal
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from device.account import Person
from device.at_terminal import FIRST, AtTerminal, codes, scanned, secret_in
from device.enrolling import scans_and_types
from local_aws import LocalAws


@pytest.fixture
def display() -> Iterator[str]:
    """A desktop that answers: a socket, whose path has to be short."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{folder}/wayland")
        listening.listen()
        yield f"{folder}/wayland"


def test_the_picture_scans_and_is_gone_with_its_file_afterwards(
    person: Person, sandbox: LocalAws, display: str
) -> None:
    seen, named = person.folder / "seen.png", person.folder / "named"
    at = _runs(person, display, f'cp "$1" {seen}; echo "$1" > {named}; exec sleep 60')
    shown = at.sees(FIRST)
    picture = Path(named.read_text().strip())
    assert stat.S_IMODE(picture.stat().st_mode) == 0o600
    (found,) = zxingcpp.read_barcodes(Image.open(seen))
    assert found.text == scanned(shown)
    scans_and_types(at, sandbox, shown=shown)
    assert at.ends() == 0, at.received
    assert not picture.exists()
    assert not picture.parent.exists()


def test_with_a_picture_a_small_window_does(person: Person, sandbox: LocalAws, display: str) -> None:
    seen = person.folder / "seen.png"
    at = _runs(person, display, f'cp "$1" {seen}; exec sleep 60', columns=40, lines=12)
    assert "█" not in at.sees(FIRST)
    secret = secret_in(zxingcpp.read_barcodes(Image.open(seen))[0].text)
    for code in codes(secret, at=sandbox.inner.clock.now().timestamp()):
        at.types(code)
    assert at.ends() == 0, at.received


def test_a_picture_that_a_kill_has_left_goes_with_the_next_enrolment(
    person: Person, display: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = person.folder / "run"
    run.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(run))
    at = _runs(person, display, "exit 0")
    at.sees(FIRST)
    at.process.kill(signal.SIGKILL)
    assert at.ends() == -signal.SIGKILL
    assert len(list(run.glob("*/code.png"))) == 1
    at = person.runs("device", "enroll")
    at.sees(FIRST)
    assert list(run.iterdir()) == []
    at.process.sendcontrol("c")
    assert at.ends() == 130


def test_without_a_desktop_that_is_said_and_the_terminal_does(person: Person, sandbox: LocalAws) -> None:
    at = person.runs("device", "enroll", "--open", "--no-set-mfa-serial")
    scans_and_types(at, sandbox)
    assert at.ends() == 0, at.received
    assert "no picture is opened: there is no desktop here" in at.received


def _runs(person: Person, display: str, viewer: str, *, columns: int = 80, lines: int = 24) -> AtTerminal:
    """Enrol where there is a desktop, whose picture viewer is this script."""
    programs = person.folder / "bin"
    programs.mkdir()
    opener = programs / "xdg-open"
    opener.write_text(f"#!/bin/sh\n{viewer}\n")
    opener.chmod(0o755)
    environment = {
        **person.environment(),
        "WAYLAND_DISPLAY": display,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }
    return AtTerminal(
        ["device", "enroll", "--open", "--no-set-mfa-serial"], environment, columns=columns, lines=lines
    )
