"""A sandbox that ends with whoever started it, and leaves nothing: that of `watchword sandbox run`."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NoReturn

from watchword.errors import WatchwordError
from watchword.sandbox import process
from watchword.sandbox.folder import Door, Folder
from watchword.sandbox.trail.folder import make_folder

_PATIENCE_SECONDS: Final = 10.0


@contextlib.contextmanager
def tied_sandbox(options_in: Callable[[Folder], process.Options]) -> Iterator[tuple[Folder, Door]]:
    """Run a sandbox in a process and a folder of its own until the `with` ends, or this process.

    `options_in` says how it is to run in that folder. It holds one end of a pipe whose other end is ours
    alone: the kernel closes that, however we end, and then it ends too and takes the folder away.

    Raises WatchwordError when it does not start.
    """
    folder = Folder(Path(tempfile.mkdtemp(prefix="watchword-sandbox-")))
    try:
        options = options_in(folder)
        if options.cloudtrail is not None:
            make_folder(options.cloudtrail)  # here, where somebody reads what is wrong with it
        with folder.process_log.open("xb") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "watchword.sandbox.tied", *options.arguments()],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                close_fds=True,
            )
        try:
            yield folder, _started(child, options)
        finally:
            _end(child)
    finally:
        shutil.rmtree(folder.path, ignore_errors=True)


def _started(child: subprocess.Popen[bytes], options: process.Options) -> Door:
    try:
        return process.wait_for(child, options)
    except WatchwordError as error:
        # Its own log goes with the folder: what it said last is said here.
        with contextlib.suppress(OSError):
            last = options.folder.process_log.read_text(encoding="utf-8", errors="replace").splitlines()[-1:]
            error.hint = "; ".join(last) or error.hint
        raise


def _end(child: subprocess.Popen[bytes]) -> None:
    assert child.stdin is not None  # noqa: S101 - it is a pipe
    child.stdin.close()
    child.returncode = None  # whoever waited for its start has taken it for one that stays
    try:
        child.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def main(arguments: Sequence[str]) -> int:
    """Be the sandbox until standard input ends (`python -m watchword.sandbox.tied`)."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", type=Path)
    folder: Path = parser.parse_known_args(arguments)[0].dir
    signal.signal(signal.SIGTERM, _leave)  # until the server is there, which has a handler of its own
    over = threading.Event()

    def end_with_standard_input() -> None:
        sys.stdin.buffer.read()
        over.set()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=end_with_standard_input, daemon=True).start()
    try:
        return process.main(arguments)
    finally:
        if over.is_set():  # else somebody is there who wants to read what went wrong
            shutil.rmtree(folder, ignore_errors=True)


def _leave(_number: int, _frame: object) -> NoReturn:
    raise SystemExit


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
