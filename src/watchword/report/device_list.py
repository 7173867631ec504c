"""Lists of devices as data, as text and as CSV; the text and the CSV are rendered from the data."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from watchword.device.here import Here
from watchword.device.listing import Listing, RootDevices, Scope, Unread, UserDevices
from watchword.device.own import OwnDevice
from watchword.device.which import shown_name
from watchword.fastpath.session_file import written

LIST_SCHEMA: Final = "watchword/device-list/v1"
_CSV: Final = (
    "user_name",
    "user_arn",
    "serial_number",
    "name",
    "kind",
    "enabled_at",
    "usable_for_cli",
    "usable_for_console",
    "last_used_here_at",
    "has_password",
    "has_access_key",
    "password_last_used_at",
)


def list_value(listing: Listing, here: Here, now: datetime, *, remove: str) -> dict[str, Any]:
    """Return devices as data (`watchword/device-list/v1`).

    `remove` is the command that removes an orphan, in which `{}` stands for its serial number.
    """
    users = listing.users
    owner = users[0].arn if listing.scope is not Scope.ACCOUNT else None
    root = listing.root
    return {
        "schema": LIST_SCHEMA,
        "profile": listing.profile,
        "account": listing.account,
        "scope": listing.scope.value,
        "asked_as": listing.asked_as,
        "user_arn": owner,
        "devices": [
            *(_device(device, user, here, now) for user in users for device in user.devices),
            *(_device(device, _as_user(root), here, now) for device in (root.devices if root else ())),
        ],
        "users": [_user(user) for user in users],
        "root": None if root is None else _root(root),
        "orphans": None
        if listing.orphans is None
        else [{"serial_number": each, "remove": remove.format(each)} for each in listing.orphans],
        "unread": _unread(listing.unread),
    }


def list_csv(value: Mapping[str, Any]) -> str:
    """Return the devices as CSV with a head, a row each, and a row for each user without one."""
    users = {user["user_name"]: user for user in value["users"]}
    rows = [{**users.get(device["user_name"], {}), **device} for device in value["devices"]]
    rows += [user for user in value["users"] if not user["devices"]]
    rows.sort(key=lambda row: (row["user_name"].casefold(), row["user_name"]))
    written_to = io.StringIO()
    table = csv.DictWriter(written_to, _CSV, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows({name: _cell(row.get(name)) for name in _CSV} for row in rows)
    return written_to.getvalue().rstrip("\n")


def _cell(value: Any) -> Any:  # noqa: ANN401 any JSON value
    """Return true and false as JSON has them; what is not known is empty."""
    return str(value).lower() if isinstance(value, bool) else value


def _device(device: OwnDevice, user: UserDevices, here: Here, now: datetime) -> dict[str, Any]:
    known = here.of(device.serial_number)
    return {
        "user_name": user.user_name,
        "user_arn": user.arn,
        "serial_number": device.serial_number,
        "name": shown_name(device.serial_number),
        "kind": device.kind.value,
        "enabled_at": _moment(device.enabled_at),
        "age_days": None if device.enabled_at is None else (now - device.enabled_at) // timedelta(days=1),
        "usable_for_cli": user.usable_for_cli(device),
        "usable_for_console": user.has_password,
        "last_used_here_at": _moment(known.last_used_at),
        "mfa_serial_of": list(known.mfa_serial_of),
        "remembered_for": list(known.remembered_for),
    }


def _user(user: UserDevices) -> dict[str, Any]:
    return {
        "user_name": user.user_name,
        "user_arn": user.arn,
        # None: other kinds than virtual ones may not be seen, and there is no virtual one.
        "devices": len(user.devices) if user.whole or user.devices else None,
        "has_password": user.has_password,
        "has_access_key": user.has_access_key,
        "password_last_used_at": _moment(user.password_last_used_at),
    }


def _root(root: RootDevices) -> dict[str, Any]:
    return {
        "user_arn": root.arn,
        "devices": len(root.devices),
        "has_mfa": root.has_mfa,
        "has_access_key": root.has_access_key,
    }


def _as_user(root: RootDevices | None) -> UserDevices:
    """Return root as the owner of its devices; it has a password always."""
    arn, key = (root.arn, root.has_access_key) if root else ("", None)
    return UserDevices(user_name="root", arn=arn, devices=(), has_password=True, has_access_key=key)


def _unread(unread: tuple[Unread, ...]) -> list[dict[str, Any]]:
    """Return what was not told, an entry for each operation and reason, with the users it is about."""
    by_reason = itertools.groupby(
        sorted(unread, key=lambda one: (one.operation, one.code)), key=lambda one: (one.operation, one.code)
    )
    return [
        {
            "operation": operation,
            "code": code,
            "user_names": sorted(one.user_name for one in group if one.user_name is not None),
        }
        for (operation, code), group in by_reason
    ]


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else written(moment)
