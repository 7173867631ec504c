import os
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from watchword.local.rewrite import Care, NotRewritten, rewrite

CARE = Care(hint="look", see="docs/house.md")
ADD_A_LINE = """
import sys, time
from pathlib import Path
from watchword.local.rewrite import Care, rewrite
for number in range(int(sys.argv[3])):
    care = Care(hint="look", see="docs/house.md")
    rewrite(Path(sys.argv[1]), lambda text: text + f"{sys.argv[2]}-{number}\\n", care)
"""


def upper(text: str) -> str:
    return text.upper()


def test_the_text_is_changed_and_both_are_returned(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text("abc\r\ndef")
    assert rewrite(file, upper, CARE) == ("abc\r\ndef", "ABC\r\nDEF")
    assert file.read_bytes() == b"ABC\r\nDEF"
    assert list(tmp_path.iterdir()) == [file]


def test_mode_byte_order_mark_and_attributes_stay(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_bytes(b"\xef\xbb\xbfabc")
    file.chmod(0o640)
    try:
        os.setxattr(file, "user.note", b"mine")
    except OSError:
        pytest.skip("no extended attributes on this file system")
    rewrite(file, upper, CARE)
    assert file.read_bytes() == b"\xef\xbb\xbfABC"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert os.getxattr(file, "user.note") == b"mine"


def test_the_owner_stays(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    file = tmp_path / "p.json"
    file.write_text("abc")
    os.chown(file, 12345, 54321)
    rewrite(file, upper, CARE)
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 54321)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "real.json", tmp_path / "link.json"
    target.write_text("abc")
    link.symlink_to(target)
    rewrite(link, upper, CARE)
    assert link.is_symlink()
    assert target.read_text() == "ABC"


def test_a_file_that_is_right_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text("ABC")
    before = file.stat()
    rewrite(file, upper, CARE)
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_change_made_meanwhile_is_not_lost(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text("abc")
    seen: list[str] = []

    def while_others_write(text: str) -> str:
        seen.append(text)
        if len(seen) == 1:
            file.write_text("theirs")  # in place
        if len(seen) == 2:
            (tmp_path / "new").write_text("replaced")
            (tmp_path / "new").replace(file)  # as editors do
        return text.upper()

    assert rewrite(file, while_others_write, CARE) == ("replaced", "REPLACED")
    assert seen == ["abc", "theirs", "replaced"]
    assert file.read_text() == "REPLACED"


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text("")
    writers = [subprocess.Popen([sys.executable, "-c", ADD_A_LINE, str(file), name, "20"]) for name in "abcd"]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0, 0]
    lines = file.read_text().split()
    assert sorted(lines) == sorted(f"{name}-{number}" for name in "abcd" for number in range(20))


def test_threads_lose_nothing_either(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text("")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: rewrite(file, lambda text: f"{text}{number}\n", CARE), range(40)))
    assert sorted(map(int, file.read_text().split())) == list(range(40))


def test_whenever_it_is_killed_the_file_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    line = "x" * 200_000
    file.write_text(line)
    code = (
        "import sys; from pathlib import Path; from watchword.local.rewrite import Care, rewrite\n"
        "print('ready', flush=True)\n"
        "while True: rewrite(Path(sys.argv[1]), str.swapcase, Care(hint='look', see='docs/house.md'))"
    )
    for wait_ms in (1, 3, 7, 12, 20, 31):
        process = subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(wait_ms / 1000)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert file.read_text() in {line, line.upper()}
    rewrite(file, lambda _: "after", CARE)
    assert file.read_text() == "after"


def test_what_cannot_be_changed_without_harm_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text("abc")
    os.link(file, tmp_path / "other.json")
    with pytest.raises(NotRewritten, match="hard links"):
        rewrite(file, upper, CARE)
    assert file.read_text() == "abc"
    latin = tmp_path / "latin.json"
    latin.write_bytes(b"\xe4")
    with pytest.raises(NotRewritten, match="not UTF-8"):
        rewrite(latin, upper, CARE)
    with pytest.raises(NotRewritten, match="no such file"):
        rewrite(tmp_path / "gone.json", upper, CARE)
    with pytest.raises(NotRewritten):
        rewrite(tmp_path, upper, CARE)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotRewritten, match="not a regular file"):
        rewrite(tmp_path / "pipe", upper, CARE)


def test_a_change_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text("abc")
    with pytest.raises(ZeroDivisionError):
        rewrite(file, lambda _: str(1 / 0), CARE)
    assert file.read_text() == "abc"
    assert list(tmp_path.iterdir()) == [file]
