"""The files of a trail, as CloudTrail delivers them to a bucket.

Source: AWS CloudTrail User Guide, cloudtrail-log-file-examples (names) and
get-and-view-cloudtrail-log-files (folders).
"""

from __future__ import annotations

import gzip
import json
import os
import secrets
import string
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from watchword.sandbox.process_log import note
from watchword.sandbox.trail.event import Finished, events_of
from watchword.sandbox.trail.folder import make_folder

_EVERY_SECONDS: Final = 5.0
_MOST_IN_A_FILE: Final = 1000
_ALPHABET: Final = string.ascii_letters + string.digits
_UNIQUE_LENGTH: Final = 16


class Trail:
    """Writes what was called into `folder`, some seconds later, from a thread of its own.

    `now` is the sandbox's time, which the files are named after. Raises CannotDeliver when the folder cannot
    be made. Any thread may use it.
    """

    def __init__(self, folder: Path, *, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._now = now
        self._lock = threading.Lock()
        self._delivering = threading.Lock()
        self._finished: list[Finished] = []
        self._waiting: list[tuple[str, dict[str, Any]]] = []
        self._ended = threading.Event()
        make_folder(folder)
        self._thread = threading.Thread(target=self._deliver_now_and_then, daemon=True)
        self._thread.start()

    def record(self, finished: Finished) -> None:
        """Take note of a call."""
        with self._lock:
            self._finished.append(finished)

    def flush(self) -> None:
        """Write all that is waiting. Raises OSError when it cannot; what is not written waits on."""
        with self._delivering:
            with self._lock:
                finished, self._finished = self._finished, []
            self._waiting += [each for one in finished for each in events_of(one)]
            while self._waiting:
                account, region = _trail_of(self._waiting[0])
                taken = [each for each in self._waiting if _trail_of(each) == (account, region)]
                self._write(account, region, [event for _, event in taken[:_MOST_IN_A_FILE]])
                written = {id(each) for each in taken[:_MOST_IN_A_FILE]}
                self._waiting = [each for each in self._waiting if id(each) not in written]

    def close(self) -> None:
        """Write all that is waiting, and end."""
        self._ended.set()
        self._thread.join()
        self.flush()

    def _deliver_now_and_then(self) -> None:
        while not self._ended.wait(_EVERY_SECONDS):
            try:
                self.flush()
            except OSError as error:
                note(f"CloudTrail's files cannot be written: {os.strerror(error.errno or 0)}")

    def _write(self, account: str, region: str, events: list[dict[str, Any]]) -> None:
        now = self._now().astimezone(UTC)
        folder = self._folder / f"AWSLogs/{account}/CloudTrail/{region}/{now:%Y/%m/%d}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unique = "".join(secrets.choice(_ALPHABET) for _ in range(_UNIQUE_LENGTH))
        name = f"{account}_CloudTrail_{region}_{now:%Y%m%dT%H%MZ}_{unique}.json.gz"
        content = gzip.compress(json.dumps({"Records": events}, separators=(",", ":")).encode())
        temporary = folder / f".{name}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
        except OSError:
            temporary.unlink()
            raise
        temporary.replace(folder / name)


def _trail_of(waiting: tuple[str, dict[str, Any]]) -> tuple[str, str]:
    account, event = waiting
    return account, event["awsRegion"]
