"""The moment of enrolment: a seed is shown, two codes come back, AWS is asked, up to three times."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Protocol

from watchword.aws import Refusal, VirtualMfaDevice
from watchword.device.errors import SEE, PairsRefused
from watchword.device.owner import Owner
from watchword.device.provisioning import provision
from watchword.device.qr import QrCode, draw

TRIES = 3


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NewEnrolment:
    """A device that is made and belongs to nobody yet, as an authenticator app takes it in.

    `seed` is base32 text and `uri` the `otpauth` address; `code` is that address as a QR code. `tries_left`
    counts the pairs of codes that may still be sent, this one included. `is_own` is false where somebody
    enrols it for another user.
    """

    serial_number: str
    user_name: str
    account: str
    tries_left: int
    is_own: bool
    seed: str = dataclasses.field(repr=False)
    uri: str = dataclasses.field(repr=False)
    code: QrCode = dataclasses.field(repr=False)

    @property
    def png(self) -> bytes:
        """Return the QR code as a picture."""
        return self.code.png


class Presenter(Protocol):
    """Whoever shows a new device to a person and brings back what their app shows."""

    def prepare(self, owner: Owner) -> None:
        """Raise what stands in the way of showing a code for `owner`; called before anything is made."""

    def pair(self, new: NewEnrolment, refused: str | None) -> tuple[str, str]:
        """Return two codes in a row, six digits each.

        `refused` is what AWS said of the pair before, None the first time. What is raised here breaks the
        enrolment off: the device is removed again.
        """

    def done(self) -> None:
        """Show the secret no longer; called once, however the questions ended."""


def enable(
    device: VirtualMfaDevice,
    owner: Owner,
    presenter: Presenter,
    send: Callable[[tuple[str, str]], None],
    *,
    is_own: bool,
) -> tuple[str, str]:
    """Ask the presenter for two codes until AWS takes them; return that pair.

    `send` is the call of EnableMFADevice. Raises `PairsRefused` after three pairs that AWS called wrong, and
    what `send` and the presenter raise.
    """
    refused: str | None = None
    new = _new_enrolment(owner, device, is_own=is_own)
    try:
        for tries_left in range(TRIES, 0, -1):
            pair = presenter.pair(dataclasses.replace(new, tries_left=tries_left), refused)
            refused = _refused(send, pair)
            if refused is None:
                return pair
    finally:
        presenter.done()
    raise PairsRefused(
        f"AWS refused {TRIES} pairs of codes: {refused}",
        hint="is the phone's clock set by the network? run this again for a new QR code, and remove"
        " the old entry from the app",
        see=SEE,
    )


def code_for(owner: Owner, seed: str) -> QrCode:
    """Return the QR code that an app scans for `owner`; `seed` is base32 text."""
    return draw(provision(user_name=owner.user_name, account=owner.account, seed=seed).pieces())


def _new_enrolment(owner: Owner, device: VirtualMfaDevice, *, is_own: bool) -> NewEnrolment:
    return NewEnrolment(
        serial_number=device.serial_number,
        user_name=owner.user_name,
        account=owner.account,
        tries_left=TRIES,
        is_own=is_own,
        seed=device.seed,
        uri=provision(user_name=owner.user_name, account=owner.account, seed=device.seed).uri(),
        code=code_for(owner, device.seed),
    )


def _refused(send: Callable[[tuple[str, str]], None], pair: tuple[str, str]) -> str | None:
    """Send a pair; return AWS's words when the codes are wrong, None when they are right."""
    try:
        send(pair)
    except Refusal as refusal:
        if refusal.code != "InvalidAuthenticationCode":
            raise
        return refusal.aws_message.strip()
    return None
