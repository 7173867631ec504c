"""What is no state of ours is refused with a way out, and left byte for byte as it is."""

from __future__ import annotations

import os
import pickle
import resource
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from sandbox.state.kept_sandbox import Nursery, a_kept_sandbox
from watchword.errors import WatchwordError
from watchword.sandbox.state import errors
from watchword.sandbox.state.state import open_state


class Malice:
    """What makes a file when it is read as a pickle."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


@pytest.fixture(scope="module")
def written(nursery: Nursery) -> Path:
    """A state with something in it, whose sandbox is down."""
    with a_kept_sandbox(nursery, "written") as kept:
        kept.start()
        kept.client("iam").create_user(UserName="alice")
        kept.client("s3").create_bucket(Bucket="bucket")
        kept.stop()
        return kept.state


@pytest.fixture
def copy(written: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoilt."""
    made = tmp_path / "state"
    made.mkdir(mode=0o700)
    for file in written.iterdir():
        (made / file.name).write_bytes(file.read_bytes())
        (made / file.name).chmod(0o600)
    return made


def environment(nursery: Nursery) -> dict[str, str]:
    return {"HOME": str(nursery.home), "XDG_STATE_HOME": str(nursery.home / "xdg")}


def sql(state: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(state / "state.sqlite") as connection:
        assert connection.execute(statement, values).rowcount > 0
    connection.close()


def refused(state: Path, mine: dict[str, str], kind: type[errors.StateError]) -> errors.StateError:
    """Open a state that cannot be opened; nothing in its folder may change."""
    before = {file.name: file.read_bytes() for file in state.iterdir() if file.name != "lock"}
    with pytest.raises(kind) as caught, open_state(state, mine):
        pass
    there = {"lock", "state.sqlite-shm", "state.sqlite-wal"}  # SQLite's own; the second is empty
    after = {file.name: file.read_bytes() for file in state.iterdir() if file.name not in there}
    assert after == {name: data for name, data in before.items() if name not in there}
    assert caught.value.hint
    assert caught.value.see == "docs/sandbox/state.md"
    return caught.value


def test_a_copy_is_read_by_the_user_who_wrote_it(copy: Path, nursery: Nursery) -> None:
    with open_state(copy, environment(nursery)) as state:
        assert state.life is not None


def test_somebody_elses_state_is_refused(copy: Path, tmp_path: Path) -> None:
    mine = {"HOME": str(tmp_path / "home"), "XDG_STATE_HOME": str(tmp_path / "xdg")}
    assert "a key that this user does not have" in str(refused(copy, mine, errors.ForeignState))
    # The second time there is a key, and it is another one.
    assert "or was altered" in str(refused(copy, mine, errors.DamagedState))


def test_the_key_is_nowhere_in_the_folder(copy: Path, nursery: Nursery) -> None:
    key = nursery.home / "xdg" / "watchword" / "sandbox-state.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert all(key.read_bytes() not in file.read_bytes() for file in copy.iterdir())


@pytest.mark.parametrize("name", ["watchword", "moto", "python"])
def test_another_version_is_refused_and_named(copy: Path, nursery: Nursery, name: str) -> None:
    sql(copy, "UPDATE stamp SET value = '0.0.1' WHERE name = ?", name)
    refusal = refused(copy, environment(nursery), errors.ForeignState)
    assert f"was written with {name} 0.0.1" in str(refusal)
    assert f"use {name} 0.0.1" in str(refusal.hint)


def test_a_planted_pickle_is_not_even_read(copy: Path, nursery: Nursery, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    sql(copy, "UPDATE row SET value = ? WHERE store = 'moto'", pickle.dumps(Malice(trap)))
    refused(copy, environment(nursery), errors.DamagedState)
    assert not trap.exists()


ALTERATIONS = {
    "a row is gone": "DELETE FROM row WHERE store = 'moto' AND name = (SELECT max(name) FROM row)",
    "a row is new": "INSERT INTO row VALUES ('sessions', 'ASIA', '{}')",
    "a row is renamed": "UPDATE row SET name = 'x' WHERE store = 'accounts'",
    "a value is changed": "UPDATE row SET value = '{}' WHERE store = 'sandbox' AND name = 'port'",
    "the seal is changed": "UPDATE seal SET value = x'00'",
    "the seal is gone": "DELETE FROM seal",
}


@pytest.mark.parametrize("statement", ALTERATIONS.values(), ids=list(ALTERATIONS))
def test_an_altered_state_is_refused(copy: Path, nursery: Nursery, statement: str) -> None:
    if "max(name)" in statement:
        statement = "DELETE FROM row WHERE store = 'moto'"
    sql(copy, statement)
    refused(copy, environment(nursery), errors.DamagedState)


@pytest.mark.parametrize("where", [b"SQLite format 3", b"CREATE TABLE row", b"IAMBackend", b"begun_at"])
def test_a_file_that_is_damaged_is_refused(copy: Path, nursery: Nursery, where: bytes) -> None:
    file = copy / "state.sqlite"
    data = bytearray(file.read_bytes())
    offset = data.index(where)
    data[offset : offset + 64] = os.urandom(64)
    file.write_bytes(data)
    refused(copy, environment(nursery), errors.DamagedState)


def test_no_tables_yet_is_a_fresh_state(copy: Path, nursery: Nursery) -> None:
    (copy / "state.sqlite").write_bytes(b"")  # killed while it was made
    with open_state(copy, environment(nursery)) as state:
        assert state.is_fresh


def others_may_read(state: Path) -> None:
    state.chmod(0o755)


def a_file_of_others(state: Path) -> None:
    (state / "state.sqlite").chmod(0o644)


def a_link(state: Path) -> None:
    moved = state.with_name("moved")
    state.rename(moved)
    state.symlink_to(moved)


def a_linked_file(state: Path) -> None:
    moved = state.with_name("elsewhere.sqlite")
    (state / "state.sqlite").rename(moved)
    (state / "state.sqlite").symlink_to(moved)


def a_second_name(state: Path) -> None:
    (state.with_name("second.sqlite")).hardlink_to(state / "state.sqlite")


@pytest.mark.parametrize(
    "spoil",
    [others_may_read, a_file_of_others, a_link, a_linked_file, a_second_name],
    ids=lambda f: f.__name__,
)
def test_an_unsafe_folder_is_refused(copy: Path, nursery: Nursery, spoil: Callable[[Path], None]) -> None:
    spoil(copy)
    refused(copy, environment(nursery), errors.UnsafeState)


def test_a_folder_with_something_else_in_it_is_no_state(nursery: Nursery, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir(mode=0o700)
    (project / "notes.txt").write_text("mine")
    assert "`notes.txt`" in str(refused(project, environment(nursery), errors.ForeignState))


def test_a_folder_that_cannot_be_made_is_said_so(nursery: Nursery, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    inside = tmp_path / "file" / "state"
    with (
        pytest.raises(errors.StateNotWritten, match="not a directory"),
        open_state(inside, environment(nursery)),
    ):
        pass


def test_a_second_sandbox_is_refused_and_the_first_goes_on(nursery: Nursery) -> None:
    with a_kept_sandbox(nursery, "first") as first, a_kept_sandbox(nursery, "second") as second:
        first.start()
        second.state = first.state
        with pytest.raises(WatchwordError, match="another sandbox has the state"):
            second.start()
        first.client("iam").create_user(UserName="alice")


def test_another_account_than_the_states_is_refused(nursery: Nursery, copy: Path) -> None:
    with a_kept_sandbox(nursery, "account") as kept:
        kept.state = copy
        with pytest.raises(WatchwordError, match="is of account 123456789012, not 999999999999"):
            kept.start("--account=999999999999")


def test_a_taken_port_is_said_and_profiles_follow(nursery: Nursery, copy: Path) -> None:
    with a_kept_sandbox(nursery, "one") as one, a_kept_sandbox(nursery, "two") as two:
        one.state = copy
        one.start()
        taken = one.folder.open_door().endpoint_url
        one.stop()
        two.start(f"--port={taken.rpartition(':')[2]}")
        one.start()
        door = one.folder.open_door()
        assert door.endpoint_url != taken
        assert "is taken" in str(door.note)
        assert f"endpoint_url = {door.endpoint_url}" in one.folder.config.read_text()
        assert one.client("iam").list_users()["Users"]


def test_a_full_disk_refuses_and_loses_nothing_and_goes_on_when_there_is_room(nursery: Nursery) -> None:
    with a_kept_sandbox(nursery, "full") as kept:
        kept.start()
        iam = kept.client("iam")
        iam.create_user(UserName="before")
        size = (kept.state / "state.sqlite-wal").stat().st_size
        old = resource.prlimit(kept.process_id, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        for call in (lambda: iam.create_user(UserName="meanwhile"), iam.list_users):
            with pytest.raises(ClientError, match="watchword sandbox: it was not kept"):
                call()
        resource.prlimit(kept.process_id, resource.RLIMIT_FSIZE, old)
        iam.create_user(UserName="after")
        kept.kill()
        kept.start()
        users = {user["UserName"] for user in kept.client("iam").list_users()["Users"]}
        assert {"before", "after"} <= users <= {"before", "meanwhile", "after"}
