"""A round of invitations: a folder that remembers whom it is about, what was found, and who has enrolled."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from watchword.device.errors import UnusableRound
from watchword.device.invite_person import Finding, Person, Standing
from watchword.local.lock import try_lock
from watchword.local.rewrite import Care, rewrite_bytes

SEE: Final = "docs/devices/invite.md"
SCHEMA: Final = "watchword/device-invite-round/v1"
STATE_FILE: Final = "invite.json"
_GOES_ON_WITHIN: Final = timedelta(hours=1)
_CARE: Final = Care(
    hint="make the folder writable, or name another: `--out FOLDER`", see=SEE, make=True, private=True
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A person in a round; `invited_at` is when instructions were written first, `file` where (no folder)."""

    person: Person
    finding: Finding
    invited_at: datetime | None = None
    file: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that a round remembers. Nothing in it is secret.

    A run began at `began_at` and went through the whole list at `ended_at`, None when it was broken off.
    `entries` are by the user's name, `leftovers` the unassigned devices by serial number, with when each was
    seen first; `contact` is whom people shall ask.
    """

    schema: str = SCHEMA
    account: str
    contact: str | None = None
    began_at: datetime
    ended_at: datetime | None = None
    entries: dict[str, Entry] = dataclasses.field(default_factory=dict)
    leftovers: dict[str, datetime] = dataclasses.field(default_factory=dict)


class Round:
    """The state of a round in a folder, which only this process holds."""

    def __init__(self, folder: Path, state: State, *, writes: bool) -> None:
        self.folder = folder
        self.state = state
        self.going_on = False
        self.before = dict(state.entries)
        self._writes = writes

    def begin(self, at: datetime, *, contact: str | None) -> None:
        """Begin a run, or go on with one that was broken off less than an hour ago.

        `contact` is remembered; without one, that of the run before stays. What shall write nothing looks at
        everybody.
        """
        state = self.state
        broken_off = bool(state.entries) and state.ended_at is None and at - state.began_at < _GOES_ON_WITHIN
        contact = contact or state.contact
        self.going_on = self._writes and broken_off and contact == state.contact
        began_at = state.began_at if self.going_on else at
        self.state = dataclasses.replace(state, contact=contact, began_at=began_at, ended_at=None)

    def is_done(self, person: Person) -> bool:
        """Whether a run that was broken off, and that this one goes on with, has settled this person."""
        entry = self.state.entries.get(person.user_name)
        if not self.going_on or entry is None or entry.person.account != person.account:
            return False
        return entry.finding.checked_at >= self.state.began_at and entry.finding.standing.is_settled

    def note(self, person: Person, finding: Finding, *, file: str | None, at: datetime) -> Entry:
        """Remember what was found; `file` is None when no instructions were written."""
        before = self.state.entries.get(person.user_name)
        invited_at = (before.invited_at if before else None) or (at if file else None)
        entry = Entry(
            person=person,
            finding=finding,
            invited_at=invited_at,
            file=file or (before.file if before else None),
        )
        self.state.entries[person.user_name] = entry
        return entry

    def has_enrolled_since(self, user_name: str) -> bool:
        """Whether this person has enrolled since the run before."""
        now, before = self.state.entries.get(user_name), self.before.get(user_name)
        is_enrolled = now is not None and now.finding.standing is Standing.ENROLLED
        return is_enrolled and before is not None and before.finding.standing is not Standing.ENROLLED

    def end(self, at: datetime) -> None:
        """Say that the whole list was gone through."""
        self.state = dataclasses.replace(self.state, ended_at=at)

    def save(self) -> None:
        """Write the state, whole or not at all; raise `NotRewritten`."""
        if self._writes:
            entries = dict(sorted(self.state.entries.items()))
            state = dataclasses.replace(self.state, entries=entries)
            text = msgspec.json.format(msgspec.json.encode(state), indent=1) + b"\n"
            rewrite_bytes(self.folder / STATE_FILE, lambda _: text, _CARE)


@contextlib.contextmanager
def open_round(folder: Path, *, account: str, now: datetime, writes: bool = True) -> Iterator[Round]:
    """Hold the round in `folder`, a new one when there is none; unless `writes`, nothing is made there.

    Raises `UnusableRound`, also when another process holds it.
    """
    with _held(folder, writes=writes):
        state = read_state(folder) or State(account=account, began_at=now)
        if state.account != account:
            raise UnusableRound(
                f"`{folder}` is about account {state.account}, and this is {account}",
                hint="use the other account's profile, or another folder: `--out FOLDER`",
                see=SEE,
            )
        yield Round(folder, state, writes=writes)


def read_state(folder: Path) -> State | None:
    """Return what the folder remembers; None when it is no round. Raises `UnusableRound`."""
    path = folder / STATE_FILE
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unusable(path, f"cannot be read: {(error.strerror or str(error)).lower()}") from None
    if not data:
        return None  # what is left of a first run that was killed while it made the file
    try:
        schema = msgspec.json.decode(data, type=_Versioned).schema
        if schema != SCHEMA:
            raise _unusable(path, f"was written by another version (`{schema}`)")
        return msgspec.json.decode(data, type=State)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise _unusable(path, "is not what watchword wrote there") from None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Versioned:
    schema: str


def _unusable(path: Path, why: str) -> UnusableRound:
    hint = f"move it away (`mv {path} {path}.old`): the round begins anew, the instructions stay"
    return UnusableRound(f"`{path}` {why}", hint=hint, see=SEE)


@contextlib.contextmanager
def _held(folder: Path, *, writes: bool) -> Iterator[None]:
    """Hold the folder itself locked; the kernel lets go of it when this process ends, however it ends."""
    try:
        if writes:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif not folder.exists():
            yield
            return
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileExistsError:
        raise UnusableRound(
            f"`{folder}` is not a folder", hint="name another: `--out FOLDER`", see=SEE
        ) from None
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise UnusableRound(f"cannot use the folder `{folder}`: {why}", hint=_CARE.hint, see=SEE) from None
    try:
        if not try_lock(descriptor):
            raise UnusableRound(
                f"another watchword is working on the round in `{folder}`",
                hint="wait until it has ended; nothing was changed",
                see=SEE,
            )
        yield
    finally:
        os.close(descriptor)
