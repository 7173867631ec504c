"""Getting in: find the device, ask the code, mint, keep and hand out the session."""

from watchword.session.code_from import CodeFrom, CodeSourceKind, code_wanted_from, parse_code_from
from watchword.session.device import device_name
from watchword.session.duration import parse_duration, spelled
from watchword.session.entrance import AWS_ITSELF, Entrance, SignedIn, chain_of
from watchword.session.errors import CodesRefused, MfaNotHad, NoDevice, NoSuchRole, UnusableDevice
from watchword.session.hand_out import Variables, session_variables, variables_after_logout
from watchword.session.login import current_session, login, sessions_of, stored_session
from watchword.session.session import How, MfaCarried, Session
from watchword.session.store import SessionStore, Stored
from watchword.session.user import current_user_session
from watchword.session.wish import RoleWish, Wish

__all__ = [
    "AWS_ITSELF",
    "CodeFrom",
    "CodeSourceKind",
    "CodesRefused",
    "Entrance",
    "How",
    "MfaCarried",
    "MfaNotHad",
    "NoDevice",
    "NoSuchRole",
    "RoleWish",
    "Session",
    "SessionStore",
    "SignedIn",
    "Stored",
    "UnusableDevice",
    "Variables",
    "Wish",
    "chain_of",
    "code_wanted_from",
    "current_session",
    "current_user_session",
    "device_name",
    "login",
    "parse_code_from",
    "parse_duration",
    "session_variables",
    "sessions_of",
    "spelled",
    "stored_session",
    "variables_after_logout",
]
