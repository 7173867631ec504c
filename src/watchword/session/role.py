"""The session of a role: a live one is used, else the role is assumed, one role from the other.

The user's session is what all begins with: one code serves every role. Only a role's session that shall
live for more than an hour takes a code of its own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from watchword.aws import AwsProfile, Refusal, Unreachable
from watchword.local.audit_log import refuse_unsafe_log
from watchword.local.lock import locked, wait_until_free
from watchword.session.asker import Asker, asker_from, asker_of
from watchword.session.assume import assume
from watchword.session.duration import LONGEST_WHEN_CHAINED_SECONDS
from watchword.session.entrance import Entrance, SignedIn
from watchword.session.errors import MfaNotHad, UnusableDevice
from watchword.session.role_key import role_key, source_key
from watchword.session.role_plan import Plan, plan
from watchword.session.role_refused import DEAD, explained
from watchword.session.role_with_code import sign_in_with_code
from watchword.session.session import MfaCarried, Session
from watchword.session.source_mfa import known_mfa
from watchword.session.user import current_user_session, sign_in_user

_SEE = "docs/getting-in/roles.md"
# AssumeRole takes a second; behind it there may be two tries of a call that nobody answers.
_LONGEST_WAIT_SECONDS = 60


def stored_role_session(entrance: Entrance) -> Session | None:
    """Return the session that is kept for the last role of the chain, live or not; None without one."""
    return _stored(entrance, len(entrance.chain.hops))


def current_role_session(entrance: Entrance) -> Session | None:
    """Return the session of the last role, if enough of its life is left to start something.

    None, too, when it ends soon and can be renewed without asking anybody.
    """
    depth = len(entrance.chain.hops)
    session = _current(entrance, depth)
    return None if session and _is_due(entrance, session, depth) else session


def sign_in_role(entrance: Entrance, *, force: bool = False) -> SignedIn:
    """Return a session of the last role of the chain: the current one (unless `force`), else a new one.

    A code is asked for when the user's session has ended, or when the role's shall live for more than an
    hour; `force` opens everything anew. Raises what signing in as the user raises, `MfaNotHad` rather than
    getting in without the MFA that a profile asks for, `Refusal` with the likely cause, `NoSuchRole`.
    """
    if not force and (session := current_role_session(entrance)):
        return SignedIn(session=session, fresh=False)
    _refuse_downgrade(entrance)
    planned = plan(entrance.chain, entrance.wish)
    if planned.with_code:
        return sign_in_with_code(
            entrance, planned, chained=lambda instead: _chained(entrance, instead, force=force), force=force
        )
    return _chained(entrance, planned, force=force)


def _chained(entrance: Entrance, planned: Plan, *, force: bool) -> SignedIn:
    began = entrance.now().replace(microsecond=0) if force else None
    session = _session(entrance, len(entrance.chain.hops), planned.seconds, began)
    source = entrance.chain.source
    known = None if isinstance(source, AwsProfile) else known_mfa(source, entrance.store).says
    return SignedIn(session=session, fresh=True, note="; ".join(filter(None, (planned.why, known))) or None)


def _session(entrance: Entrance, depth: int, seconds: int, began: datetime | None) -> Session:
    """Return a session of the `depth`-th role: one opened since `began`, any good one when that is None."""
    if began is None and (session := _current(entrance, depth)):
        return _renewed(entrance, session, depth, seconds) if _is_due(entrance, session, depth) else session
    hop = entrance.chain.hops[depth - 1]
    asker = _asker(entrance, depth - 1, began)
    try:
        return _assumed_once(entrance, asker, depth, seconds, began)
    except Refusal as refusal:
        if refusal.code not in DEAD or asker.session is None:
            raise
    # AWS does not take what we had: it was revoked, or this clock is wrong. It is opened anew, once.
    entrance.store.forget(asker.session)
    asker = _asker(entrance, depth - 1, None)
    try:
        return _assumed_once(entrance, asker, depth, seconds, began)
    except Refusal as refusal:
        raise (explained(refusal, hop, asker, entrance.now()) if refusal.code in DEAD else refusal) from None


def _is_due(entrance: Entrance, session: Session, depth: int) -> bool:
    """Return whether a session ends soon, and what it was assumed from is there to renew it."""
    if session.seconds_left(entrance.now()) >= session.ahead_seconds:
        return False
    if depth > 1:
        return _current(entrance, depth - 1) is not None
    return isinstance(entrance.chain.source, AwsProfile) and bool(current_user_session(entrance.of_user()))


def _renewed(entrance: Entrance, session: Session, depth: int, seconds: int) -> Session:
    """Return a new session in the place of one that ends soon; that one for as long as there is no other."""
    try:
        asker = _asker(entrance, depth - 1, None)
        return _assumed_once(entrance, asker, depth, seconds, entrance.now().replace(microsecond=0))
    except (Refusal, Unreachable):
        return session


def _assumed_once(
    entrance: Entrance, asker: Asker, depth: int, seconds: int, began: datetime | None
) -> Session:
    """Assume the role, or take the session that another process has got while this one waited."""
    key = role_key(asker.key, entrance.chain, depth)
    path = entrance.store.role_lock_path(key)

    def opened(*, waited: bool) -> Session | None:
        session = entrance.store.get(key)
        if session is None or not session.is_worth_using(entrance.now()):
            return None
        # Times in files are whole seconds: one of the same second may be older, if nobody was waited for.
        later = began is None or session.issued_at > began or (waited and session.issued_at == began)
        return session if later else None

    # Many wait together and go on together; only when nothing was opened do they take turns.
    waited = wait_until_free(path, on_wait=lambda: None, longest_wait_seconds=_LONGEST_WAIT_SECONDS)
    if waited and (session := opened(waited=True)):
        return session
    with locked(path, on_wait=lambda: None, longest_wait_seconds=_LONGEST_WAIT_SECONDS) as waited:
        if session := opened(waited=waited):
            return session
        refuse_unsafe_log()
        return assume(entrance, asker, key, depth, seconds)


def _asker(entrance: Entrance, depth: int, began: datetime | None) -> Asker:
    """Return whoever assumes the role after the `depth`-th; 0 is the source."""
    source = entrance.chain.source
    if depth > 0:
        asked = entrance.chain.hops[depth - 1].duration_seconds
        seconds = min(asked or LONGEST_WHEN_CHAINED_SECONDS, LONGEST_WHEN_CHAINED_SECONDS)
        return asker_of(entrance, _session(entrance, depth, seconds, began))
    if not isinstance(source, AwsProfile):
        key = source_key(entrance)
        assert key is not None  # noqa: S101 only a user's device can be unknown
        return asker_from(entrance, source, key)
    user = entrance.of_user()
    if len(entrance.chain.hops) == 1 or not _is_for_user(entrance):
        user = replace(user, wish=replace(user.wish, duration_seconds=None))
    return asker_of(entrance, sign_in_user(user, force=began is not None).session)


def _is_for_user(entrance: Entrance) -> bool:
    """Return whether the duration that was asked for is more than a role can have: then it is the user's."""
    return (entrance.wish.duration_seconds or 0) > LONGEST_WHEN_CHAINED_SECONDS


def _stored(entrance: Entrance, depth: int) -> Session | None:
    try:
        source = source_key(entrance)
    except UnusableDevice:
        return None
    return entrance.store.get(role_key(source, entrance.chain, depth)) if source else None


def _current(entrance: Entrance, depth: int) -> Session | None:
    session = _stored(entrance, depth)
    return session if session and session.is_worth_using(entrance.now()) else None


def _refuse_downgrade(entrance: Entrance) -> None:
    """Raise `MfaNotHad` when a profile asks for MFA and the source is not known to have it."""
    source, asking = entrance.chain.source, entrance.chain.asking_for_mfa
    if asking is None or isinstance(source, AwsProfile):
        return
    known = known_mfa(source, entrance.store)
    if known.carried is MfaCarried.TRUE:
        return
    raise MfaNotHad(
        f"profile `{asking}` asks for MFA (`mfa_serial`), and `{source.name}` cannot give it: {known.says}",
        hint="start from a profile with your access key, or take `mfa_serial` out if the role needs no MFA",
        see=_SEE,
    )
