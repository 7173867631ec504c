"""Where a file is put: in one step, for its owner alone, and never instead of what is no file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from watchword.audit.errors import UnwritablePlace
from watchword.audit.snapshot_file import write


def test_a_pipe_is_written_into_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write(pipe, b"proof")
        assert os.read(reader, 9) == b"proof"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.lstat().st_mode)


def test_a_device_that_takes_nothing_says_so() -> None:
    with pytest.raises(UnwritablePlace, match="no space left"):
        write(Path("/dev/full"), b"x")
    assert not Path("/dev/full").is_file()


def test_a_link_to_a_file_is_followed_and_one_to_itself_gives_way(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("old")
    (tmp_path / "link").symlink_to("there")
    write(tmp_path / "link", b"new")
    assert (tmp_path / "there").read_text() == "new"
    (tmp_path / "loop").symlink_to("loop")
    write(tmp_path / "loop", b"new")
    assert stat.S_IMODE((tmp_path / "loop").lstat().st_mode) == 0o600
