"""What the sandbox says, as text and as data; the text is rendered from the same values as the data."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from watchword.report.style import Style

UP_SCHEMA = "watchword/sandbox-up/v1"
PHONE_SCHEMA = "watchword/sandbox-phone/v1"
CLOCK_SCHEMA = "watchword/sandbox-clock/v1"
LEAVE = 'eval "$(watchword sandbox env --unset)"'

_TOKENS = ("allowed", "explicitDeny", "implicitDeny", "undetermined", "refused", "unlisted")


def up(*, endpoint_url: str, account: str, folder: str, seconds: float, named: bool) -> dict[str, Any]:
    """Return a started sandbox as data (`watchword/sandbox-up/v1`).

    `named`: its folder was named on the command line, so the commands that follow must name it too.
    """
    directory = f" --dir {shlex.quote(folder)}" if named else ""
    return {
        "schema": UP_SCHEMA,
        "endpoint_url": endpoint_url,
        "account": account,
        "folder": folder,
        "seconds": round(seconds, 2),
        "next": f'eval "$(watchword sandbox env{directory})"',
    }


def up_as_text(value: Mapping[str, Any]) -> str:
    """Return what `sandbox up` prints."""
    return (
        f"The sandbox is up at {value['endpoint_url']} (account {value['account']}).\n"
        f"Its config and its keys are in {value['folder']}; ~/.aws is not touched.\n"
        "\n"
        "Next, in the shell that shall use it:\n"
        f"  {value['next']}\n"
        "  aws sts get-caller-identity --profile root"
    )


def phone(devices: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the phone's screen as data (`watchword/sandbox-phone/v1`)."""
    return {"schema": PHONE_SCHEMA, "devices": [dict(device) for device in devices]}


def phone_as_text(value: Mapping[str, Any], style: Style) -> str:
    """Return the phone's screen: one line a device."""
    lines = []
    for device in value["devices"]:
        left = f"{device['seconds_left']} s left, then {device['next_code']}"
        lines.append(f"{device['serial_number']}  {style.strong(device['code'])}  ({left})")
    return "\n".join(lines)


def clock(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the clock as data (`watchword/sandbox-clock/v1`)."""
    return {"schema": CLOCK_SCHEMA, **value}


def clock_as_text(value: Mapping[str, Any]) -> str:
    """Return the clock: the sandbox's time, and how both of its times differ from the machine's."""
    lines = [f"{value['now']}  ({duration_as_text(value['offset_seconds'])} from this machine's time)"]
    if value["skew_seconds"]:
        lines.append(f"signatures: {duration_as_text(value['skew_seconds'])} from this machine's time")
    return "\n".join(lines)


def duration_as_text(seconds: int) -> str:
    """Return `+4h30m`, the way in which a duration is typed; `+0s` for none."""
    rest = abs(seconds)
    parts = []
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return ("-" if seconds < 0 else "+") + ("".join(parts) or "0s")


def decision_as_text(record: Mapping[str, Any], style: Style) -> str:
    """Return one decision of the log: what was decided, about whom, and because of which statement."""
    outcome = record["outcome"]
    paint = {"allowed": style.good, "unlisted": style.warning}.get(outcome, style.bad)
    head = f"{record['time']}  {paint(outcome.ljust(max(map(len, _TOKENS))))}"
    via = f" via {record['via']}" if record.get("via") else ""
    who = f"{record['principal']} ({record['credential']}{via}, MFA {record['mfa']})"
    why = record["statement"] or record["reason"] or _because(record)
    return f"{head}  {record['action']} on {record['resource']}\n    {who}; {why}"


def _because(record: Mapping[str, Any]) -> str:
    if record["layer"] == "service":
        return "decided by the service itself"
    if record["layer"] == "root":
        return "root needs no policy in its own account"
    return f"no statement allows it ({record['layer']} policies)"


def environment_as_shell(set_variables: Mapping[str, str], unset: Sequence[str], *, shell: str) -> str:
    """Return the commands that a shell evaluates: `shell` is bash, zsh or fish."""
    if shell == "fish":
        lines = [f"set -e {name};" for name in unset]
        lines += [f"set -gx {name} {_fish_quoted(value)};" for name, value in set_variables.items()]
    else:
        lines = [f"unset {' '.join(unset)}"] if unset else []
        lines += [f"export {name}={shlex.quote(value)}" for name, value in set_variables.items()]
    return "\n".join(lines)


def _fish_quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
