"""A device that is made but not yet enabled: it must not be left behind, and may be found left."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from watchword.aws import (
    Refusal,
    Signed,
    Unreachable,
    VirtualMfaDevice,
    create_virtual_mfa_device,
    delete_virtual_mfa_device,
    list_virtual_mfa_devices,
)
from watchword.device.errors import SEE, NameTaken
from watchword.device.interruption import undisturbed

Say = Callable[[str], None]
_TIDYING_SECONDS = 3.0


@contextlib.contextmanager
def new_device(signed: Signed, serial_number: str, *, say: Say) -> Iterator[VirtualMfaDevice]:
    """Make the virtual device `serial_number`; remove it when the `with` ends in an exception.

    One of that name which belongs to nobody is removed first; `say` is told about either. Raises
    `NameTaken` when it belongs to somebody, and what the calls raise.
    """
    may_exist = False
    try:
        may_exist = True  # from here on, whether or not an answer comes back
        try:
            device = _make(signed, serial_number, say=say)
        except (Refusal, NameTaken):
            may_exist = False
            raise
        except Unreachable as error:
            may_exist = error.request_left
            raise
        yield device
    except BaseException:
        if may_exist:
            _remove(signed, serial_number, say=say)
        raise


def _make(signed: Signed, serial_number: str, *, say: Say) -> VirtualMfaDevice:
    name = _name(serial_number)
    try:
        return create_virtual_mfa_device(signed, name)
    except Refusal as refusal:
        if refusal.code != "EntityAlreadyExists":
            raise
    _remove_leftover(signed, serial_number, say=say)
    return create_virtual_mfa_device(signed, name)


def _remove_leftover(signed: Signed, serial_number: str, *, say: Say) -> None:
    leftover = _leftover(signed, serial_number, say=say)
    try:
        delete_virtual_mfa_device(signed, leftover)
    except Refusal as refusal:
        if refusal.code == "DeleteConflict":  # it is somebody's, perhaps since a moment ago
            raise _taken(serial_number) from None
        if refusal.code != "NoSuchEntity":
            raise


def _leftover(signed: Signed, serial_number: str, *, say: Say) -> str:
    """Return the serial number of the unassigned device of that name; names ignore case and path.

    Who may not list gets the plain serial number: AWS deletes no device that belongs to somebody.
    """
    try:
        unassigned = list_virtual_mfa_devices(signed, assignment="Unassigned")
    except Refusal as refusal:
        if refusal.code != "AccessDenied":
            raise
        say(f"there is `{serial_number}` already: removing it, unless it belongs to somebody")
        return serial_number
    wanted = _name(serial_number).casefold()
    serials = (found.serial_number for found in unassigned)
    leftover = next((found for found in serials if _name(found).casefold() == wanted), None)
    if leftover is None:
        raise _taken(serial_number)
    say(f"an enrolment that was broken off has left `{leftover}`, which belongs to nobody: removing it")
    return leftover


def _remove(signed: Signed, serial_number: str, *, say: Say) -> None:
    by_hand = f"aws iam delete-virtual-mfa-device --serial-number {serial_number}"
    with undisturbed(seconds=_TIDYING_SECONDS):
        try:
            delete_virtual_mfa_device(signed, serial_number)
        except Refusal as refusal:
            if refusal.code == "DeleteConflict":
                say(f"`{serial_number}` is enabled already and was left as it is")
            elif refusal.code != "NoSuchEntity":
                say(f"`{serial_number}` could not be removed ({refusal.code}); by hand: {by_hand}")
        except Unreachable:
            say(f"`{serial_number}` could not be removed, AWS is out of reach; the next enrolment does it")
        else:
            say(f"nothing is left behind: `{serial_number}` was removed again")


def _taken(serial_number: str) -> NameTaken:
    return NameTaken(
        f"there is a device `{serial_number}` already, and it belongs to somebody",
        hint="choose another name: `--name NAME`",
        see=SEE,
    )


def _name(serial_number: str) -> str:
    return serial_number.rpartition("/")[2]
