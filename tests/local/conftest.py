from __future__ import annotations

import sys
from collections.abc import Callable

import pexpect
import pytest

Start = Callable[[str], "pexpect.spawn[str]"]


@pytest.fixture
def at_terminal() -> Start:
    """Start a Python program at a terminal of its own; `terminal` is opened in it already."""

    def start(program: str) -> pexpect.spawn[str]:
        head = "from watchword.local.terminal import open_terminal\nterminal = open_terminal()\n"
        return pexpect.spawn(
            sys.executable, ["-c", head + program], encoding="utf-8", timeout=30, dimensions=(24, 100)
        )

    return start
