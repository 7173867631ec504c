"""Devices as text and as data; the text is rendered from the same values as the data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from watchword.device.errors import enrol_command
from watchword.device.own import OwnDevices

LIST_SCHEMA = "watchword/device-list/v1"
_KIND_COLUMNS = len("hardware")
_DAY_COLUMNS = len("2026-11-22 05:53")
_CLI_COLUMNS = len("for the CLI")


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
