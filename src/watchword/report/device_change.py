"""What became of a device as data and as text; the text is rendered from the data."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from watchword.aws.spelling import as_option
from watchword.device.forgotten import Forgotten
from watchword.device.kind import kind_of
from watchword.device.opens import Opens, what_lives_on
from watchword.device.owner import Owner
from watchword.device.remove import Removed
from watchword.device.replace import Replaced
from watchword.device.resync import Resynced
from watchword.device.which import shown_name
from watchword.report.device_enroll import device_as_text, device_value

CHANGE_SCHEMA = "watchword/device-change/v1"
ENROL = "watchword device enroll"


def resynced_value(resynced: Resynced) -> dict[str, Any]:
    """Return a device whose clock AWS has learnt as data (`watchword/device-change/v1`)."""
    return _about("resync", resynced.owner, resynced.profile, resynced.serial_number)


def removed_value(removed: Removed, *, action: str = "remove") -> dict[str, Any]:
    """Return a device that was removed as data (`watchword/device-change/v1`).

    `last` is whether it was the user's last device, null when nobody may see that; `opening` is what that
    opens (`watchword.device.opens.Opens`), and `opens` the lines about it. `left_because` is why a virtual
    device still exists, belonging to nobody; null when it does not.
    """
    removal, opening, forgotten = removed.removal, removed.opening, removed.forgotten
    return {
        **_about(action, removed.owner, removed.profile, removed.serial_number),
        "is_own": removed.is_own,
        "deactivated": removal.deactivated,
        "deleted": removal.deleted,
        "left_because": None if removal.left is None else removal.left.message,
        "last": None if opening is None or opening.kind is Opens.UNKNOWN else _is_last(opening.kind),
        "opening": None if opening is None else opening.kind.value,
        "opens": [] if opening is None else list(opening.lines),
        "lives_on": None if opening is None else what_lives_on(kind_of(removed.serial_number)),
        **_forgotten(forgotten),
    }


def resynced_as_text(value: Mapping[str, Any]) -> str:
    """Return what a person reads after a device was synchronised."""
    return f"AWS knows the clock of {value['name']} now and takes its codes; sessions stay as they are"


def removed_as_text(value: Mapping[str, Any]) -> str:
    """Return what a person reads after a device was removed."""
    lines = [_what_became(value)]
    if value["signed_out"]:
        lines.append(f"forgotten here: the session that it opened for {_names(value['signed_out'])}")
    lines += _still_named(value)
    if value["kind"] != "fido" and value["is_own"] and importlib.util.find_spec("keyring"):
        lines.append("if its seed is in the keyring of this machine, this takes it out:")
        lines.append(f"  python -m keyring del watchword {value['serial_number']}")
    return "\n".join(lines)


def replaced_value(replaced: Replaced, *, png: Path | None) -> dict[str, Any]:
    """Return a device with another in its place as data (`watchword/device-change/v1`).

    `enrolled` is the new one, `watchword/device/v1`.
    """
    stays = replaced.enrolled.old_stays
    return {
        **_about("replace", replaced.owner, replaced.profile, replaced.old),
        "deactivated": stays is None,
        "left_because": None if stays is None else stays.message,
        **_forgotten(replaced.forgotten),
        "enrolled": device_value(replaced.enrolled, png=png),
    }


def replaced_as_text(value: Mapping[str, Any], now: datetime) -> str:
    """Return what a person reads when a device has another in its place."""
    return "\n".join([device_as_text(value["enrolled"], now), *_still_named(value)])


def room_value(removed: Removed) -> dict[str, Any]:
    """Return a lost device that an administrator removed as data.

    `next_for_user` is what its user types then; None when only the AWS console helps them.
    """
    value = removed_value(removed, action="replace")
    enrols = value["opening"] != Opens.NO_CODES
    return {**value, "enrolled": None, "next_for_user": ENROL if enrols else None}


def room_as_text(value: Mapping[str, Any]) -> str:
    """Return what an administrator reads, and passes on."""
    return "\n".join([removed_as_text(value), *_next(value)])


def _next(value: Mapping[str, Any]) -> list[str]:
    if value["next_for_user"] is None:
        return [
            f"next, {value['user_name']} adds an authenticator app in the AWS console, with the security key"
        ]
    needs = {
        Opens.LAST_DEVICE: "and needs no code for that",
        Opens.NOTHING: "with a code of another device that they have",
    }.get(value["opening"], "with a code of another device, if there is one")
    return [f"next, {value['user_name']} enrols the new device, {needs}:", f"  {value['next_for_user']}"]


def _what_became(value: Mapping[str, Any]) -> str:
    name, user = value["serial_number"], value["user_name"]
    if value["left_because"] is not None:
        return f"{name} is no device of {user} any more, but still exists and belongs to nobody"
    if value["deleted"]:
        return f"removed {name}" + (f" of {user}" if value["lives_on"] else ", which belonged to nobody")
    if value["deactivated"]:
        return f"removed {name} of {user}: AWS takes it no longer"
    return f"{name} was removed by somebody else meanwhile"


def _still_named(value: Mapping[str, Any]) -> list[str]:
    if not value["still_named"]:
        return []
    verb = "has" if len(value["still_named"]) == 1 else "have"
    lines = [
        f"{_names(value['still_named'])} still {verb} it as mfa_serial, for which AWS takes no codes now;"
    ]
    if value["instead"] is None:
        return [*lines, "  take the line out, or name another device there"]
    commands = (
        f"  aws configure set mfa_serial {value['instead']} {as_option(profile)}"
        for profile in value["still_named"]
    )
    return [*lines, "to name the one that stays:", *commands]


def _about(action: str, owner: Owner, profile: str, serial_number: str) -> dict[str, Any]:
    return {
        "schema": CHANGE_SCHEMA,
        "action": action,
        "profile": profile,
        "account": owner.account,
        "user_name": owner.user_name,
        "name": shown_name(serial_number),
        "serial_number": serial_number,
        "kind": kind_of(serial_number).value,
    }


def _forgotten(forgotten: Forgotten | None) -> dict[str, Any]:
    if forgotten is None:
        return {"signed_out": [], "still_named": [], "instead": None}
    return {
        "signed_out": list(forgotten.signed_out),
        "still_named": list(forgotten.still_named),
        "instead": forgotten.instead,
    }


def _is_last(kind: Opens) -> bool:
    return kind is Opens.LAST_DEVICE


def _names(profiles: list[str]) -> str:
    word = "profile" if len(profiles) == 1 else "profiles"
    return f"{word} {', '.join(f'`{profile}`' for profile in profiles)}"
