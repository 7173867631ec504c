"""Signing in: a live session is used, else one is opened, of the user or of a role."""

from __future__ import annotations

from watchword.aws import AwsProfile
from watchword.session.entrance import AWS_ITSELF, Entrance, SignedIn
from watchword.session.role import current_role_session, sign_in_role, stored_role_session
from watchword.session.session import Session
from watchword.session.user import current_user_session, sign_in_user, stored_user_session


def stored_session(entrance: Entrance) -> Session | None:
    """Return the session that is kept for the profile, live or not; None when there is none."""
    return stored_role_session(entrance) if entrance.chain.hops else stored_user_session(entrance)


def current_session(entrance: Entrance) -> Session | None:
    """Return the session of the profile, if enough of its life is left to start something."""
    return current_role_session(entrance) if entrance.chain.hops else current_user_session(entrance)


def login(entrance: Entrance, *, force: bool = False) -> SignedIn:
    """Return a session: the current one (unless `force`), else a new one.

    A code is asked for on the terminal when the user has no good session. Two at once do not both ask: the
    second waits and uses the first's session.
    Raises `NoTerminal` before anything is sent, `NoDevice`, `UnusableDevice`, `CodesRefused`, `Refusal`,
    `Unreachable`, `UnusableCache`; for a role also `MfaNotHad`, `NoSuchRole`, and what its source raises.
    There is no other way out: never a key without MFA.
    """
    return sign_in_role(entrance, force=force) if entrance.chain.hops else sign_in_user(entrance, force=force)


def sessions_of(entrance: Entrance) -> list[Session]:
    """Return all that is kept for the profile or its source at this endpoint, whatever key and device it had.

    That is the user's session and those of every role that began with it.
    Raises `UnusableCache` when the session that would be used now cannot be trusted.
    """
    stored_session(entrance)
    source = entrance.chain.source
    if isinstance(source, AwsProfile):
        name, endpoint, who = source.name, source.endpoint_url, source.access_key_id
    else:
        name, endpoint, who = source.name, entrance.settings.endpoint_url, source.cache_name
    return [
        session
        for session in (each.session for each in entrance.store.all())
        if session is not None
        and session.key.endpoint == (endpoint or AWS_ITSELF)
        and (session.profile in {name, entrance.settings.name} or session.key.access_key_id == who)
    ]
