"""Whoever assumes a role: the user's session, another role's, or what another source gives."""

from __future__ import annotations

from dataclasses import dataclass, replace

from watchword.aws import OtherSource, Refusal, Signed, call_as, caller_identity
from watchword.session.entrance import Entrance
from watchword.session.role_refused import DEAD
from watchword.session.session import MfaCarried, Session, SessionKey
from watchword.session.source_mfa import known_mfa

_SEE = "docs/getting-in/roles.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Whoever assumes a role: a session that is kept, or the credentials of another source.

    `session` is None for another source. `key` is that of what the chain begins with.
    """

    signed: Signed
    arn: str
    key: SessionKey
    mfa: MfaCarried
    contested: str | None
    access_key_id: str
    session: Session | None

    @property
    def name(self) -> str:
        """Return the name of the user, or of the session of a role."""
        return self.arn.rpartition(":")[2].rpartition("/")[2]


def asker_of(entrance: Entrance, session: Session) -> Asker:
    """Return the asker who has a session that is kept."""
    return Asker(
        signed=call_as(entrance.settings, session.credentials),
        arn=session.arn,
        key=replace(session.key, role=""),
        mfa=session.mfa,
        contested=session.contested,
        access_key_id=session.credentials.access_key_id,
        session=session,
    )


def asker_from(entrance: Entrance, source: OtherSource, key: SessionKey) -> Asker:
    """Return the asker who has the credentials of another source. Raises what that raises."""
    known = known_mfa(source, entrance.store)
    credentials = source.credentials()
    signed = call_as(entrance.settings, credentials)
    return Asker(
        signed=signed,
        arn=_arn(source, signed),
        key=key,
        mfa=known.carried,
        contested=known.contested,
        access_key_id=credentials.access_key_id,
        session=None,
    )


def _arn(source: OtherSource, signed: Signed) -> str:
    try:
        return caller_identity(signed).arn
    except Refusal as refusal:
        if refusal.code not in DEAD:
            raise
        hint = f"AWS does not take what `{source.name}` gives any more: sign in there again"
        raise refusal.explained(hint, see=_SEE) from None
