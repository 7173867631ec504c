"""A terminal emulator in a window: what is on its screen is photographed, and keys are pressed in it."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import zxingcpp
from PIL import Image, ImageGrab

from local.desktop import a_desktop

DARK = ("-bg", "black", "-fg", "grey90")
LIGHT = ("-bg", "#fdf6e3", "-fg", "#657b83")
OUTLINES = ("-fa", "DejaVu Sans Mono", "-fs", "9")
CELLS = ("-fn", "-misc-fixed-medium-r-normal--14-130-75-75-c-70-iso10646-1")
CELLS_FILE = Path("/usr/share/fonts/X11/misc/7x14.pcf.gz")
# A machine that does ten other things takes this long to open a window; nobody waits for all of it.
_LONGEST_SECONDS = 60.0
_STOPS_BY_ITSELF = "; echo $? > {ended}; read one; printf '\\033[?47h'; read two"


@dataclass(frozen=True, kw_only=True)
class InXterm:
    """An xterm of 80x24 on a display of its own, in which a command runs."""

    display: str
    ended: Path

    def photograph(self) -> Image.Image:
        return ImageGrab.grab(xdisplay=self.display)

    def scans(self) -> str:
        """Wait for a QR code on the screen; return its text."""
        return _until(self._scanned)

    def exit_code(self) -> int:
        """Wait for the command to end."""
        return int(_until(lambda: self.ended.read_text().strip() if self.ended.exists() else ""))

    def types(self, text: str) -> None:
        self._press("type", text)
        self._press("key", "Return")

    def scrolls_back(self) -> None:
        for _ in range(5):
            self._press("key", "shift+Prior")

    def turns_to_the_other_screen(self) -> None:
        """Show what the alternate screen holds, as a program that does not clear it would."""
        self._press("key", "Return")

    def still(self) -> Image.Image:
        """Photograph once nothing moves any more."""
        before = self.photograph()
        for _ in range(100):
            time.sleep(0.1)
            after = self.photograph()
            if after.tobytes() == before.tobytes():
                break
            before = after
        return after

    def _scanned(self) -> str:
        found = zxingcpp.read_barcodes(self.photograph())
        return found[0].text if found else ""

    def _press(self, *keys: str) -> None:
        environment = {**os.environ, "DISPLAY": self.display}
        subprocess.run(["xdotool", *keys], env=environment, timeout=30, check=True)


def _until(ask: Callable[[], str]) -> str:
    end = time.monotonic() + _LONGEST_SECONDS
    while not (answer := ask()):
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.1)
    return answer


@contextmanager
def in_xterm(
    command: list[str], environment: Mapping[str, str], *looks: str, folder: Path
) -> Iterator[InXterm]:
    """Run a command in an xterm that looks so; the window stays when the command has ended."""
    ended = folder / "ended"
    script = shlex.join(command) + _STOPS_BY_ITSELF.format(ended=shlex.quote(str(ended)))
    with a_desktop() as desktop:
        terminal = subprocess.Popen(
            ["xterm", "-u8", "-sb", "-geometry", "80x24+0+0", *looks, "-e", "/bin/sh", "-c", script],
            env={**os.environ, "LC_ALL": "C.UTF-8", **environment, "DISPLAY": desktop.display},
            stderr=subprocess.DEVNULL,
        )
        try:
            # Without a window manager, keys go to the window under the pointer.
            here = {**os.environ, "DISPLAY": desktop.display}
            subprocess.run(["xdotool", "mousemove", "200", "200"], env=here, timeout=30, check=True)
            yield InXterm(display=desktop.display, ended=ended)
        finally:
            terminal.terminate()
            terminal.wait(timeout=10)
