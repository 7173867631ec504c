"""Sessions as data and as text. The text is rendered from the data; nothing secret is in either."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from watchword.fastpath.session_file import written
from watchword.report.span import local_time, span
from watchword.report.style import Style
from watchword.session import AWS_ITSELF, MfaCarried, Session, device_name

SayLeft = Callable[[int], str]
SESSION_SCHEMA = "watchword/session/v1"
_HOW = {"code": "with a code", "chained": "chained"}


def session_value(session: Session, now: datetime) -> dict[str, Any]:
    """Return a session as `watchword/session/v1`."""
    return {"schema": SESSION_SCHEMA, **_fields(session, now)}


def session_line(value: dict[str, Any], now: datetime, style: Style) -> str:
    """Return a session's value as one line: who, which account, until when."""
    return f"{style.strong(value['identity'])}, {_until(value, now, style, span)}"


def session_block(value: dict[str, Any], now: datetime, style: Style, *, left: SayLeft = span) -> str:
    """Return a session's value as lines; `left` says how long a number of seconds is."""
    rows = [("identity", value["identity"])]
    if value["role"]:
        rows.append(
            ("role", f"{value['role']['arn']}, from `{value['role']['source']}` ({_HOW[value['how']]})")
        )
    rows += [("MFA", value["mfa_says"]), ("session", _until(value, now, style, left))]
    if value["endpoint"] != AWS_ITSELF:
        rows.append(("endpoint", value["endpoint"]))
    lines = [style.strong(session_label(value["profile"], value["role"] and value["role"]["arn"]))]
    return "\n".join(lines + [f"  {name:<9} {text}" for name, text in rows])


def session_label(profile: str, role_arn: str | None) -> str:
    """Return what a session is called beside others: the profile, and the role by its name."""
    role = (role_arn or "").rpartition("/")[2]
    return f"{profile}/{role}" if role else profile


def _fields(session: Session, now: datetime) -> dict[str, Any]:
    return {
        "profile": session.profile,
        "identity": session.arn,
        "account": session.account,
        "endpoint": session.key.endpoint,
        "how": session.how.value,
        "role": _role(session),
        **_source(session),
        **_mfa(session),
        "issued_at": written(session.issued_at),
        "expires_at": written(session.expires_at),
        "seconds_left": session.seconds_left(now),
        "state": "live" if session.is_live(now) else "expired",
    }


def _role(session: Session) -> dict[str, Any] | None:
    role = session.role
    if role is None:
        return None
    return {
        "arn": role.arn,
        "session_name": role.session_name,
        "source": role.source,
        "source_identity": role.source_identity,
    }


def _source(session: Session) -> dict[str, Any]:
    """Return what the session began with: a key and a device, or neither, for another source."""
    serial_number = session.key.serial_number
    if not serial_number:
        return {"long_term_access_key_id": None, "device": None}
    return {
        "long_term_access_key_id": session.key.access_key_id,
        "device": {"name": device_name(serial_number), "serial_number": serial_number},
    }


def _mfa(session: Session) -> dict[str, Any]:
    """Return `mfa`, whether its requests carry MFA, null where nobody knows or authors disagree, and why."""
    if session.role is None:
        return {"mfa": True, "mfa_says": f"yes, with `{device_name(session.key.serial_number)}`"}
    given = (
        f"given for it, with `{device_name(session.key.serial_number)}`; "
        if session.key.serial_number
        else ""
    )
    if session.contested:
        says = f"{given}its own requests may lack it (contested)"
        return {"mfa": None, "mfa_says": says}
    match session.mfa:
        case MfaCarried.TRUE:
            return {"mfa": True, "mfa_says": "yes"}
        case MfaCarried.FALSE:
            return {"mfa": False, "mfa_says": f"{given}its own requests carry none"}
        case MfaCarried.UNKNOWN:
            return {"mfa": None, "mfa_says": "not known of what the role was assumed from"}


def _until(value: dict[str, Any], now: datetime, style: Style, left: SayLeft) -> str:
    moment = datetime.fromisoformat(value["expires_at"])
    at = local_time(moment, now)
    match value["state"]:
        case "live":
            return f"{style.good('live')} until {at} ({left(value['seconds_left'])} left)"
        case "refused":
            return f"{style.bad('refused by AWS')} although it should live until {at}"
        case _:
            return f"{style.warning('expired')} at {at}"
