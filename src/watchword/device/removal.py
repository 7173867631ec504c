"""Taking a device away: deactivated, then deleted; what was begun is known to the next run."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

from watchword.aws import (
    Refusal,
    Signed,
    Unreachable,
    deactivate_mfa_device,
    delete_virtual_mfa_device,
)
from watchword.device.acting import Acting
from watchword.device.errors import SEE_CHANGE
from watchword.device.interruption import ending_interrupts
from watchword.device.kind import DeviceKind, kind_of
from watchword.device.own import devices_of
from watchword.device.owner import Owner
from watchword.device.permitted import Talk, permitted
from watchword.errors import WatchwordError
from watchword.fastpath.session_file import BrokenSessionFile, UnsafeSessionFile, read_private
from watchword.session import AWS_ITSELF

_GONE = "NoSuchEntity"
_CONFLICT = "DeleteConflict"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What became of a device. `left` is why a virtual one still exists, belonging to nobody."""

    deactivated: bool
    deleted: bool
    left: WatchwordError | None = None


def take_away(asking: Acting, owner: Owner, serial_number: str, *, talk: Talk) -> Removal:
    """Take a device from `owner`, and delete it if it is a virtual one.

    Somebody else who does the same at the same time is no error: gone is gone. A kill in between is made good
    by `finish_begun`.
    Raises what `permitted` raises for DeactivateMFADevice, and `Unreachable` when it is not known whether the
    device was taken away; `KeyboardInterrupt` after saying how far it came.
    """
    with _begun(asking, owner, serial_number) as begun, ending_interrupts():
        asking, deactivated = _deactivate(asking, owner, serial_number, talk)
        if kind_of(serial_number) is not DeviceKind.VIRTUAL:
            begun.over()
            return Removal(deactivated=deactivated, deleted=False)
        try:
            removal = _delete(asking, serial_number, talk, deactivated=deactivated)
        except KeyboardInterrupt:
            talk.say(f"`{serial_number}` belongs to nobody now, and may still exist; this again deletes it")
            raise
        if not isinstance(removal.left, Unreachable):
            begun.over()
        return removal


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A device that a removal which was broken off had left, and what became of it now."""

    serial_number: str
    removal: Removal


def finish_begun(asking: Acting, owner: Owner, *, talk: Talk) -> Finished | None:
    """Delete the device that a removal of `owner`'s which was broken off here has left; None without one.

    AWS deletes no device that belongs to somebody. Raises `Unreachable`.
    """
    begun = _Begun(_path(asking, owner))
    serial_number = begun.serial_number()
    if serial_number is None:
        return None
    removal = delete_unassigned(asking, serial_number, talk=talk)
    begun.over()
    is_theirs = isinstance(removal.left, Refusal) and removal.left.code == _CONFLICT
    if is_theirs or not (removal.deleted or removal.left):
        return None
    talk.say(f"a removal that was broken off has left `{serial_number}`, which belongs to nobody")
    return Finished(serial_number=serial_number, removal=removal)


def delete_unassigned(asking: Acting, serial_number: str, *, talk: Talk) -> Removal:
    """Delete a virtual device that belongs to nobody; raise `Unreachable` when there is no answer."""
    removal = _delete(asking, serial_number, talk, deactivated=False)
    if isinstance(removal.left, Unreachable):
        raise removal.left
    return removal


def _deactivate(asking: Acting, owner: Owner, serial_number: str, talk: Talk) -> tuple[Acting, bool]:
    """Return who did it in the end, and whether it was done here: somebody else may have been faster."""

    def call(signed: Signed) -> None:
        deactivate_mfa_device(signed, user_name=owner.user_name, serial_number=serial_number)

    try:
        return permitted(asking, call, resource=owner.arn, talk=talk)[0], True
    except Refusal as refusal:
        if refusal.code != _GONE:
            raise
        talk.say(f"`{serial_number}` is no device of `{owner.user_name}`, or not any more")
        return asking, False
    except Unreachable as error:
        if not error.request_left or _still_theirs(asking, owner, serial_number, error):
            raise
        return asking, True


def _still_theirs(asking: Acting, owner: Owner, serial_number: str, lost: Unreachable) -> bool:
    """Return whether the user still has the device, when the answer was lost; raise when nobody can tell."""
    try:
        devices = devices_of(asking.signed, owner.user_name)
    except (Refusal, Unreachable):
        raise Unreachable(
            f"{lost.message}; whether `{serial_number}` was deactivated is not known",
            endpoint=lost.endpoint,
            request_left=True,
            hint="run this again when AWS can be reached: it goes on where this ended",
            see=SEE_CHANGE,
        ) from None
    return any(device.serial_number == serial_number for device in devices)


def _delete(asking: Acting, serial_number: str, talk: Talk, *, deactivated: bool) -> Removal:
    def call(signed: Signed) -> None:
        delete_virtual_mfa_device(signed, serial_number)

    try:
        permitted(asking, call, resource=serial_number, talk=talk)
    except Refusal as refusal:
        if refusal.code == _GONE:
            return Removal(deactivated=deactivated, deleted=False)
        left = _conflict(refusal) if refusal.code == _CONFLICT else refusal
        return Removal(deactivated=deactivated, deleted=False, left=left)
    except WatchwordError as error:
        return Removal(deactivated=deactivated, deleted=False, left=error)
    return Removal(deactivated=deactivated, deleted=True)


def _conflict(refusal: Refusal) -> Refusal:
    return refusal.explained(
        "somebody has enrolled it again meanwhile, perhaps another watchword: `watchword device list` shows"
        " whose it is",
        see=SEE_CHANGE,
    )


class _Begun:
    """The note that a removal has begun, for the case that this process is killed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def serial_number(self) -> str | None:
        """Return the virtual device that was being removed; None when no removal was broken off."""
        try:
            serial_number = json.loads(read_private(str(self._path)))["serial_number"]
        except (OSError, ValueError, LookupError, TypeError, BrokenSessionFile, UnsafeSessionFile):
            return None
        return serial_number if isinstance(serial_number, str) else None

    def over(self) -> None:
        """Forget it: there is nothing left to do."""
        self._path.unlink(missing_ok=True)


@contextlib.contextmanager
def _begun(asking: Acting, owner: Owner, serial_number: str) -> Iterator[_Begun]:
    """Note that the removal of a virtual device begins; forget it again when AWS refuses the beginning."""
    path = _path(asking, owner)
    note = _Begun(path)
    if kind_of(serial_number) is DeviceKind.VIRTUAL:
        asking.entrance.store.write(path, json.dumps({"serial_number": serial_number}))
    try:
        yield note
    except Unreachable:
        raise
    except WatchwordError:
        note.over()
        raise


def _path(asking: Acting, owner: Owner) -> Path:
    endpoint = asking.entrance.settings.endpoint_url or AWS_ITSELF
    return asking.entrance.store.removal_path(endpoint, owner.arn)
