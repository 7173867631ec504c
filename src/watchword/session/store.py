"""Where sessions are kept: the cache folder, one file each, and which device answers for a key."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from watchword.fastpath import session_file
from watchword.fastpath.session_file import BrokenSessionFile, UnsafeSessionFile
from watchword.local.cache_folder import UnusableCache, private_folder, unwritable
from watchword.session.device import Remembered
from watchword.session.errors import SEE
from watchword.session.session import Session, SessionKey, session_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file of the store: the session in it, or what is wrong with it (None and None: it is not there).

    `unsafe` means that somebody else may have read or written it.
    """

    path: Path
    session: Session | None
    problem: str | None = None
    unsafe: bool = False


class SessionStore:
    """The sessions of this user on this machine, in `folder` (which is private)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, session: Session) -> None:
        """Keep a session, in the place of an older one; raise `UnusableCache`."""
        path = self.path_of(session.key)
        self.sweep()
        try:
            session_file.write(str(path), session.credentials, session.about())
        except OSError as error:
            raise unwritable(path, error) from error

    def get(self, key: SessionKey) -> Session | None:
        """Return the session, None when there is none or its file is damaged; raise `UnusableCache`.

        A file that others can read is refused, not repaired: its secrets may be known by now.
        """
        stored = self._load(self.path_of(key))
        if stored.unsafe:
            raise UnusableCache(
                str(stored.problem), hint="`watchword logout --all` removes it, then sign in anew", see=SEE
            )
        return stored.session

    def all(self) -> Iterator[Stored]:
        """Yield every file of the store, damaged ones too."""
        for path in sorted(self._kind("sessions").glob("*.session")):
            yield self._load(path)

    def remove(self, stored: Stored | Session) -> None:
        """Forget a session; that it is gone already is fine."""
        self._unlink(stored.path if isinstance(stored, Stored) else self.path_of(stored.key))

    def sweep(self) -> None:
        """Remove what processes that were killed while they wrote a session have left of it."""
        for path in self._kind("sessions").glob("*.session.*.new"):
            if not _lives(path.suffixes[-2][1:]):
                path.unlink(missing_ok=True)

    def device_of(self, endpoint: str, access_key_id: str) -> Remembered | None:
        """Return the device that answered for this key before, or None."""
        try:
            text = session_file.read_private(str(self._device_path(endpoint, access_key_id)))
            value = json.loads(text)
            serial_number, mfa_serial = value["serial_number"], value.get("mfa_serial")
        except (
            OSError,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            RecursionError,
            BrokenSessionFile,
            UnsafeSessionFile,
        ):
            # Only a memory of an answer: what cannot be read is asked again.
            return None
        if not isinstance(serial_number, str) or not isinstance(mfa_serial, str | None):
            return None
        return Remembered(serial_number=serial_number, mfa_serial=mfa_serial)

    def remember_device(self, key: SessionKey, *, mfa_serial: str | None) -> None:
        """Remember which device answers for a key, and what the profile says; raise `UnusableCache`."""
        self.write(
            self._device_path(key.endpoint, key.access_key_id),
            json.dumps({"serial_number": key.serial_number, "mfa_serial": mfa_serial}),
        )

    def forget_device(self, endpoint: str, access_key_id: str) -> None:
        """Forget which device answers for a key, so that it is found anew; raise `UnusableCache`."""
        self._unlink(self._device_path(endpoint, access_key_id))

    def removal_path(self, endpoint: str, user_arn: str) -> Path:
        """Return the file that says which device of a user is being removed."""
        return self._kind("removals") / f"{_name(endpoint, user_arn)}.json"

    def codes_path(self, key: SessionKey) -> Path:
        """Return where the codes of a device that were sent are remembered."""
        return self._kind("codes") / f"{_name(key.endpoint, key.serial_number)}.json"

    def lock_path(self, key: SessionKey) -> Path:
        """Return the file that is locked while somebody is asked for a code of this device."""
        return self._kind("locks") / f"{_name(key.endpoint, key.serial_number)}.lock"

    def enrolling_path(self, endpoint: str, serial_number: str) -> Path:
        """Return the file that is locked while somebody enrols the device of this serial number."""
        return self._kind("locks") / f"{_name(endpoint, serial_number)}.enrol.lock"

    def role_lock_path(self, key: SessionKey) -> Path:
        """Return the file that is locked while a role is assumed for this session."""
        return self._kind("locks") / f"{_session_name(key)}.role.lock"

    def path_of(self, key: SessionKey) -> Path:
        """Return the file that holds the session, once there is one."""
        return self._kind("sessions") / f"{_session_name(key)}.session"

    def forget(self, session: Session) -> None:
        """Forget a session that is no good; not the one that another process has put in its place."""
        stored = self._load(self.path_of(session.key)).session
        if stored is not None and stored.credentials.access_key_id == session.credentials.access_key_id:
            self.remove(session)

    def asking_path(self, endpoint: str, access_key_id: str) -> Path:
        """Return the file that is locked while somebody is asked for a code for this key."""
        return self._kind("locks") / f"{_name(endpoint, access_key_id)}.key.lock"

    @staticmethod
    def write(path: Path, text: str) -> None:
        """Write a private file of the store; raise `UnusableCache`."""
        try:
            session_file.replace(str(path), text)
        except OSError as error:
            raise unwritable(path, error) from error

    def _device_path(self, endpoint: str, access_key_id: str) -> Path:
        return self._kind("devices") / f"{_name(endpoint, access_key_id)}.json"

    def _kind(self, name: str) -> Path:
        return private_folder(self._folder / name)

    @staticmethod
    def _unlink(path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(path, error) from error

    @staticmethod
    def _load(path: Path) -> Stored:
        try:
            session = session_from(*session_file.read(str(path)))
        except FileNotFoundError:
            return Stored(path=path, session=None)
        except UnsafeSessionFile as unsafe:
            return Stored(path=path, session=None, problem=str(unsafe), unsafe=True)
        except (BrokenSessionFile, KeyError, ValueError):
            return Stored(path=path, session=None, problem=f"`{path}` is damaged")
        except OSError as error:
            problem = f"`{path}` cannot be read: {(error.strerror or '').lower()}"
            return Stored(path=path, session=None, problem=problem, unsafe=True)
        return Stored(path=path, session=session)


def _lives(process_id: str) -> bool:
    try:
        os.kill(int(process_id), 0)
    except (ValueError, OverflowError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _name(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _session_name(key: SessionKey) -> str:
    role = (key.role,) if key.role else ()
    return _name(key.endpoint, key.access_key_id, key.serial_number, *role)
