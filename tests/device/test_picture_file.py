from __future__ import annotations

import os
import resource
import stat
from pathlib import Path

import pytest

from watchword.device.errors import DeviceError, FileExists
from watchword.device.picture_file import picture_file

PNG = b"\x89PNG a seed" * 1000


def test_it_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "code.png"
    before = os.umask(0)
    try:
        with picture_file(path) as write:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            write(PNG)
    finally:
        os.umask(before)
    assert path.read_bytes() == PNG
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "code.png"
    path.write_text("mine")
    with pytest.raises(FileExists, match="overwrites nothing"), picture_file(path):
        pass
    assert path.read_text() == "mine"


@pytest.mark.parametrize("target", ["mine.txt", "missing.txt"])
def test_a_link_is_not_written_through(tmp_path: Path, target: str) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    path = tmp_path / "code.png"
    path.symlink_to(tmp_path / target)
    with pytest.raises(FileExists), picture_file(path):
        pass
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert not (tmp_path / "missing.txt").exists()
    assert path.is_symlink()


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("nowhere/code.png", "no such file or directory"),
        ("file/code.png", "not a directory"),
        ("n" * 300, "too long"),
    ],
)
def test_where_no_file_can_be_made_that_is_said(tmp_path: Path, where: str, why: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DeviceError, match=why) as raised, picture_file(tmp_path / where):
        pass
    assert str(tmp_path / where) in str(raised.value)


@pytest.mark.parametrize("ends", [KeyboardInterrupt(), DeviceError("no")])
@pytest.mark.parametrize("written", [False, True])
def test_what_breaks_off_removes_it_written_or_not(
    tmp_path: Path, ends: BaseException, *, written: bool
) -> None:
    path = tmp_path / "code.png"

    def broken_off() -> None:
        with picture_file(path) as write:
            if written:
                write(PNG)
            assert path.exists()
            raise ends

    with pytest.raises(type(ends)):
        broken_off()
    assert not path.exists()


def test_a_disk_that_is_full_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "code.png"

    def fill() -> None:
        with picture_file(path) as write:
            write(PNG)

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(DeviceError, match="file too large"):
            fill()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not path.exists()


def test_no_path_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with picture_file(None) as write:
        write(PNG)
    assert list(tmp_path.iterdir()) == []
