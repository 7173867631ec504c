"""A way into the console as data and as text. The text is rendered from the data; only `url` is secret."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from watchword.fastpath.session_file import written
from watchword.report.span import local_time, span
from watchword.report.style import Style
from watchword.session import Session
from watchword.session.console import SignIn

SCHEMA = "watchword/console/v1"


def console_value(sign_in: SignIn, now: datetime) -> dict[str, Any]:
    """Return a way into the console as `watchword/console/v1`."""
    session = sign_in.session
    return {
        "schema": SCHEMA,
        "profile": session.profile,
        "identity": session.arn,
        "account": session.account,
        "role_arn": session.role_arn,
        "destination": sign_in.destination,
        "url": sign_in.url,
        "url_valid_until": written(sign_in.url_valid_until),
        "expires_at": written(sign_in.expires_at),
        "seconds_left": max(0, round((sign_in.expires_at - now).total_seconds())),
        "mfa": _mfa(session),
        "note": sign_in.note,
    }


def console_lines(value: dict[str, Any], now: datetime, style: Style) -> list[str]:
    """Return what is to be said beside the URL: who, until when, and which MFA the console session lacks."""
    until = datetime.fromisoformat(value["expires_at"])
    how_long = f"until {local_time(until, now)} ({span(value['seconds_left'])})"
    lines = [f"console of {style.strong(value['identity'])}, {how_long}"]
    if value["mfa"]["says"]:
        lines.append(f"{style.warning('warning')}: {value['mfa']['says']}")
    if value["note"]:
        lines.append(f"{style.warning('note')}: {value['note']}")
    return lines


def _mfa(session: Session) -> dict[str, Any]:
    return {
        "multi_factor_auth_present": session.mfa.value,
        "contested": session.contested,
        "says": _says(session),
    }


def _says(session: Session) -> str | None:
    """Return what the console session will lack; None when it carries MFA for certain."""
    key = "`aws:MultiFactorAuthPresent`"
    if session.contested is not None:
        return (
            f"this console session may lack MFA: AWS's page says that its requests carry {key} false,"
            " others have seen true; count on false"
        )
    match session.mfa.value:
        case "true":
            return None
        case "false":
            return (
                f"this console session lacks MFA: its requests carry {key} false,"
                " and whatever demands MFA refuses them"
            )
        case _:
            return f"nobody has said whether this console session carries MFA ({key})"
