"""Who reads an account: a session, for a code if need be, or credentials as they are."""

from __future__ import annotations

import os

from watchword.aws import (
    AwsProfile,
    ProfileNotFound,
    Refusal,
    Signed,
    call_as,
    caller_identity,
    ignored_credentials,
    profile_in_use,
    read_chain,
)
from watchword.aws.as_it_is import AsItIs, as_it_is
from watchword.cli.getting_in import entrance, now, session_for_work, store, talk
from watchword.cli.options import stderr_style
from watchword.device.acting import Acting
from watchword.device.own import devices_of
from watchword.errors import UsageError
from watchword.local.dialog import open_terminal_or_dialog
from watchword.session import Entrance, Wish, current_session

_SEE = "docs/prove/snapshot.md"


def reading_as(profile: str | None, wish: Wish, *, key_alone: bool) -> Acting:
    """Return who reads, signed with a session, or with credentials as they are.

    Each time that no code was asked for is said. Raises `UsageError` when `key_alone` is asked for and a
    role, what `login` raises, and what `as_it_is` raises.
    """
    if key_alone:
        if wish.role is not None:
            raise UsageError("a role is not assumed with `--key-alone`", hint="leave one out", see=_SEE)
        return _as_found(as_it_is(profile))
    if wish.role is None and _is_looked_after_elsewhere(profile):
        return _as_found(as_it_is(profile_in_use(profile)))
    way_in = entrance(profile, None, wish)
    if current_session(way_in) is None and not way_in.chain.hops and _has_no_device(way_in.profile):
        _note(f"`{way_in.settings.name}` has no device that gives codes: reading with the key alone")
        return _reader(way_in, way_in.profile, has_session=False)
    session, settings = session_for_work(way_in)
    return _reader(way_in, call_as(settings, session.credentials), has_session=True)


def _is_looked_after_elsewhere(profile: str | None) -> bool:
    """Return whether a profile holds a session that another program made: no code of ours is in question."""
    try:
        chain = read_chain(profile)
    except ProfileNotFound:
        if profile is None and ignored_credentials(os.environ):
            _note("credentials in the environment are not used; `--key-alone` reads with them")
        raise
    return not chain.hops and not isinstance(chain.source, AwsProfile)


def _has_no_device(key: AwsProfile) -> bool:
    """Return whether it is certain that the owner of a key has nothing that gives codes."""
    if key.mfa_serial:
        return False
    try:
        return not any(device.kind.usable_for_cli for device in devices_of(key, None))
    except Refusal:
        untold = f"AWS does not tell `{key.name}` whether there is a device: signing in with a code"
        _note(f"{untold}; `--key-alone` reads without")
        return False


def _as_found(found: AsItIs) -> Acting:
    if not isinstance(found.chain.source, AwsProfile):
        _note(f"reading with {found.what}, as it is")
    way_in = Entrance(
        chain=found.chain,
        store=store(),
        open_terminal=lambda: open_terminal_or_dialog(hint="leave out `--key-alone` in a terminal"),
        now=now,
    )
    return _reader(way_in, found.signed, has_session=False)


def _reader(way_in: Entrance, signed: Signed, *, has_session: bool) -> Acting:
    identity = caller_identity(signed)
    return Acting(entrance=way_in, signed=signed, identity=identity, has_session=has_session, user_name=None)


def _note(text: str) -> None:
    talk(f"{stderr_style().quiet('note')}: {text}")
