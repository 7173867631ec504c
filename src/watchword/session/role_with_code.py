"""A role assumed straight from the key, with a code: for sessions of more than an hour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from watchword.aws import Hop, Refusal, Role, Signed, Unreachable, assume_role, call_as, get_role
from watchword.errors import NoTerminal
from watchword.session.asker import Asker
from watchword.session.assume import role_of
from watchword.session.duration import LONGEST_WHEN_CHAINED_SECONDS, spelled
from watchword.session.entrance import Entrance, SignedIn
from watchword.session.minted import keep
from watchword.session.refused_code import is_about_the_code
from watchword.session.role_key import role_key, source_key
from watchword.session.role_mfa import carried_with_code
from watchword.session.role_named import in_the_account_of
from watchword.session.role_plan import Plan
from watchword.session.role_refused import explained, is_too_long
from watchword.session.role_session_name import session_name
from watchword.session.session import How, MfaCarried, Session
from watchword.session.user import current_user_session
from watchword.session.with_code import Asking, open_with_code

Chained = Callable[[Plan], SignedIn]


class _ChainInstead(Exception):
    """The role allows no more than an hour, so that a code for it alone would be wasted."""

    def __init__(self, planned: Plan) -> None:
        super().__init__()
        self.planned = planned


def sign_in_with_code(entrance: Entrance, planned: Plan, *, chained: Chained, force: bool) -> SignedIn:
    """Return a session of the one role of the chain for as long as is planned, for a code.

    Where the role allows an hour only, or where nobody can be asked and the user's session is live, the role
    is assumed from that session instead (`chained`), and the note says so.
    Raises as `watchword.session.with_code.open_with_code`.
    """
    try:
        return open_with_code(
            entrance,
            current=lambda: _current(entrance),
            mint=lambda asking: _mint(asking, planned),
            force=force,
        )
    except _ChainInstead as instead:
        return chained(instead.planned)
    except NoTerminal:
        if force or _user_session(entrance) is None:
            raise
        return chained(_an_hour("there is no terminal to ask for a code on"))
    except Refusal as refusal:
        if not is_too_long(refusal) or _user_session(entrance) is None:
            raise
        return chained(_an_hour(f"AWS says that {spelled(planned.seconds)} is more than the role allows"))


def _current(entrance: Entrance) -> Session | None:
    source = source_key(entrance)
    session = entrance.store.get(role_key(source, entrance.chain, 1)) if source else None
    return session if session and session.is_worth_using(entrance.now()) else None


def _user_session(entrance: Entrance) -> Session | None:
    return current_user_session(entrance.of_user())


def _an_hour(because: str) -> Plan:
    return Plan(
        with_code=False,
        seconds=LONGEST_WHEN_CHAINED_SECONDS,
        why=f"{because}, so the role is assumed from your session for one hour",
    )


def _mint(asking: Asking, planned: Plan) -> SignedIn:
    entrance, arn = asking.entrance, asking.identity.arn
    hop = entrance.chain.hops[0]
    role = _role(entrance, arn, hop)
    planned = _as_the_role_allows(planned, role)
    if role is not None:
        hop = replace(hop, role_arn=role.arn)
    elif hop.is_named:
        hop = in_the_account_of(arn, hop)
    asking.terminal.say(f"{planned.why}: the code is for `{hop.role_name}` alone")
    name = session_name(hop, asking.identity.name)
    try:
        device, answer = asking.question().spend(
            asking.device,
            lambda code: assume_role(
                entrance.profile, hop, role_session_name=name, duration_seconds=planned.seconds, code=code
            ),
        )
    except Refusal as refusal:
        if is_about_the_code(refusal):
            raise
        raise explained(refusal, hop, _as_the_trust_policy_sees(asking), entrance.now()) from None
    mfa, contested = carried_with_code()
    session = Session(
        profile=hop.profile,
        key=role_key(entrance.key_with(device), entrance.chain, 1),
        account=answer.arn.split(":")[4],
        arn=answer.arn,
        issued_at=entrance.now(),
        credentials=answer.credentials,
        how=How.CODE,
        role=role_of(entrance, hop, name, answer),
        mfa=mfa,
        contested=contested,
    )
    keep(entrance, session, who=arn, source_access_key_id=entrance.profile.access_key_id)
    entrance.store.remember_device(session.key, mfa_serial=entrance.profile.mfa_serial)
    return SignedIn(session=session, fresh=True)


def _as_the_role_allows(planned: Plan, role: Role | None) -> Plan:
    """Return the plan, shorter when the role's MaxSessionDuration is known and less."""
    if role is None or role.max_session_seconds is None or planned.seconds <= role.max_session_seconds:
        return planned
    longest = role.max_session_seconds
    if longest <= LONGEST_WHEN_CHAINED_SECONDS:
        raise _ChainInstead(_an_hour(f"`{role.name}` allows no more than {spelled(longest)}"))
    why = (
        f"`{role.name}` allows no more than {spelled(longest)}, and more than an hour takes a code of its own"
    )
    return replace(planned, seconds=longest, why=why)


def _role(entrance: Entrance, arn: str, hop: Hop) -> Role | None:
    """Return the role as AWS describes it, when somebody here may read it: it must be in the own account."""
    if not hop.is_named and hop.role_arn.split(":")[4:5] != arn.split(":")[4:5]:
        return None
    session = _user_session(entrance)
    signers: list[Signed] = [call_as(entrance.settings, session.credentials)] if session else []
    for signed in (*signers, entrance.profile):
        try:
            return get_role(signed, hop.role_name)
        except (Refusal, Unreachable):
            continue
    return None


def _as_the_trust_policy_sees(asking: Asking) -> Asker:
    """Return the caller whose key signs and whose code was taken: for the trust policy, one with MFA."""
    profile = asking.entrance.profile
    return Asker(
        signed=profile,
        arn=asking.identity.arn,
        key=asking.entrance.key_with(asking.device),
        mfa=MfaCarried.TRUE,
        contested=None,
        access_key_id=profile.access_key_id,
        session=None,
    )
