"""The session of a user: a live one is used, else a code opens one. All roles are assumed from it."""

from __future__ import annotations

from collections.abc import Callable

from watchword.aws import CodeOfDevice, SessionToken
from watchword.session.device import Device
from watchword.session.duration import DEFAULT_SECONDS, for_identity
from watchword.session.entrance import Entrance, SignedIn
from watchword.session.errors import UnusableDevice
from watchword.session.minted import keep
from watchword.session.session import Session
from watchword.session.with_code import Asking, open_with_code

Mint = Callable[[CodeOfDevice], SessionToken]
Spend = Callable[[Mint], tuple[Device, SessionToken]]


def stored_user_session(entrance: Entrance) -> Session | None:
    """Return the session that is kept for the user, live or not; None when there is none."""
    try:
        device = entrance.known_device()
    except UnusableDevice:
        return None
    return entrance.store.get(entrance.key_with(device)) if device else None


def current_user_session(entrance: Entrance) -> Session | None:
    """Return the session of the user, if enough of its life is left to start something."""
    session = stored_user_session(entrance)
    return session if session and session.is_worth_using(entrance.now()) else None


def sign_in_user(entrance: Entrance, *, force: bool = False) -> SignedIn:
    """Return a session of the user: the current one (unless `force`), else a new one for a code.

    Raises as `watchword.session.with_code.open_with_code`.
    """
    entrance.known_device()  # one that cannot be used is said before anybody is looked for to ask
    if not force and (session := current_user_session(entrance)):
        return SignedIn(session=session, fresh=False)
    return open_with_code(entrance, current=lambda: current_user_session(entrance), mint=_mint, force=force)


def open_user_session(asking: Asking, spend: Spend, *, remember: bool = True) -> SignedIn:
    """Open a session of the user with a code, and keep it.

    `spend` is given the call that makes a session of a code, and returns what that made, and the device that
    showed the code. `remember`: from now on this device answers for the key. Used under the locks of the key
    and of the device. Raises what `spend` raises, `UnusableCache` and `UnsafeAuditLog`.
    """
    entrance, identity = asking.entrance, asking.identity
    asked = entrance.wish.duration_seconds
    duration = for_identity(DEFAULT_SECONDS if asked is None else asked, is_root=identity.is_root)
    device, token = spend(
        lambda code: entrance.profile.get_session_token(
            serial_number=code.serial_number, token_code=code.token_code, duration_seconds=duration.seconds
        )
    )
    session = Session(
        profile=entrance.profile.name,
        key=entrance.key_with(device),
        account=identity.account,
        arn=identity.arn,
        issued_at=entrance.now(),
        credentials=token.credentials,
    )
    keep(entrance, session, who=identity.arn, source_access_key_id=entrance.profile.access_key_id)
    if remember:
        entrance.store.remember_device(session.key, mfa_serial=entrance.profile.mfa_serial)
    return SignedIn(session=session, fresh=True, note=duration.reason)


def _mint(asking: Asking) -> SignedIn:
    return open_user_session(asking, lambda mint: asking.question().spend(asking.device, mint))
