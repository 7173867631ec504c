"""Real processes that write one file, at once, killed, and where they may not."""

from __future__ import annotations

import os
import re
import resource
import shlex
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import botocore.configloader
import pytest

from watchword.local.aws_files import (
    AwsFile,
    NotRewritten,
    UnreadableAwsFile,
    config_path,
    credentials_path,
    edit,
    read_aws_file,
)

SECRET = "topsecret/topsecret/topsecret/topsecret1"
WRITE_ONE = """
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from watchword.local.aws_files import edit
name = sys.argv[2]
keys = {"aws_access_key_id": f"AKIA{name}", "aws_secret_access_key": f"secret{name}"}
edit(Path(sys.argv[1]), lambda file: file.set(name, keys), private=True)
"""
# Forks are cheaper than fifty interpreters, and are processes all the same.
WRITE_FIFTY = """
import os, sys, time
from pathlib import Path
from watchword.local.aws_files import edit
path, begin = Path(sys.argv[1]), time.monotonic() + 0.5
children = []
for number in range(50):
    child = os.fork()
    if not child:
        time.sleep(max(0, begin - time.monotonic()))
        keys = {"aws_access_key_id": f"AKIA{number}", "aws_secret_access_key": f"secret{number}"}
        edit(path, lambda file: file.set(f"new{number}", keys), private=True)
        os._exit(0)
    children.append(child)
sys.exit(any(os.waitpid(child, 0)[1] for child in children))
"""
# Kills 200 writers, each at a moment of its own; looks at the file each time; prints how often litter stayed.
KILL_TWO_HUNDRED = """
import itertools, os, random, signal, sys, time
from pathlib import Path
from watchword.local.aws_files import edit
path, chance, litter = Path(sys.argv[1]), random.Random(4), 0
long = {mark: mark * 50_000 for mark in "01"}
edit(path, lambda file: file.set("work", {"aws_session_token": long["0"]}))
whole = {path.read_text().replace(long["0"], text) for text in long.values()}
for _ in range(100):
    writers = []
    for _ in range(2):
        writer = os.fork()
        if not writer:
            for mark in itertools.cycle("10"):
                edit(path, lambda file: file.set("work", {"aws_session_token": long[mark]}))
        writers.append(writer)
    for writer in writers:
        time.sleep(chance.random() / 60)
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        assert path.read_text() in whole
        litter += bool(list(path.parent.glob(".*.new")))
print(litter)
"""


def python(program: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )


def ended_well(process: subprocess.Popen[str]) -> bool:
    process.communicate(timeout=120)
    return process.returncode == 0


def with_a_key(file: AwsFile) -> AwsFile:
    return file.set("work", {"aws_access_key_id": "AKIA", "aws_secret_access_key": SECRET})


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_fifty_writers_at_once_and_fifty_comments_all_stay(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    before = "".join(
        f"# comment {number}\n[old{number}]\naws_access_key_id={number}\n; other\r\n\n"
        for number in range(50)
    )
    file.write_bytes(before.encode())
    assert ended_well(python(WRITE_FIFTY, file))
    after = file.read_bytes().decode()
    assert after.startswith(before)
    assert len(re.findall(r"# comment \d+\n", after)) == 50
    read = botocore.configloader.raw_config_parse(str(file))
    assert {f"old{n}": {"aws_access_key_id": str(n)} for n in range(50)}.items() <= read.items()
    new = {
        f"new{n}": {"aws_access_key_id": f"AKIA{n}", "aws_secret_access_key": f"secret{n}"} for n in range(50)
    }
    assert new.items() <= read.items()
    assert len(read) == 100
    assert list(tmp_path.iterdir()) == [file]


def test_fifty_who_make_the_file_at_once_all_stay_in_it(tmp_path: Path) -> None:
    file = tmp_path / "home" / ".aws" / "credentials"
    assert ended_well(python(WRITE_FIFTY, file))
    read = botocore.configloader.raw_config_parse(str(file))
    assert sorted(read) == sorted(f"new{number}" for number in range(50))
    assert list(file.parent.iterdir()) == [file]
    assert (mode(file), mode(file.parent), mode(file.parent.parent)) == (0o600, 0o700, 0o700)


def test_killed_at_two_hundred_moments_the_file_is_whole_and_no_litter_stays(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("# mine\n[other]\nx = 1\n[work]\n")
    killer = python(KILL_TWO_HUNDRED, file)
    times_there_was_litter, _ = killer.communicate(timeout=120)
    assert killer.returncode == 0
    assert int(times_there_was_litter) > 10
    edit(file, with_a_key)
    assert list(tmp_path.iterdir()) == [file]
    assert "# mine\n[other]\nx = 1\n[work]\n" in file.read_text()


def test_what_a_killed_writer_left_is_swept_and_what_others_left_is_not(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("[work]\n")
    (tmp_path / ".credentials.watchword-ab_de012.new").write_text("half")
    theirs = [tmp_path / name for name in (".credentials.swp", ".config.watchword-abcdefgh.new", "x.new")]
    for path in theirs:
        path.write_text("theirs")
    edit(file, with_a_key)
    assert sorted(tmp_path.iterdir()) == sorted([file, *theirs])


@pytest.mark.parametrize("links", [1, 3])
def test_links_are_followed_and_stay(tmp_path: Path, links: int) -> None:
    (tmp_path / "far").mkdir()
    real = tmp_path / "far" / "credentials"
    real.write_text("# mine\n")
    last = real
    for number in range(links):
        (tmp_path / f"link{number}").symlink_to(os.path.relpath(last, tmp_path))
        last = tmp_path / f"link{number}"
    assert edit(last, with_a_key)
    assert last.is_symlink()
    assert real.read_text().startswith("# mine\n\n[work]\n")
    assert list((tmp_path / "far").iterdir()) == [real]


def test_a_link_to_a_file_that_is_not_there_yet_makes_it_there(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "link").symlink_to("far/credentials")
    edit(tmp_path / "link", with_a_key)
    assert (tmp_path / "link").is_symlink()
    assert mode(tmp_path / "far" / "credentials") == 0o600


def test_a_link_into_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".aws").symlink_to("unplugged/aws")
    with pytest.raises(NotRewritten, match="a folder that does not exist"):
        edit(tmp_path / ".aws" / "credentials", with_a_key)
    assert list(tmp_path.iterdir()) == [tmp_path / ".aws"]


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(NotRewritten):
        edit(tmp_path / "a", with_a_key)


def test_a_private_file_loses_what_others_could_do_and_another_keeps_its_mode(tmp_path: Path) -> None:
    for private, before, after in [(True, 0o664, 0o600), (True, 0o600, 0o600), (False, 0o664, 0o664)]:
        file = tmp_path / "file"
        file.write_text("")
        file.chmod(before)
        edit(file, with_a_key, private=private)
        assert mode(file) == after


def test_a_read_only_file_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("")
    file.chmod(0o400)
    with pytest.raises(NotRewritten, match=r"read-only|denied"):
        edit(file, with_a_key)
    assert file.read_text() == ""


def test_a_file_that_is_mounted_on_its_own_is_left_alone(tmp_path: Path) -> None:
    for name in ("theirs", "credentials"):
        (tmp_path / name).write_text("[work]\n")
    mount = ["mount", "--bind", str(tmp_path / "theirs"), str(tmp_path / "credentials")]
    if subprocess.run(["unshare", "-m", *mount], capture_output=True, check=False).returncode:
        pytest.skip("only root can mount")
    write = [sys.executable, "-c", WRITE_ONE, str(tmp_path / "credentials"), "x"]
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", shlex.join(mount) + " && " + shlex.join(write)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "it is mounted on its own" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["credentials", "theirs"]


def test_nothing_is_written_when_nothing_changes(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    assert edit(file, with_a_key)
    before = file.stat()
    assert not edit(file, with_a_key)
    assert (file.stat().st_ino, file.stat().st_ctime_ns) == (before.st_ino, before.st_ctime_ns)
    assert not edit(tmp_path / "none" / "config", lambda unchanged: unchanged)
    assert list(tmp_path.iterdir()) == [file]


def test_a_change_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        edit(tmp_path / "new" / ".aws" / "config", lambda _: 1 / 0)  # type: ignore[arg-type,return-value]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_understood_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text(f"[work]\n{SECRET}\n")
    with pytest.raises(UnreadableAwsFile) as caught:
        edit(file, with_a_key)
    assert f"{file}:2" in caught.value.message
    assert SECRET not in caught.value.diagnostics()
    assert file.read_text() == f"[work]\n{SECRET}\n"


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("# mine\n" * 100)
    process = subprocess.run(
        [sys.executable, "-c", WRITE_ONE, str(file), SECRET],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert f"`{file}` was not changed: file too large" in process.stderr
    assert SECRET not in process.stderr
    assert file.read_text() == "# mine\n" * 100
    assert list(tmp_path.iterdir()) == [file]


def test_where_nothing_can_be_written_nothing_is() -> None:
    home = Path(tempfile.mkdtemp())
    home.chmod(0o555)
    try:
        # Nothing keeps root from writing, so a child takes the place of an ordinary user.
        if not (child := os.fork()):
            if os.geteuid() == 0:
                os.seteuid(65534)
            try:
                edit(home / ".aws" / "credentials", with_a_key)
            except NotRewritten as error:
                os._exit(42 if "was not changed: permission denied" in error.message else 1)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
        assert list(home.iterdir()) == []
    finally:
        home.rmdir()


def test_where_the_files_are_is_what_botocore_says(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "PLACE": "x"}
    assert config_path(home) == tmp_path / ".aws" / "config"
    assert credentials_path(home) == tmp_path / ".aws" / "credentials"
    named = home | {"AWS_CONFIG_FILE": "~/$PLACE/${PLACE}/$NONE", "AWS_SHARED_CREDENTIALS_FILE": "rel"}
    assert config_path(named) == tmp_path / "x" / "x" / "$NONE"
    assert credentials_path(named) == Path("rel")


def test_what_is_not_there_or_is_no_file_says_nothing_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "none", tmp_path, tmp_path / "pipe", Path("/dev/null")):
        assert read_aws_file(path).sections() == ()
        if path.exists():
            with pytest.raises(NotRewritten):
                edit(path, with_a_key)


def test_nobody_who_may_read_the_old_file_can_read_the_new_one(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("[work]\n")
    file.chmod(0o644)
    os.setxattr(file, "user.note", b"mine")
    modes: list[int] = []

    def watched(do: Callable[..., object]) -> Callable[..., object]:
        def look_and_do(*given: object) -> object:
            modes.extend(mode(path) for path in tmp_path.glob(".*.new"))
            return do(*given)

        return look_and_do

    with pytest.MonkeyPatch.context() as patch:
        for name in ("setxattr", "fchmod", "utime", "fsync"):
            patch.setattr(os, name, watched(getattr(os, name)))
        edit(file, with_a_key, private=True)
    assert set(modes) == {0o600}
    assert len(modes) > 3
    assert os.getxattr(file, "user.note") == b"mine"
