"""Everything that any process of this machine shows of itself while something runs: its arguments and its
environment, as another program could read them in /proc."""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType


@dataclass(kw_only=True)
class Processes:
    """A thread that looks at /proc all the time; `arguments` and `environments` are what it has seen."""

    arguments: set[bytes] = field(default_factory=set)
    environments: dict[bytes, set[bytes]] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Processes:
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        assert self._thread
        self._thread.join()

    def environments_with(self, secret: str) -> set[bytes]:
        """Return the programs (their arguments) in whose environment the secret was seen."""
        return {
            arguments
            for arguments, seen in self.environments.items()
            if any(secret.encode() in one for one in seen)
        }

    def _look(self) -> None:
        before = set(os.listdir("/proc"))  # noqa: PTH208 a path each is slow
        while not self._over.wait(0.02):
            # Each time anew: a process that runs another program shows other things.
            for process in set(os.listdir("/proc")) - before:  # noqa: PTH208 as above
                self._see(Path("/proc", process))

    def _see(self, process: Path) -> None:
        with contextlib.suppress(OSError):
            arguments = (process / "cmdline").read_bytes()
            self.arguments.add(arguments)
            self.environments.setdefault(arguments, set()).add((process / "environ").read_bytes())
