"""One AssumeRole from a session: what is asked for, and what becomes of the answer."""

from __future__ import annotations

from watchword.aws import Hop, Refusal, RoleSession, assume_role
from watchword.session.asker import Asker
from watchword.session.entrance import Entrance
from watchword.session.minted import keep
from watchword.session.role_mfa import carried_from
from watchword.session.role_named import by_name, in_the_account_of
from watchword.session.role_refused import DEAD, explained
from watchword.session.role_session_name import session_name
from watchword.session.session import How, RoleOfSession, Session, SessionKey


def assume(entrance: Entrance, asker: Asker, key: SessionKey, depth: int, seconds: int) -> Session:
    """Assume the `depth`-th role of the chain for `seconds`, and keep its session under `key`.

    Raises `Refusal` as it is when the asker's session is no good any more, and with the likely cause when
    the role is not to be had; `NoSuchRole`, `Unreachable`, `UnusableCache`.
    """
    hop = entrance.chain.hops[depth - 1]
    name = session_name(hop, asker.name)
    hop, answer = _assumed(entrance, asker, hop, name, seconds)
    mfa, contested = carried_from(asker.mfa, asker.contested, is_role=":assumed-role/" in asker.arn)
    session = Session(
        profile=hop.profile,
        key=key,
        account=answer.arn.split(":")[4],
        arn=answer.arn,
        issued_at=entrance.now(),
        credentials=answer.credentials,
        how=How.CHAINED,
        role=role_of(entrance, hop, name, answer),
        mfa=mfa,
        contested=contested,
    )
    keep(entrance, session, who=asker.arn, source_access_key_id=asker.access_key_id)
    return session


def role_of(entrance: Entrance, hop: Hop, name: str, answer: RoleSession) -> RoleOfSession:
    """Return what is remembered of the role in a session."""
    return RoleOfSession(
        arn=hop.role_arn,
        session_name=name,
        source=entrance.chain.source.name,
        source_identity=answer.source_identity,
    )


def _assumed(entrance: Entrance, asker: Asker, hop: Hop, name: str, seconds: int) -> tuple[Hop, RoleSession]:
    wanted = in_the_account_of(asker.arn, hop) if hop.is_named else hop
    try:
        return wanted, assume_role(asker.signed, wanted, role_session_name=name, duration_seconds=seconds)
    except Refusal as refusal:
        if refusal.code in DEAD:
            raise
        if hop.is_named and refusal.code == "AccessDenied":
            found = by_name(asker.signed, hop)
            if found is not None and found.role_arn != wanted.role_arn:
                return _assumed(entrance, asker, found, name, seconds)
        raise explained(refusal, wanted, asker, entrance.now()) from None
