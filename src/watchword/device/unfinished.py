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


class LeftoverStays(NameTaken):
    """A device that belongs to nobody has the name, and whoever enrols may not remove it yet.

    `serial_number` is its own, and `refusal` what AWS said. `is_certain` is false where the list is
    forbidden: then it may be somebody's.
    """

    def __init__(self, serial_number: str, refusal: Refusal, *, is_certain: bool) -> None:
        belongs = "belongs to nobody" if is_certain else "may belong to nobody"
        super().__init__(
            f"there is a device `{serial_number}` already; it {belongs}, and AWS denies its removal",
            hint="choose another name (`--name NAME`), or have it removed:"
            f" `{removal_by_hand(serial_number)}`",
            see=SEE,
        )
        self.serial_number = serial_number
        self.refusal = refusal
        self.is_certain = is_certain


@contextlib.contextmanager
def new_device(
    signed: Signed, serial_number: str, *, say: Say, sign_in: str | None = None
) -> Iterator[VirtualMfaDevice]:
    """Make the virtual device `serial_number`; remove it when the `with` ends in an exception.

    One of that name which belongs to nobody is removed first; `say` is told about either. One that turns out
    to be enabled stays; `sign_in` is what its user types to sign in with it, said then. Raises
    `NameTaken` when it belongs to somebody, `LeftoverStays` when it may not be removed, and what the calls
    raise.
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
            _remove(signed, serial_number, say=say, sign_in=sign_in)
        raise


def remove_leftover(signed: Signed, serial_number: str, *, say: Say) -> bool:
    """Remove a leftover that could not be removed before; return whether it is gone now.

    AWS deletes no device that belongs to somebody. `say` is told; nothing is raised that AWS answers.
    """
    try:
        delete_virtual_mfa_device(signed, serial_number)
    except Refusal as refusal:
        return refusal.code == "NoSuchEntity"
    except Unreachable:
        return False
    say(f"removed `{serial_number}`, which an enrolment that was broken off had left")
    return True


def removal_by_hand(serial_number: str) -> str:
    """Return what removes a device that belongs to nobody, typed by somebody who may."""
    return f"aws iam delete-virtual-mfa-device --serial-number {serial_number}"


def _make(signed: Signed, serial_number: str, *, say: Say) -> VirtualMfaDevice:
    name = _name(serial_number)
    try:
        return create_virtual_mfa_device(signed, name)
    except Refusal as refusal:
        if refusal.code != "EntityAlreadyExists":
            raise
    _clear(signed, serial_number, say=say)
    try:
        return create_virtual_mfa_device(signed, name)
    except Refusal as refusal:
        if refusal.code != "EntityAlreadyExists":
            raise
        raise _taken(serial_number) from None


def _clear(signed: Signed, serial_number: str, *, say: Say) -> None:
    """Remove the leftover that has this name."""
    leftover = _leftover(signed, serial_number)
    found = leftover or serial_number
    say(
        f"there is `{found}` already: removing it, unless it belongs to somebody"
        if leftover is None
        else f"an enrolment that was broken off has left `{found}`, which belongs to nobody: removing it"
    )
    try:
        delete_virtual_mfa_device(signed, found)
    except Refusal as refusal:
        if refusal.code == "DeleteConflict":  # it is somebody's, perhaps since a moment ago
            raise _taken(serial_number) from None
        if refusal.code == "AccessDenied":
            raise LeftoverStays(found, refusal, is_certain=leftover is not None) from None
        if refusal.code != "NoSuchEntity":
            raise


def _leftover(signed: Signed, serial_number: str) -> str | None:
    """Return the serial number of the unassigned device of that name, whatever its case and path.

    None for who may not list: the plain serial number is the best guess then, for AWS deletes no device that
    belongs to somebody. Raises `NameTaken` when none of them is called so.
    """
    try:
        unassigned = list_virtual_mfa_devices(signed, assignment="Unassigned")
    except Refusal as refusal:
        if refusal.code != "AccessDenied":
            raise
        return None
    wanted = _name(serial_number).casefold()
    found = [each.serial_number for each in unassigned if _name(each.serial_number).casefold() == wanted]
    if not found:
        raise _taken(serial_number)
    # The one without a path stands in the way for certain.
    return min(found, key=lambda each: each.casefold() != serial_number.casefold())


def _remove(signed: Signed, serial_number: str, *, say: Say, sign_in: str | None) -> None:
    with undisturbed(seconds=_TIDYING_SECONDS):
        try:
            delete_virtual_mfa_device(signed, serial_number)
        except Refusal as refusal:
            if refusal.code == "DeleteConflict":
                then = "" if sign_in is None else f"; `{sign_in}` signs in with it"
                say(f"`{serial_number}` is enabled already and was left as it is{then}")
            elif refusal.code != "NoSuchEntity":
                by_hand = removal_by_hand(serial_number)
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
