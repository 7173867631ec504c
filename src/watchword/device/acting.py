"""Who acts, signed with what, and on whose devices."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from watchword.aws import Identity, Refusal, Signed, call_as, caller_identity
from watchword.device.owner import Owner, owner_named, owner_of
from watchword.session import Entrance, Session, SignedIn, current_session, login

Say = Callable[[str], None]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """Somebody, and the user on whose devices they act.

    `signed` signs with a session if `has_session`, else with the long-term key. `user_name` is None for one's
    own devices.
    """

    entrance: Entrance
    signed: Signed
    identity: Identity
    has_session: bool
    user_name: str | None

    @property
    def profile(self) -> str:
        """Return the name of the profile that acts."""
        return self.entrance.settings.name

    @property
    def is_own(self) -> bool:
        """Return whether the devices are those of whoever acts."""
        return self.user_name in {None, self.identity.name} and not self.entrance.chain.hops

    def owner(self) -> Owner:
        """Return the user on whose devices they act.

        Raises `NotAUser` where only users have devices here, `NoSuchUser`, and what GetUser raises but for a
        lack of permission.
        """
        if self.user_name is None or self.is_own:
            return owner_of(self.identity)
        return owner_named(self.signed, self.identity, self.user_name)


def acting(entrance: Entrance, user_name: str | None = None, *, say: Say, of_account: bool = False) -> Acting:
    """Ask AWS who this is, with the session that there is, if AWS still takes it, else with the key.

    `user_name` is the user on whose devices they act; None for their own, which sets roles aside, or for
    everybody's when `of_account`. A role is assumed if need be, for a code if need be: it is never left out.
    `say` is told when the key goes alone.
    Raises `Refusal`, `Unreachable`, `NotALongTermKey`, and what `login` raises for a role.
    """
    way_in = entrance.of_user() if user_name is None and not of_account else entrance
    session = current_session(way_in)
    if session is None and way_in.chain.hops:
        session = login(way_in).session
    if session is not None:
        found = _signed_with(session, way_in, user_name)
        try:
            return dataclasses.replace(found, identity=caller_identity(found.signed))
        except Refusal as refusal:
            if way_in.chain.hops:
                raise
            say(f"AWS does not take the session any more ({refusal.code}): going on with the key alone")
    key = way_in.profile
    return Acting(
        entrance=way_in, signed=key, identity=caller_identity(key), has_session=False, user_name=user_name
    )


def with_mfa(before: Acting, *, announce: Callable[[SignedIn], None]) -> Acting:
    """Return the same, signed with a session that was opened with a code: one is asked for if need be.

    `announce` is told of it. Raises what `login` raises: there is no going on without.
    """
    if before.has_session:
        return before
    # A session that is kept here all the same is one that AWS has just refused.
    signed_in = login(before.entrance, force=True)
    announce(signed_in)
    return acting_with(before, signed_in.session)


def acting_with(before: Acting, session: Session) -> Acting:
    """Return the same, signed with this session of theirs."""
    found = _signed_with(session, before.entrance, before.user_name)
    return dataclasses.replace(found, identity=before.identity)


def _signed_with(session: Session, entrance: Entrance, user_name: str | None) -> Acting:
    return Acting(
        entrance=entrance,
        signed=call_as(entrance.settings, session.credentials),
        identity=Identity(arn=session.arn, account=session.account, user_id=""),
        has_session=True,
        user_name=user_name,
    )
