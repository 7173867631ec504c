"""What AWS has answered so far, in a file beside the one that is to be made: reading goes on from there.

The file has one JSON value a line: what it is, and then an answer in each. A line that was cut off when the
program was killed, and all after it, count as not read. Whoever writes it holds a lock on it.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Protocol

import msgspec

from watchword.audit.errors import SEE, BeingRead, NotTheSame, UnwritablePlace
from watchword.local.lock import try_lock

SCHEMA: Final = "watchword/snapshot-partial/v1"


_NO_LINE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    schema: str
    account: str
    endpoint: str
    begun_at: Annotated[datetime, msgspec.Meta(tz=True)]


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    answer: dict[str, Any]


class Answers(Protocol):
    """Where answers are kept, by a key that says what was asked."""

    def get(self, key: str) -> dict[str, Any] | None:
        """Return a kept answer; None when there is none."""

    def keep(self, key: str, answer: dict[str, Any]) -> None:
        """Keep an answer; from any thread."""

    def forget(self, keys: set[str]) -> None:
        """Keep these no longer."""


class InMemory:
    """Answers that end with the program."""

    def __init__(self) -> None:
        self._answers: dict[str, dict[str, Any]] = {}

    def get(self, key: str) -> dict[str, Any] | None:
        """Return a kept answer; None when there is none."""
        return self._answers.get(key)

    def keep(self, key: str, answer: dict[str, Any]) -> None:
        """Keep an answer."""
        self._answers[key] = answer

    def size(self) -> int:
        """Return how many there are."""
        return len(self._answers)

    def forget(self, keys: set[str]) -> None:
        """Keep these no longer."""
        for key in keys:
            self._answers.pop(key, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Whose answers they are: `endpoint` is that of STS, `aws` for AWS's own."""

    account: str
    endpoint: str


class InFile(InMemory):
    """Answers in a file, which also has those of an earlier run.

    `begun_at` is when the first of them was asked for; `found` is how many there were at the beginning.
    """

    def __init__(self, file_descriptor: int, path: Path, head: _Head, answers: dict[str, Any]) -> None:
        super().__init__()
        self._answers = answers
        self._file_descriptor: int | None = file_descriptor
        self._writing = threading.Lock()
        self.path = path
        self.begun_at = head.begun_at
        self.found = len(answers)

    def keep(self, key: str, answer: dict[str, Any]) -> None:
        """Keep an answer: it is in the file when this returns, unless that was closed."""
        line = msgspec.json.encode(_Line(key=key, answer=answer)) + b"\n"
        with self._writing:
            super().keep(key, answer)
            if self._file_descriptor is None:
                return
            try:
                _write_all(self._file_descriptor, line)
            except OSError as error:
                raise unwritable(self.path, error) from None

    def close(self) -> None:
        """Write nothing more: a call that was under way may be answered late, when its file is another's."""
        with self._writing:
            if self._file_descriptor is not None:
                os.close(self._file_descriptor)
            self._file_descriptor = None

    def remove(self) -> None:
        """Remove the file: what it is for is made."""
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()


@contextlib.contextmanager
def kept_in(
    path: Path, about: About, *, now: datetime, longest: timedelta, fresh: bool = False
) -> Iterator[InFile]:
    """Open the file of answers for as long as the `with` lasts, made with mode 0600 if it is not there.

    `longest` is how old its oldest answer may be; `fresh` throws away what is in it.
    Raises `BeingRead` when another process has it, `NotTheSame` when it is of another account or too old,
    `UnwritablePlace`.
    """
    file_descriptor = _opened(path)
    kept: InFile | None = None
    try:
        head, answers, length = _content(file_descriptor)
        if head is None and not fresh and not _is_ours(file_descriptor):
            raise NotTheSame(
                f"`{path}` is in the way: it holds something else than what AWS has answered so far",
                hint="move it away, or name another file with `-o`",
                see=SEE,
            )
        if head is None or fresh:
            head, answers, length = _begun(about, now), {}, 0
        else:
            _check(path, head, about, now, longest)
        os.ftruncate(file_descriptor, length)
        os.lseek(file_descriptor, length, os.SEEK_SET)
        if length == 0:
            _write_all(file_descriptor, msgspec.json.encode(head) + b"\n")
        kept = InFile(file_descriptor, path, head, answers)
        yield kept
    finally:
        if kept is None:
            os.close(file_descriptor)
        else:
            kept.close()


def _opened(path: Path) -> int:
    """Open the file of that name and lock it; whoever had it may have removed it meanwhile."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    while True:
        try:
            file_descriptor = os.open(path, flags, 0o600)
        except OSError as error:
            raise unwritable(path, error) from None
        if not stat.S_ISREG(os.fstat(file_descriptor).st_mode):
            os.close(file_descriptor)
            raise UnwritablePlace(
                f"`{path}` is not a file", hint="move it away, or name another file with `-o`", see=SEE
            )
        if not try_lock(file_descriptor):
            os.close(file_descriptor)
            raise BeingRead(
                f"another watchword is reading into `{path}`",
                hint="wait until it has ended, or name another file with `-o`",
                see=SEE,
            )
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(path.lstat(), os.fstat(file_descriptor)):
                _keep_to_oneself(path, file_descriptor)
                return file_descriptor
        os.close(file_descriptor)


def _keep_to_oneself(path: Path, file_descriptor: int) -> None:
    """Let nobody else read what comes into a file that was there already, and was open to others."""
    if not stat.S_IMODE(os.fstat(file_descriptor).st_mode) & 0o177:
        return
    try:
        os.fchmod(file_descriptor, 0o600)
    except OSError as error:
        os.close(file_descriptor)
        raise unwritable(path, error) from None


def _content(file_descriptor: int) -> tuple[_Head | None, dict[str, Any], int]:
    """Return what the file says, and how many of its bytes are whole lines."""
    with open(os.dup(file_descriptor), "rb") as file:  # noqa: PTH123 a descriptor, not a path
        first = file.readline()
        try:
            head = msgspec.json.decode(first, type=_Head)
        except _NO_LINE:
            return None, {}, 0
        if head.schema != SCHEMA:
            return None, {}, 0
        answers: dict[str, Any] = {}
        length = len(first)
        for line in file:
            try:
                one = msgspec.json.decode(line, type=_Line)
            except _NO_LINE:
                break
            if not line.endswith(b"\n") or not _is_answer(one.answer):
                break
            answers[one.key] = one.answer
            length += len(line)
        return head, answers, length


def _is_answer(answer: dict[str, Any]) -> bool:
    """Whether it is what `Asking` keeps: what AWS said, or the code of an answer that is as good."""
    return isinstance(answer.get("is"), dict) or isinstance(answer.get("none"), str)


def _is_ours(file_descriptor: int) -> bool:
    """Return whether a file is empty, or begins as ours do: it was cut off in its first line."""
    begin = f'{{"schema":"{SCHEMA}"'.encode()
    content = os.pread(file_descriptor, len(begin), 0)
    return begin.startswith(content)


def _begun(about: About, now: datetime) -> _Head:
    return _Head(schema=SCHEMA, account=about.account, endpoint=about.endpoint, begun_at=now)


def _check(path: Path, head: _Head, about: About, now: datetime, longest: timedelta) -> None:
    anew = "`--fresh` begins anew"
    if head.account != about.account or head.endpoint != about.endpoint:
        whose = f"account {head.account}" if head.account != about.account else f"`{head.endpoint}`"
        this = about.account if head.account != about.account else f"`{about.endpoint}`"
        raise NotTheSame(
            f"`{path}` was begun for {whose}, and this is {this}",
            hint=f"name another file with `-o`; {anew} and throws away what is in it",
            see=SEE,
        )
    age = now - head.begun_at
    if age < timedelta():
        raise NotTheSame(
            f"`{path}` was begun at {head.begun_at:%Y-%m-%d %H:%M}, which is yet to come",
            hint=f"see to the clock; {anew}",
            see=SEE,
        )
    if age > longest:
        hours, minutes = divmod(int(age.total_seconds()) // 60, 60)
        raise NotTheSame(
            f"`{path}` was begun {hours} h {minutes} min ago, too long for one snapshot",
            hint=f"{anew}; `--resume-within {hours + 1}h` goes on all the same",
            see=SEE,
        )


def _write_all(file_descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(file_descriptor, left) :]


def not_answers(path: Path) -> NotTheSame:
    """Return the error for a file that holds what AWS never answers: somebody has changed it."""
    return NotTheSame(
        f"`{path}` holds answers that are not as AWS gives them",
        hint="`--fresh` throws them away and reads the account anew",
        see=SEE,
    )


def unwritable(path: Path, error: OSError) -> UnwritablePlace:
    """Return the error for a file that could not be written."""
    return UnwritablePlace(
        f"cannot write `{path}`: {(error.strerror or str(error)).lower()}",
        hint="name a file in a folder that you may write with `-o`",
        see=SEE,
    )
