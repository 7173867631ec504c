"""Lists of devices as text to read, rendered from their data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from watchword.device.errors import enrol_command
from watchword.device.kind import DeviceKind
from watchword.report.style import Style

_WORDS: Final = {True: "yes", False: "no", None: "?"}
_LEAST_NAME: Final = 8
_GAP: Final = "  "
_DAYS_A_MONTH: Final = 30.44
_MONTHS_FROM_DAYS: Final = 60
_YEARS_FROM_DAYS: Final = 730
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86_400


def list_text(value: Mapping[str, Any], now: datetime, style: Style, *, columns: int | None) -> str:
    """Return a list of devices as a person reads it.

    `columns` is how wide the terminal is; names that do not fit are cut and end in `…`. None: nothing is cut.
    """
    if value["scope"] == "account":
        return "\n".join(_account(value, now, style, columns))
    return "\n".join(_one_user(value, now, style, columns))


def _one_user(value: Mapping[str, Any], now: datetime, style: Style, columns: int | None) -> list[str]:
    devices = value["devices"]
    if not devices:
        line = f"{value['user_arn']} has no MFA device"
        if value["user_arn"].endswith(":root"):
            return [f"{line}; root enrols one in the AWS console"]
        if value["scope"] == "own":
            return [f"{line}; `{enrol_command(value['profile'])}` makes one"]
        return [f"{line}; {_can(value['users'][0], now)}"]
    rows = [
        (
            device["name"],
            device["kind"],
            _enabled(device),
            _WORDS[device["usable_for_cli"]],
            _WORDS[device["usable_for_console"]],
            _ago(device["last_used_here_at"], now) or "-",
        )
        for device in devices
    ]
    head = ("device", "kind", "enabled", "CLI", "console", "last used here")
    first, *lines = _table([head, *rows], columns, names=1)
    shown = [style.quiet(first)]
    for line, device in zip(lines, devices, strict=True):
        shown += [line, *(style.quiet(f"{_GAP}{more}") for more in _beneath(device))]
    return shown


def _beneath(device: Mapping[str, Any]) -> list[str]:
    """Return the lines under a device: its serial number, what keeps it from use, what names it here."""
    lines = [device["serial_number"]] if device["serial_number"] != device["name"] else []
    if device["kind"] == DeviceKind.FIDO:
        lines.append("a security key: AWS takes it in the console only")
    elif not device["usable_for_cli"]:
        lines.append("not for the CLI: there is no active access key")
    named = [f"mfa_serial of profile {_quoted(device['mfa_serial_of'])}"] if device["mfa_serial_of"] else []
    if others := [each for each in device["remembered_for"] if each not in device["mfa_serial_of"]]:
        named.append(f"answers for profile {_quoted(others)}")
    return [*lines, "; ".join(named)] if named else lines


def _account(value: Mapping[str, Any], now: datetime, style: Style, columns: int | None) -> list[str]:
    shown: list[str] = []
    if devices := sorted(value["devices"], key=lambda device: device["user_name"].casefold()):
        rows = [
            (
                device["user_name"],
                device["name"],
                device["kind"],
                _enabled(device),
                _WORDS[device["usable_for_cli"]],
                _WORDS[device["usable_for_console"]],
            )
            for device in devices
        ]
        head = ("user", "device", "kind", "enabled", "CLI", "console")
        first, *lines = _table([head, *rows], columns, names=2)
        shown += [style.quiet(first), *lines, ""]
    without = [user for user in value["users"] if user["devices"] == 0]
    if without:
        shown += [style.warning(f"without any device ({len(without)}):")]
        shown += [f"{_GAP}{user['user_name']}: {_can(user, now)}" for user in without]
        shown += [""]
    if orphans := value["orphans"]:
        shown += [style.warning(f"virtual devices that belong to nobody ({len(orphans)}):")]
        for orphan in orphans:
            shown += [f"{_GAP}{orphan['serial_number']}", f"{_GAP * 2}{orphan['remove']}"]
        shown += [style.quiet(f"{_GAP}(one that somebody is just enrolling looks the same)"), ""]
    shown += [f"root: {_root(value['root'])}", _summary(value)]
    return shown


def _root(root: Mapping[str, Any]) -> str:
    """Return what is known of root, in words."""
    key = "; it has an access key" if root["has_access_key"] else ""
    if root["devices"]:
        return f"{_counted(root['devices'], 'device')}{key}"
    match root["has_mfa"]:
        case True:
            return f"has a device of a kind that AWS lists to root alone{key}"
        case False:
            return f"no MFA device{key}"
        case _:
            return f"no virtual device; whether it has another could not be read{key}"


def _summary(value: Mapping[str, Any]) -> str:
    counts = [user["devices"] for user in value["users"]]
    parts = [f"{sum(1 for count in counts if count)} with a device", f"{counts.count(0)} without"]
    if unknown := counts.count(None):
        parts.append(f"{unknown} not known")
    orphans = value["orphans"]
    left = "" if not orphans else f"; {_counted(len(orphans), 'virtual device')} of nobody"
    return f"{_counted(len(counts), 'user')}: {', '.join(parts)}{left}"


def _can(user: Mapping[str, Any], now: datetime) -> str:
    """Return what somebody without a device can sign in with: that is what an intruder would need."""
    last = _ago(user["password_last_used_at"], now)
    used = f", last used {last}" if last and user["has_password"] else ""
    known = {
        "has_password": {True: f"a password{used}", None: "perhaps a password"},
        "has_access_key": {True: "an active access key", None: "perhaps an access key"},
    }
    has = [words[user[name]] for name, words in known.items() if user[name] is not False]
    return "has " + " and ".join(has) if has else "has neither a password nor an active access key"


def unread_notes(value: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each thing that AWS did not tell, where the text has a place for it."""
    if value["scope"] == "own" and not value["devices"]:
        return []
    return [
        f"AWS did not tell {_WHAT.get(one['operation'], one['operation'])}"
        f" ({one['operation']}: {one['code']}{_of(one['user_names'], value)})"
        for one in value["unread"]
    ]


_WHAT: Final = {
    "iam:ListUsers": "who the users are: shown are those that have virtual devices",
    "iam:ListVirtualMFADevices": "which devices belong to nobody",
    "iam:ListMFADevices": "all devices: shown are the virtual ones",
    "iam:GetLoginProfile": "whether there is a password",
    "iam:ListAccessKeys": "whether there is an active access key",
    "iam:GetUser": "when a password was last used",
    "iam:GetAccountSummary": "whether root has MFA",
}


def _of(user_names: Sequence[str], value: Mapping[str, Any]) -> str:
    if value["scope"] != "account" or not user_names:
        return ""
    return f", for `{user_names[0]}`" if len(user_names) == 1 else f", for {len(user_names)} users"


def _table(rows: Sequence[tuple[str, ...]], columns: int | None, *, names: int) -> list[str]:
    """Return lines in columns; the first `names` ones share what room there is, and are cut to it."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if columns is not None:
        room = columns - sum(widths[names:]) - len(_GAP) * (len(widths) - 1)
        while sum(widths[:names]) > max(room, names * _LEAST_NAME):
            longest = max(range(names), key=lambda at: widths[at])
            widths[longest] -= 1
    return [
        _GAP.join(_cut(text, width).ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _enabled(device: Mapping[str, Any]) -> str:
    if device["enabled_at"] is None:
        return "unknown"
    day = datetime.fromisoformat(device["enabled_at"]).astimezone()
    days = device["age_days"]
    return f"{day:%Y-%m-%d}" + ("" if days < 0 else f", {_age(days)}")


def _age(days: int) -> str:
    """Return an age in days, months or years: `today`, `3 days`, `5 months`, `2 years`."""
    if days == 0:
        return "today"
    if days < _MONTHS_FROM_DAYS:
        return _counted(days, "day")
    if days < _YEARS_FROM_DAYS:
        return _counted(int(days / _DAYS_A_MONTH), "month")
    return _counted(int(days / _DAYS_A_MONTH / 12), "year")


def _ago(moment: str | None, now: datetime) -> str | None:
    """Return how long ago something was: `5 min ago`, `3 h ago`, `3 days ago`."""
    if moment is None:
        return None
    seconds = max(0, int((now - datetime.fromisoformat(moment)).total_seconds()))
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min ago"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h ago"
    return f"{_age(seconds // _DAY)} ago"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
