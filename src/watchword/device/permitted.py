"""Sessions with MFA for calls on devices: opened where a call needs one, with a device that is at hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TypeVar

from watchword.aws import Refusal, Signed
from watchword.device.acting import Acting, Say, with_mfa
from watchword.device.refusal import explained
from watchword.errors import NoTerminal
from watchword.session import NoDevice, SignedIn, UnusableDevice
from watchword.session.device import Device

Announce = Callable[[SignedIn], None]
Answer = TypeVar("Answer")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """Whom to tell: `say` what happens, `announce` that somebody has signed in."""

    say: Say
    announce: Announce


def permitted(
    asking: Acting, call: Callable[[Signed], Answer], *, resource: str, talk: Talk
) -> tuple[Acting, Answer]:
    """Return who made the call in the end, and its answer.

    Where AWS denies it to the key alone a session is opened for a code, for policies may want MFA, and the
    call is made again. `resource` is what it acts on, an ARN.
    Raises the explained refusal when it stays denied, MFA does not help or nobody can sign in; AWS's other
    refusals as they are; and what `with_mfa` raises.
    """
    try:
        return asking, call(asking.signed)
    except Refusal as refusal:
        if refusal.code != "AccessDenied":
            raise
        from watchword.device.denied import mfa_would_help

        if asking.has_session or mfa_would_help(refusal, asking, resource=resource) is False:
            raise explained(refusal, asking, resource=resource) from None
        denied = refusal
    talk.say(f"AWS denies `{denied.operation}` to the key alone; policies may allow it with MFA:")
    try:
        signed_in = with_mfa(asking, announce=talk.announce)
    except (NoDevice, UnusableDevice, NoTerminal):
        raise explained(denied, asking, resource=resource) from None
    try:
        return signed_in, call(signed_in.signed)
    except Refusal as refusal:
        if refusal.code != "AccessDenied":
            raise
        raise explained(refusal, signed_in, resource=resource) from None


def signed_in_with(asking: Acting, serial_number: str, *, announce: Announce) -> Acting:
    """Return the same with a session that this device of theirs opened, and remember it for their key.

    Raises what `with_mfa` raises.
    """
    entrance = asking.entrance
    key = entrance.key_with(Device(serial_number=serial_number))
    entrance.store.remember_device(key, mfa_serial=entrance.profile.mfa_serial)
    return with_mfa(asking, announce=announce)
