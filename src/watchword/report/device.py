"""Devices as text and as data; the text is rendered from the same values as the data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from watchword.device.enrol import Enrolled
from watchword.device.errors import enrol_command, login_command
from watchword.device.kind import kind_of
from watchword.device.own import OwnDevices

DEVICE_SCHEMA = "watchword/device/v1"
LIST_SCHEMA = "watchword/device-list/v1"
_KIND_COLUMNS = len("hardware")
_DAY_COLUMNS = len("2026-11-22 05:53")
_CLI_COLUMNS = len("for the CLI")


def device_value(enrolled: Enrolled, *, config_file: str) -> dict[str, Any]:
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
        "png": None if enrolled.png is None else str(enrolled.png),
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


def list_value(own: OwnDevices) -> dict[str, Any]:
    """Return the devices of a user as data (`watchword/device-list/v1`)."""
    return {
        "schema": LIST_SCHEMA,
        "profile": own.profile,
        "user_arn": own.user_arn,
        "devices": [
            {
                "serial_number": device.serial_number,
                "kind": device.kind.value,
                "enabled_at": _written(device.enabled_at),
                "usable_for_cli": device.kind.usable_for_cli,
            }
            for device in own.devices
        ],
    }


def list_as_text(value: Mapping[str, Any]) -> str:
    """Return the devices as a table, or how to get one."""
    devices = value["devices"]
    if not devices:
        return f"{value['user_arn']} has no MFA device; `{enrol_command(value['profile'])}` makes one"
    rows = (
        _row(
            device["kind"],
            _day(device["enabled_at"]),
            "yes" if device["usable_for_cli"] else "no",
            device["serial_number"],
        )
        for device in devices
    )
    return "\n".join([_row("kind", "enabled", "for the CLI", "device"), *rows])


def _row(kind: str, enabled: str, for_cli: str, device: str) -> str:
    """Return a line; the device is last, for it can be longer than a terminal is wide."""
    return f"{kind:<{_KIND_COLUMNS}}  {enabled:<{_DAY_COLUMNS}}  {for_cli:<{_CLI_COLUMNS}}  {device}"


def _day(written: str | None) -> str:
    """Return a moment of the data in local time."""
    if written is None:
        return "unknown"
    return datetime.fromisoformat(written).astimezone().strftime("%Y-%m-%d %H:%M")


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
