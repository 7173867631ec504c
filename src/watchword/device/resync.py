"""Telling AWS what time a device thinks it is: two codes in a row, up to three times."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from watchword.aws import Refusal, Signed, resync_mfa_device
from watchword.device.acting import Acting, acting
from watchword.device.ceremony import TRIES
from watchword.device.errors import SEE_CHANGE, GivesNoCodes, PairsRefused
from watchword.device.own import OwnDevice
from watchword.device.owner import Owner
from watchword.device.pair import Clock, ask_pair
from watchword.device.permitted import Talk, permitted
from watchword.device.remove import not_found, seen_devices, unseen
from watchword.device.which import meant, shown_name
from watchword.local.terminal import Terminal
from watchword.session import Entrance


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ResyncWish:
    """What is asked for: a device by name or serial number (None: the only one); whose (None: one's own)."""

    device: str | None = None
    user_name: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Resynced:
    """A device whose clock AWS knows now."""

    owner: Owner
    profile: str
    serial_number: str


AsksPair = Callable[[str, str | None], tuple[str, str]]


def resync(
    entrance: Entrance,
    wish: ResyncWish,
    *,
    terminal: Terminal,
    talk: Talk,
    clock: Clock,
    asks: AsksPair | None = None,
) -> Resynced:
    """Ask for two codes in a row and give them to AWS, which learns the device's clock from them.

    `clock` gives seconds since 1970. `asks` is asked for the pair instead of the terminal: it gets the serial
    number, and what AWS said of the pair before. AWS needs no session with MFA for this; where policies want
    one, it is opened.
    Raises `NoSuchDevice`, `GivesNoCodes` for a security key, `PairsRefused` after three pairs, `NotAUser`,
    `NoSuchUser`, and what `permitted` raises.
    Source: ResyncMFADevice, IAM API Reference.
    """
    asking = acting(entrance, wish.user_name, say=talk.say)
    owner = asking.owner()
    asking, device = _device(asking, owner, wish.device, talk)
    name = shown_name(device.serial_number)
    talk.say(f"AWS learns from two codes in a row what time `{name}` thinks it is")
    refused: str | None = None
    for _ in range(TRIES):
        pair = (
            asks(device.serial_number, refused)
            if asks
            else ask_pair(_OnTerminal(terminal=terminal), clock=clock)
        )
        asking, refused = _send(asking, owner, device, pair, talk)
        if refused is None:
            return Resynced(owner=owner, profile=asking.profile, serial_number=device.serial_number)
        for line in _causes(refused, name):
            talk.say(line)
    raise PairsRefused(
        f"AWS refused {TRIES} pairs of codes: {refused}",
        hint=f"is it the entry of `{name}` in account {owner.account}? If so, it is over eight hours"
        " off: `watchword device replace` puts another in its place",
        see=SEE_CHANGE,
    )


def _device(asking: Acting, owner: Owner, wanted: str | None, talk: Talk) -> tuple[Acting, OwnDevice]:
    asking, devices = seen_devices(asking, owner, talk=talk, named=wanted is not None)
    if devices is None:
        device = unseen(owner, str(wanted))
    elif wanted is None and devices:
        with_codes = [one for one in devices if one.kind.usable_for_cli] or list(devices)
        device = meant(with_codes, None, user_name=owner.user_name, title="which device", asks=True)
    else:
        device = meant(devices, wanted, user_name=owner.user_name, title="which device", asks=True)
    if not device.kind.usable_for_cli:
        raise GivesNoCodes(
            f"`{shown_name(device.serial_number)}` is a security key or passkey: there is no clock to set",
            hint="devices with codes can be: an authenticator app, a hardware token; `watchword device list`",
            see=SEE_CHANGE,
        )
    return asking, device


def _send(
    asking: Acting, owner: Owner, device: OwnDevice, pair: tuple[str, str], talk: Talk
) -> tuple[Acting, str | None]:
    """Send a pair; return who did, and AWS's words when the codes are wrong."""

    def call(signed: Signed) -> None:
        resync_mfa_device(
            signed,
            user_name=owner.user_name,
            serial_number=device.serial_number,
            first_code=pair[0],
            second_code=pair[1],
        )

    try:
        return permitted(asking, call, resource=owner.arn, talk=talk)[0], None
    except Refusal as refusal:
        if refusal.code == "InvalidAuthenticationCode":
            return asking, refusal.aws_message.strip()
        if refusal.code == "NoSuchEntity":
            raise not_found(owner, device) from None
        raise


def _causes(refused: str, name: str) -> tuple[str, ...]:
    return (
        f"refused by AWS: {refused}",
        f"mistyped, not two codes in a row, not of the entry for `{name}`, or too old: both must be newer",
        "than the last two that AWS took of it, when it was enrolled or resynchronised",
        "wait until a code is shown that you have not typed yet, then type it and the next one",
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _OnTerminal:
    """Asks for codes on the terminal, unseen."""

    terminal: Terminal

    def ask(self, prompt: Callable[[], str]) -> str:
        return self.terminal.ask(prompt, hidden=True)
