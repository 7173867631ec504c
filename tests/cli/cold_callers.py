"""Many callers at once at one terminal, each a process that its parent listens to, as SDKs do it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pexpect

    from session.people import Somebody


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one caller got."""

    exit_code: int
    stdout: str
    stderr: str


def callers_at_terminal(
    person: Somebody, count: int, command: list[str], answers: Path, **more: str
) -> pexpect.spawn[str]:
    """Start `count` processes of `command` at one terminal; what they get is written to `answers`."""
    return person.terminal(sys.executable, __file__, str(count), str(answers), *command, **more)


def answers_in(path: Path) -> list[Answer]:
    return [Answer(**each) for each in json.loads(path.read_text())]


def _call_all(count: int, command: list[str]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []

    def call() -> None:
        run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        found.append({"exit_code": run.returncode, "stdout": run.stdout, "stderr": run.stderr})

    threads = [threading.Thread(target=call) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(_call_all(int(sys.argv[1]), sys.argv[3:])))
