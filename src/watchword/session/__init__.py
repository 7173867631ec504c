"""Getting in: find the device, ask the code, mint, keep and hand out the session."""

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

__all__ = [
    "AWS_ITSELF",
    "CodesRefused",
    "Entrance",
    "NoDevice",
    "Session",
    "SessionStore",
    "SignedIn",
    "Stored",
    "UnusableDevice",
    "Variables",
    "current_session",
    "device_name",
    "login",
    "parse_duration",
    "session_variables",
    "sessions_of",
    "stored_session",
    "variables_after_logout",
]
