"""The picture of a QR code: where it lies, who opens it, and that it goes."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from watchword.device import open_picture
from watchword.device.open_picture import opened_picture, remove_stale_pictures, why_not_opened

PNG = b"\x89PNG a seed"
_HOLDS = """
import sys, time
from watchword.device import open_picture
from watchword.device.open_picture import opened_picture
with opened_picture(b"a seed", say=print) as shown:
    print(shown, flush=True)
    time.sleep(60)
"""


class Desk:
    """A user's desktop: `opener` is a shell script in the place of xdg-open, `run` their runtime folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = folder / "run"
        self.run.mkdir(mode=0o700)
        self.programs = folder / "bin"
        self.programs.mkdir()
        self.said: list[str] = []

    def opener(self, script: str) -> None:
        program = self.programs / ("open" if sys.platform == "darwin" else "xdg-open")
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    def viewer(self, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have an opener that stays: it need not be waited for as long as people wait."""
        monkeypatch.setattr(open_picture, "_FAILS_WITHIN_SECONDS", 0.2)
        self.opener(script)

    def pictures(self) -> list[Path]:
        return sorted(self.run.glob("watchword-*"))

    def told(self, name: str) -> str:
        """Wait for what the opener writes to `name`."""
        file = self.folder / name
        end = time.monotonic() + 20
        while not (file.exists() and file.read_text().endswith("\n")):
            assert time.monotonic() < end
            time.sleep(0.05)
        return file.read_text().strip()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(desk.run))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setenv("PATH", f"{desk.programs}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("FOLDER", str(tmp_path))
    with socket.socket(socket.AF_UNIX) as compositor:
        compositor.bind(str(desk.run / "wayland-0"))
        compositor.listen()
        yield desk


def test_the_picture_is_for_this_user_alone_and_goes_with_the_window(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.viewer('echo "$1" > $FOLDER/named; cp "$1" $FOLDER/seen; exec sleep 60', monkeypatch)
    with opened_picture(PNG, say=desk.said.append) as shown:
        assert shown
        picture = Path(desk.told("named"))
        assert (desk.folder / "seen").read_bytes() == PNG
        assert stat.S_IMODE(picture.stat().st_mode) == 0o600
        assert stat.S_IMODE(picture.parent.stat().st_mode) == 0o700
        assert picture.parent.parent == desk.run
    assert desk.pictures() == []
    assert desk.said == []


def test_a_viewer_that_shows_it_is_ended_with_all_that_it_started(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.viewer("sleep 60 & echo $! > $FOLDER/child; wait", monkeypatch)
    with opened_picture(PNG, say=desk.said.append):
        child = int(desk.told("child"))
    end = time.monotonic() + 10
    while Path(f"/proc/{child}/cmdline").exists() and Path(f"/proc/{child}/cmdline").read_bytes():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_window_that_another_process_shows_is_to_be_closed_by_hand(desk: Desk) -> None:
    desk.opener("exit 0")
    with opened_picture(PNG, say=desk.said.append) as shown:
        assert shown
        assert desk.said == []
    assert desk.said == ["close the window with the QR code; its file is removed"]
    assert desk.pictures() == []


def test_a_desktop_with_no_program_for_pictures_says_so(desk: Desk) -> None:
    desk.opener("exit 3")
    with opened_picture(PNG, say=desk.said.append) as shown:
        assert not shown
        assert desk.pictures() == []
    (said,) = desk.said
    assert said.startswith("no picture is opened: ")
    assert "found no program for it (exit code 3)" in said


def test_without_an_opener_or_a_desktop_nothing_is_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(desk.programs))
    with opened_picture(PNG, say=desk.said.append) as shown:
        assert not shown
    assert "is not installed" in desk.said[0]
    assert why_not_opened({**os.environ, "WAYLAND_DISPLAY": "gone"}) is not None
    assert desk.pictures() == []


@pytest.mark.parametrize("ends", [KeyboardInterrupt, OSError, SystemExit])
def test_it_goes_when_the_enrolment_breaks_off(desk: Desk, ends: type[BaseException]) -> None:
    desk.opener("exit 0")
    with pytest.raises(ends), opened_picture(PNG, say=desk.said.append):
        raise ends
    assert desk.pictures() == []
    assert desk.said == ["close the window with the QR code; its file is removed"]


def test_what_a_kill_leaves_goes_with_the_next_one_and_no_other_does(desk: Desk) -> None:
    desk.opener("exit 0")
    with _holding() as killed, _holding() as held:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert len(desk.pictures()) == 2
        link, shared, foreign = (desk.run / f"watchword-qr-{name}" for name in ("link", "shared", "foreign"))
        link.symlink_to(desk.folder)
        shared.mkdir(mode=0o755)
        foreign.mkdir(mode=0o700)
        (foreign / "mine.txt").write_text("mine")
        (desk.folder / "code.png").write_text("mine")
        remove_stale_pictures()
        left = desk.pictures()
        held.kill()
    assert len(left) == 4
    assert {link, shared, foreign} < set(left)
    assert (foreign / "mine.txt").exists()
    assert (desk.folder / "code.png").exists()


def test_the_thumbnail_that_a_viewer_keeps_goes_too(desk: Desk) -> None:
    desk.opener("exit 0")
    with opened_picture(PNG, say=desk.said.append):
        ((picture,),) = [list(folder.iterdir()) for folder in desk.pictures()]
        name = f"{hashlib.md5(picture.as_uri().encode(), usedforsecurity=False).hexdigest()}.png"
        thumbnails = desk.folder / "cache" / "thumbnails"
        for size in ("normal", "x-large"):
            (thumbnails / size).mkdir(parents=True)
            (thumbnails / size / name).write_bytes(b"small")
            (thumbnails / size / "other.png").write_bytes(b"other")
    assert {path.name for path in thumbnails.rglob("*.png")} == {"other.png"}


def test_a_runtime_folder_that_others_enter_is_not_used(desk: Desk) -> None:
    desk.opener('echo "$1" > $FOLDER/named')
    desk.run.chmod(0o755)
    with opened_picture(PNG, say=desk.said.append) as shown:
        assert shown
        picture = Path(desk.told("named"))
        assert desk.run not in picture.parents
        assert stat.S_IMODE(picture.parent.stat().st_mode) == 0o700
    assert not picture.parent.exists()


def test_the_viewer_gets_nothing_of_aws_and_no_terminal(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very secret")
    monkeypatch.setenv("TERM", "xterm")
    desk.opener("env > $FOLDER/environment; (: < /dev/tty) 2>/dev/null && echo tty >> $FOLDER/environment")
    with opened_picture(PNG, say=desk.said.append):
        pass
    known = desk.told("environment")
    assert "WAYLAND_DISPLAY" in known
    assert not any(line.startswith(("AWS_", "TERM=", "tty")) for line in known.splitlines())


def _holding() -> subprocess.Popen[bytes]:
    """Start a process that has a picture open."""
    process = subprocess.Popen([sys.executable, "-c", _HOLDS], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"True\n"
    return process
