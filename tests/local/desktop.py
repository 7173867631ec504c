"""A desktop for tests: an X server without a screen, and hands that type into its windows."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

NEEDED = ("Xvfb", "xdotool")
DIALOGS = ("zenity", "kdialog")


def missing(*programs: str) -> str | None:
    """Return what is not installed of a desktop and these programs; None when all is there."""
    return ", ".join(each for each in (*NEEDED, *programs) if shutil.which(each) is None) or None


@dataclass(frozen=True, kw_only=True)
class Desktop:
    """A running X server. `display` is what DISPLAY says."""

    display: str

    def type(self, text: str) -> None:
        """Type into the window of Watchword, once it is there, and press Return."""
        # To whatever has the focus, as a keyboard does: what is sent to a window by name is not taken.
        self._window()
        self._do("type", text)
        self._do("key", "Return")

    def cancel(self) -> None:
        self._window()
        self._do("key", "Escape")

    def title(self) -> str:
        return self._do("getwindowname", self._window()).strip()

    def _window(self) -> str:
        found = self._do("search", "--sync", "--onlyvisible", "--name", "Watchword").split()[0]
        # A window is there a moment before it listens.
        time.sleep(1)
        return found

    def _do(self, *arguments: str) -> str:
        done = subprocess.run(
            ["xdotool", *arguments],
            env={**os.environ, "DISPLAY": self.display},
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        return done.stdout


@contextmanager
def a_desktop() -> Iterator[Desktop]:
    """Start an X server on a free display."""
    ours, theirs = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(theirs), "-screen", "0", "800x400x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[theirs],
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    try:
        with os.fdopen(ours) as numbers:
            yield Desktop(display=f":{numbers.readline().strip()}")
    finally:
        server.terminate()
        server.wait()
