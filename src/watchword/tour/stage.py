"""The stage: a folder, an environment and a terminal at which the commands are really typed."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pexpect

from watchword.errors import WatchwordError

PATIENCE_SECONDS = 60
_COLUMNS, _LINES = 80, 45
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SSL_CERT_FILE")


class StageError(WatchwordError):
    """The story cannot be played on this machine."""


@dataclass(slots=True)
class Stage:
    """Where one performance happens: nothing outside `folder` is written.

    `notes` is what the person remembers from step to step, `secrets` what no transcript may show.
    """

    folder: Path
    environment: dict[str, str]
    notes: dict[str, str] = field(default_factory=dict, repr=False)
    secrets: set[str] = field(default_factory=set, repr=False)

    def type(
        self, command: str, answers: Sequence[tuple[str, Callable[[], str]]] = ()
    ) -> tuple[str, int | None]:
        """Type `command` at a terminal; return all that the terminal showed, and the exit code.

        `answers` are regular expressions of prompts, in order, each with what gives the text to type.
        The exit code is `None` when a prompt did not come or the command did not end in time.
        """
        terminal = pexpect.spawn(
            "/bin/sh",
            ["-c", command],
            cwd=str(self.folder),
            env=self.environment,
            dimensions=(_LINES, _COLUMNS),
            encoding="utf-8",
            codec_errors="replace",
            timeout=PATIENCE_SECONDS,
        )
        terminal.logfile_read = shown = StringIO()
        try:
            for prompt, text in answers:
                terminal.expect(prompt)
                terminal.sendline(text())
            terminal.expect(pexpect.EOF)
        except (pexpect.TIMEOUT, pexpect.EOF):
            terminal.close(force=True)
            return shown.getvalue(), None
        terminal.close()
        if terminal.signalstatus is not None:
            return shown.getvalue(), 128 + terminal.signalstatus
        return shown.getvalue(), terminal.exitstatus


@contextmanager
def open_stage() -> Iterator[Stage]:
    """Yield a stage in a new folder with an empty home; the folder is removed afterwards.

    Raises `StageError` when the real `aws` command is not there.
    """
    with TemporaryDirectory(prefix="watchword-tour-") as name:
        folder = Path(name)
        _lay_out_policies(folder)
        yield Stage(folder=folder, environment=_environment(folder))


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    beside_python = str(Path(sys.executable).parent)
    path = os.pathsep.join([beside_python, kept.get("PATH", os.defpath)])
    if shutil.which("aws", path=path) is None:
        raise StageError(
            "the `aws` command is not installed",
            hint="install watchword with its extra: pip install '.[tour]' in a clone of it",
            see="docs/rooms/tour.md",
        )
    return {
        "LANG": "C.UTF-8",
        **kept,
        "PATH": path,
        "HOME": str(folder),
        "SHELL": "/bin/sh",
        "TERM": "xterm",
        "NO_COLOR": "1",
        "WATCHWORD_SANDBOX": str(folder / "sandbox"),
    }


def _lay_out_policies(folder: Path) -> None:
    for policy in files("watchword.tour").joinpath("policies").iterdir():
        (folder / policy.name).write_text(policy.read_text(encoding="utf-8"), encoding="utf-8")
