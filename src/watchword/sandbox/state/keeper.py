"""Keeps every change of a sandbox before its answer is sent."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from watchword.errors import WatchwordError
from watchword.sandbox.kept import Store
from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.snapshot import visited
from watchword.sandbox.plane.snapshot.moto_rows import MotoState
from watchword.sandbox.process_log import note
from watchword.sandbox.state.database import Database, Prepared
from watchword.sandbox.state.reads import only_reads
from watchword.sandbox.state.stores import rows_of
from watchword.sandbox.wire.error import SandboxRefusal
from watchword.sandbox.wire.operation import Operation

_LATER_SECONDS: Final = 1.0
# Their calls change IAM's users and roles, also where they do not look them up anew.
_OF_IAM: Final = frozenset({"iam", "sts", "organizations", "cloudformation"})


class StateKeeper:
    """One call at a time, and each on disk before it is answered. Any thread may use it.

    What several calls changed while another was written goes into one transaction. A change that could not be
    written is not answered; nothing else is, until it has been. `stores` gives the stores of the sandbox as
    they are now: a reset makes others.
    """

    def __init__(self, *, database: Database, stores: Callable[[], Iterable[Store]]) -> None:
        self._database = database
        self._stores = stores
        self._turn = threading.Lock()
        self._writing = threading.Lock()
        self._last = self._written = 0
        self._visited: dict[int, MotoObject] = {}
        self._looked_at: dict[int, MotoObject] = {}
        self._all = True
        self._failed = False
        self._ended = threading.Event()
        self._something_later = threading.Event()
        self.moto = MotoState(while_waiting=self._let_others)

    def begin(self) -> None:
        """Write everything once, and keep what comes. Raises WatchwordError: it could not be written."""
        with self._turn:
            self._last += 1
        self._write(self._last)
        threading.Thread(target=self._write_what_can_wait, daemon=True).start()

    @contextlib.contextmanager
    def change(self, operation: Operation | None) -> Iterator[None]:
        """See `Keeper.change`."""
        if self._failed:
            self._kept(self._last)
        reads = operation is not None and only_reads(operation)
        with self._turn:
            try:
                yield
            finally:
                number = self._note(operation, reads=reads)
        if not reads:
            self._kept(number)

    def begun_anew(self) -> None:
        """See `Keeper.begun_anew`."""
        self._all = True

    def close(self) -> None:
        """Write what is left to write, and close the file."""
        self._ended.set()
        self._something_later.set()
        with self._turn:
            self._all = True
            self._last += 1
        try:
            self._write(self._last)
        finally:
            with self._writing:
                self._database.close()

    # --- a call has ended --------------------------------------------------------------------------

    def _note(self, operation: Operation | None, *, reads: bool) -> int:
        if not reads and (operation is None or operation.service in _OF_IAM):
            visited.note_iam()
        seen = {id(each): each for each in visited.take_visited()}
        if reads:
            self._looked_at.update(seen)
            self._something_later.set()
        else:
            self._visited.update(seen)
            self._last += 1
        return self._last

    def _kept(self, number: int) -> None:
        try:
            self._write(number)
        except WatchwordError as error:
            note(f"the state was not written: {error}")
            raise SandboxRefusal(
                f"it was not kept, and nothing else is done until it can be: {error}", status=507
            ) from error

    def _write(self, number: int) -> None:
        """Return once everything up to that number is on disk. Raises WatchwordError."""
        with self._writing:
            if self._written >= number and not self._failed:
                return
            try:
                with self._turn:
                    now, prepared = self._last, self._prepare()
                self._database.commit(prepared)
            except WatchwordError:
                self._failed = self._all = True
                raise
            self._written, self._failed = now, False

    def _prepare(self) -> Prepared:
        everything, self._all = self._all, False
        backends = None if everything else list(self._visited.values())
        self._visited.clear()
        if everything:
            self._looked_at.clear()
        rows = rows_of(self._stores(), everything=everything)
        rows.update(self.moto.rows(visited_only=backends))
        return self._database.prepare(rows, everything=everything)

    # --- what can wait -----------------------------------------------------------------------------

    @contextlib.contextmanager
    def _let_others(self) -> Iterator[None]:
        """Give the turn away while a call waits for what another one does."""
        self._turn.release()
        try:
            yield
        finally:
            self._turn.acquire()

    def _write_what_can_wait(self) -> None:
        while True:
            self._something_later.wait()
            if self._ended.wait(_LATER_SECONDS):
                return
            self._something_later.clear()
            with self._turn:
                self._visited.update(self._looked_at)
                self._looked_at.clear()
                self._last += 1
                number = self._last
            with contextlib.suppress(SandboxRefusal):
                self._kept(number)
