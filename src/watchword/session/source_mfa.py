"""What is known of the MFA of another source, when one may have opened its session oneself."""

from __future__ import annotations

from dataclasses import dataclass

from watchword.aws import OtherSource
from watchword.session.role_mfa import carried_by
from watchword.session.session import MfaCarried, Session
from watchword.session.store import SessionStore


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMfa:
    """What the requests of a source carry, the assumption that rests on (or None), and a sentence on it."""

    carried: MfaCarried
    contested: str | None
    says: str


def known_mfa(source: OtherSource, store: SessionStore) -> KnownMfa:
    """Return what is known of a source: by its kind, or because its session is one of `store`."""
    ours = _ours(source, store)
    if ours is None:
        return KnownMfa(carried=carried_by(source.mfa), contested=None, says=source.mfa_says)
    says = f"{source.what} is that of profile `{ours.profile}`"
    return KnownMfa(carried=ours.mfa, contested=ours.contested, says=says)


def _ours(source: OtherSource, store: SessionStore) -> Session | None:
    if source.access_key_id is None:
        return None
    kept = (each.session for each in store.all())
    return next(
        (each for each in kept if each and each.credentials.access_key_id == source.access_key_id), None
    )
