"""An enrolled device as text and as data; the text is rendered from the same values as the data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from watchword.aws.spelling import named
from watchword.device.enrol import Enrolled
from watchword.device.errors import login_command
from watchword.device.kind import kind_of
from watchword.device.profile_serial import Offered
from watchword.device.unfinished import removal_by_hand
from watchword.fastpath.session_file import written
from watchword.report.span import ending

DEVICE_SCHEMA = "watchword/device/v1"


def device_value(enrolled: Enrolled, *, png: Path | None) -> dict[str, Any]:
    """Return an enrolled device as data (`watchword/device/v1`); it holds no seed.

    `next` is what to type next, None where that is somebody else's to do. `config` is the line that tells
    other tools of the device, None when it stood there already, or there is no profile for it; `elsewhere`
    are settings of profiles with the same key that name another device.
    """
    session = enrolled.checked.session
    return {
        "schema": DEVICE_SCHEMA,
        "serial_number": enrolled.serial_number,
        "kind": kind_of(enrolled.serial_number).value,
        "user_name": enrolled.user_name,
        "account": enrolled.account,
        "profile": enrolled.profile,
        "is_own": enrolled.is_own,
        "enabled_at": _written(enrolled.enabled_at),
        "checked": session is not None,
        "why_not_checked": enrolled.checked.why_not,
        "session_expires_at": None if session is None else written(session.expires_at),
        "png": None if png is None else str(png),
        "next": _next(enrolled),
        "config": _config(enrolled.offered),
        "elsewhere": _elsewhere(enrolled.offered),
        "config_changed": enrolled.offered is not None and enrolled.offered.written,
        "old": enrolled.old,
        "replaced": enrolled.old if enrolled.old_stays is None else None,
        "why_not_replaced": None if enrolled.old_stays is None else enrolled.old_stays.message,
        "leftovers": list(enrolled.leftovers),
    }


def device_as_text(value: Mapping[str, Any], now: datetime) -> str:
    """Return what a person reads after enrolling."""
    lines = [f"enabled {value['serial_number']} for {value['user_name']}", *_checked(value, now)]
    if value["replaced"]:
        lines.append(f"it replaces {value['replaced']}, which is gone")
    if value["why_not_replaced"]:
        lines.append(f"{value['old']} is enabled as well: it could not be replaced")
    lines += _about_config(value)
    lines += [
        f"{leftover} was left by an enrolment that was broken off; who may can remove it:"
        f"\n  {removal_by_hand(leftover)}"
        for leftover in value["leftovers"]
    ]
    if value["png"]:
        lines.append(f"the picture in {value['png']} holds the secret: remove it when it has been scanned")
    if value["next"]:
        lines.append(f"next: {value['next']}")
    return "\n".join(lines)


def _checked(value: Mapping[str, Any], now: datetime) -> list[str]:
    if not value["checked"]:
        lines = [f"not checked: {value['why_not_checked']}"]
        return lines if value["is_own"] else [*lines, f"{value['user_name']} signs in with `watchword login`"]
    until = ending(datetime.fromisoformat(value["session_expires_at"]), now)
    return [f"checked with a real code: signed in until {until}"]


def _about_config(value: Mapping[str, Any]) -> list[str]:
    config, lines = value["config"], []
    if config is not None and value["config_changed"]:
        lines.append(f"wrote {config['line']} into {config['file']} under [{config['section']}]")
    elif config is not None and config["why_not"]:
        lines.append(f"{config['file']} was not changed: {config['why_not']}")
    if value["config_changed"] or value["replaced"]:
        lines += [
            f"profile {other['profile']} still has {other['setting']} = {other['serial_number']}"
            for other in value["elsewhere"]
        ]
    return lines


def _next(enrolled: Enrolled) -> str | None:
    if not enrolled.is_own:
        return None
    if enrolled.checked.session is None:
        return enrolled.checked.sign_in or login_command(enrolled.profile)
    profile = "" if enrolled.profile == "default" else f"{named(enrolled.profile)} "
    return f"watchword exec {profile}-- aws sts get-caller-identity"


def _config(offered: Offered | None) -> dict[str, Any] | None:
    if offered is None or not offered.needed:
        return None
    return {
        "file": str(offered.file),
        "section": offered.section,
        "line": offered.line,
        "replaces": offered.replaces,
        "why_not": offered.why_not,
    }


def _elsewhere(offered: Offered | None) -> list[dict[str, str]]:
    return [
        {"profile": each.profile, "setting": each.setting, "serial_number": each.serial_number}
        for each in (() if offered is None else offered.elsewhere)
    ]


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else written(moment)
