"""Answering a credential process: from the way in the cache, else by the whole program."""

from __future__ import annotations

import os
import sys

_WHOLE = (
    "import sys; sys.path.append(sys.argv.pop(1)); from watchword.main import main; main()"  # as the script
)
_USAGE = 2


def answer_process(arguments: list[str]) -> None:
    """Answer for the profile in `arguments` and leave."""
    if len(arguments) != 1:
        os.write(2, b"error: one profile is wanted\nsee: docs/getting-in/fast.md\n")
        os._exit(_USAGE)
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))  # noqa: PTH120 pathlib costs more than all
    words = [sys.executable, "-I", "-c", _WHOLE, root, "credential-process", f"--profile={arguments[0]}"]
    os.execv(sys.executable, words)  # noqa: S606 the same program, with all of it
