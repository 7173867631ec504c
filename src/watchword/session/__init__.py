"""Getting in: find the device, ask the code, mint, keep and hand out the session."""

from watchword.session.code_from import CodeFrom, CodeSourceKind, code_wanted_from, parse_code_from
from watchword.session.device import device_name
from watchword.session.duration import parse_duration
from watchword.session.errors import CodesRefused, NoDevice, UnusableDevice
from watchword.session.hand_out import Variables, session_variables, variables_after_logout
from watchword.session.login import (
    AWS_ITSELF,
    Entrance,
    SignedIn,
    current_session,
    login,
    sessions_of,
    stored_session,
)
from watchword.session.session import Session
from watchword.session.store import SessionStore, Stored
from watchword.session.wish import RoleWish, Wish

__all__ = [
    "AWS_ITSELF",
    "CodeFrom",
    "CodeSourceKind",
    "CodesRefused",
    "Entrance",
    "NoDevice",
    "RoleWish",
    "Session",
    "SessionStore",
    "SignedIn",
    "Stored",
    "UnusableDevice",
    "Variables",
    "Wish",
    "code_wanted_from",
    "current_session",
    "device_name",
    "login",
    "parse_code_from",
    "parse_duration",
    "session_variables",
    "sessions_of",
    "stored_session",
    "variables_after_logout",
]
