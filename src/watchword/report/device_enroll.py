"""An enrolled device as text and as data; the text is rendered from the same values as the data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from watchword.device.enrol import Enrolled
from watchword.device.errors import login_command
from watchword.device.kind import kind_of

DEVICE_SCHEMA = "watchword/device/v1"


def device_value(enrolled: Enrolled, *, png: Path | None, config_file: str) -> dict[str, Any]:
    """Return an enrolled device as data (`watchword/device/v1`); it holds no seed.

    `config` is the line that would tell other tools of the device, None when it is there already.
    """
    configured = enrolled.configured_serial == enrolled.serial_number
    section = "default" if enrolled.profile == "default" else f"profile {enrolled.profile}"
    return {
        "schema": DEVICE_SCHEMA,
        "serial_number": enrolled.serial_number,
        "kind": kind_of(enrolled.serial_number).value,
        "user_name": enrolled.user_name,
        "account": enrolled.account,
        "profile": enrolled.profile,
        "enabled_at": _written(enrolled.enabled_at),
        "png": None if png is None else str(png),
        "next": login_command(enrolled.profile),
        "config": None
        if configured
        else {
            "file": config_file,
            "section": section,
            "line": f"mfa_serial = {enrolled.serial_number}",
            "replaces": enrolled.configured_serial,
        },
    }


def device_as_text(value: Mapping[str, Any]) -> str:
    """Return what a person reads after enrolling."""
    lines = [
        f"enabled {value['serial_number']} for {value['user_name']}",
        f"next: {value['next']}",
        "      (AWS may need 15 seconds before it takes codes of a new device)",
    ]
    if value["png"]:
        lines.append(f"the picture in {value['png']} holds the secret: remove it when it has been scanned")
    if (config := value["config"]) is not None:
        verb = "replace mfa_serial" if config["replaces"] else "add"
        lines.append(f"for other tools, {verb} in {config['file']} under [{config['section']}]:")
        lines.append(f"  {config['line']}")
    return "\n".join(lines)


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
