"""One open state: whose sandbox it is, and how that goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from watchword.local.aws_files import AwsFile, edit
from watchword.sandbox.accounts import KeptAccount
from watchword.sandbox.folder import Folder
from watchword.sandbox.identity.directory import LongTermKey
from watchword.sandbox.kept import Store
from watchword.sandbox.state.database import Database
from watchword.sandbox.state.errors import DamagedState
from watchword.sandbox.state.keeper import StateKeeper
from watchword.sandbox.state.place import Place
from watchword.sandbox.state.seal import key_file, open_key
from watchword.sandbox.state.stores import entries_of, load

if TYPE_CHECKING:
    from watchword.sandbox.answer import Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What a sandbox must know before it begins: what it was, and where it listened."""

    account: str
    root_key: LongTermKey
    begun_at: datetime
    port: int


class State:
    """A state that this process holds. `life` is None for a fresh one."""

    def __init__(self, place: Place, database: Database) -> None:
        self._place = place
        self._database = database
        self._keeper: StateKeeper | None = None
        self.life = None if database.is_fresh else _life_of(database)

    @property
    def is_fresh(self) -> bool:
        """Whether nothing was ever kept in it: only then a scenario is applied."""
        return self.life is None

    def keep(self, sandbox: Sandbox, *, port: int) -> None:
        """Give a new sandbox what was kept, if anything was, and keep all that it changes from now on.

        Raises DamagedState, BrokenSnapshot, StateNotWritten.
        """
        sandbox.load()
        keeper = StateKeeper(
            database=self._database, stores=lambda: (*sandbox.stores(), _life_store(sandbox, port))
        )
        if self.life is not None:
            sandbox.moto.forget()
            for store in sandbox.stores():
                load(store, self._database.read(store.name))
            keeper.moto.load(self._database.read, lambda digest: self._database.read_one("moto-body", digest))
        keeper.begin()
        self._keeper = sandbox.keeper = keeper

    def write_profiles(self, folder: Folder, *, endpoint_url: str, root_key: LongTermKey) -> None:
        """Have the profiles that go with the state stand in the sandbox's folder, with its address.

        They are kept beside the state, and what people added stays; only addresses follow the port.
        """
        kept = Folder(self._place.path)
        if self.life is None or not kept.credentials.exists():
            kept.write_profiles(
                endpoint_url=endpoint_url,
                access_key_id=root_key.access_key_id,
                secret_access_key=root_key.secret_access_key,
            )
        else:
            before = f"http://127.0.0.1:{self.life.port}"
            edit(kept.config, lambda file: _moved(file, before, endpoint_url), private=True)
        folder.link_profiles(kept.path)

    def close(self) -> None:
        """Write what is left, and close the file."""
        if self._keeper is None:
            self._database.close()
        else:
            self._keeper.close()


@contextlib.contextmanager
def open_state(path: Path, environment: Mapping[str, str]) -> Iterator[State]:
    """Open or make the state in a folder, and hold it until the `with` ends.

    `environment` says where this user's key is. Raises StateError; then nothing in the folder has changed.
    """
    place = Place(path)
    place.make()
    with place.hold():
        state = State(place, Database(place.database, open_key(key_file(environment))))
        try:
            yield state
        finally:
            state.close()


def _moved(file: AwsFile, before: str, endpoint_url: str) -> AwsFile:
    for section in file.sections():
        if file.get(section, "endpoint_url") == before:
            file = file.set(section, {"endpoint_url": endpoint_url})
    return file


def _life_store(sandbox: Sandbox, port: int) -> Store:
    def dump(_everything: bool) -> dict[str, str]:
        return {"begun_at": sandbox.moto.started_at.astimezone(UTC).isoformat(), "port": str(port)}

    return Store(name="sandbox", kind=str, dump=dump, load=lambda _: None)


def _life_of(database: Database) -> Life | None:
    rows = database.read("sandbox")
    if not rows:
        return None  # killed before its first sandbox was there
    here = entries_of("sandbox", str, rows)
    accounts = entries_of("accounts", KeptAccount, database.read("accounts"))
    home, kept = min(accounts.items(), key=lambda each: each[1].place)
    if kept.root_key is None:
        raise DamagedState(
            "the state has no root key", hint="begin another --state DIR; this one is left as it is"
        )
    return Life(
        account=home,
        root_key=kept.root_key,
        begun_at=datetime.fromisoformat(here["begun_at"]),
        port=int(here["port"]),
    )
