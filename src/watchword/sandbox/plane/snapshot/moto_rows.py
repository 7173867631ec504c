"""Everything that moto holds, as rows that can be kept one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from watchword.sandbox.plane.snapshot import put_right, visited
from watchword.sandbox.plane.snapshot.class_state import read_class_state, write_class_state
from watchword.sandbox.plane.snapshot.groups import Groups
from watchword.sandbox.plane.snapshot.reading import read

GROUPS = "moto"
BODIES = "moto-body"
CLASSES = "moto-classes"
_ONE = "all"

MotoRows = dict[tuple[str, str], bytes | Callable[[], bytes] | None]


class MotoState:
    """What moto holds in this process. Not thread-safe: whoever calls has moto for itself.

    `while_waiting` is entered where a call of moto waits for another call.
    """

    def __init__(self, *, while_waiting: Callable[[], AbstractContextManager[None]]) -> None:
        visited.watch()
        put_right.put_right(while_waiting)
        self._groups = Groups()

    def load(self, rows: Callable[[str], Mapping[str, bytes]], body: Callable[[str], bytes]) -> None:
        """Put back what was kept.

        `rows` gives those of a store, `body` one content. Raises BrokenSnapshot.
        """
        for data in rows(CLASSES).values():
            read_class_state(data)
        groups = {int(name): data for name, data in rows(GROUPS).items()}
        self._groups.go_on(read(groups, lambda digest: body(digest) if digest else b""))
        visited.take_visited()

    def rows(self, *, visited_only: list[object] | None) -> MotoRows:
        """Return what is to be kept of these backends; of all there are for None. Raises CannotKeep."""
        if visited_only is None:
            self._groups = Groups()
            backends = visited.all_backends()
        else:
            backends = visited_only
        changed = self._groups.write(backends)
        rows: MotoRows = {(GROUPS, str(number)): data for number, data in changed.groups.items()}
        rows.update({(BODIES, digest): content for digest, content in changed.bodies.items()})
        rows[CLASSES, _ONE] = write_class_state()
        return rows
