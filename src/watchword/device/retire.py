"""The old device of a user, once the new one is there: taken away and deleted."""

from __future__ import annotations

from watchword.aws import Refusal, Signed, Unreachable, deactivate_mfa_device, delete_virtual_mfa_device
from watchword.device.kind import DeviceKind
from watchword.device.own import OwnDevice
from watchword.device.owner import Owner
from watchword.device.unfinished import Say, removal_by_hand


def retire(signed: Signed, owner: Owner, old: OwnDevice, *, say: Say) -> None:
    """Take `old` away from its user; delete it, if it is a virtual one.

    That it is not there any more is fine. `say` is told when it could not be deleted. Raises `Refusal` and
    `Unreachable` when it could not be taken away: it still signs in then.
    """
    try:
        deactivate_mfa_device(signed, user_name=owner.user_name, serial_number=old.serial_number)
    except Refusal as refusal:
        if refusal.code != "NoSuchEntity":
            raise
    if old.kind is not DeviceKind.VIRTUAL:
        return
    try:
        delete_virtual_mfa_device(signed, old.serial_number)
    except (Refusal, Unreachable) as error:
        if isinstance(error, Unreachable) or error.code != "NoSuchEntity":
            say(
                f"`{old.serial_number}` is deactivated, and nobody's, but was not deleted;"
                f" by hand: {removal_by_hand(old.serial_number)}"
            )
