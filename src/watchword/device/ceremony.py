"""The moment of enrolment: the code on the screen, two codes typed, AWS asked, up to three times."""

from __future__ import annotations

import dataclasses
import os

from watchword.aws import Signed, VirtualMfaDevice, enable_mfa_device
from watchword.aws.errors import Refusal
from watchword.device.card import Card, Size, fits
from watchword.device.errors import SEE, CannotShow, PairsRefused
from watchword.device.owner import Owner
from watchword.device.pair import Clock, ask_pair
from watchword.device.provisioning import provision, seed_groups
from watchword.device.qr import QrCode, draw
from watchword.device.screen import Screen

_TRIES = 3
_SEED_CHARACTERS = 64  # what CreateVirtualMFADevice gives: 40 bytes in base32
_SEED_GROUPS_PER_LINE = 5


def check_terminal(owner: Owner, size: Size, *, code_needed: bool) -> None:
    """Raise `CannotShow` when this terminal cannot show a QR code, or is too small for one.

    `code_needed` is false when the seed is given in another way as well.
    """
    if os.environ.get("TERM") == "dumb":
        raise CannotShow(
            "this terminal (TERM=dumb) cannot wipe a secret off its screen",
            hint="run it in an ordinary terminal window",
            see=SEE,
        )
    if code_needed and not fits(code_for(owner, "A" * _SEED_CHARACTERS), size):
        raise CannotShow(
            f"a QR code does not fit into {size.columns} columns and {size.lines} lines",
            hint="make the window 80x24 or larger, or use `--png FILE` or `--show-seed`",
            see=SEE,
        )


def code_for(owner: Owner, seed: str) -> QrCode:
    """Return the QR code that an app scans for `owner`; `seed` is base32 text."""
    return draw(provision(user_name=owner.user_name, account=owner.account, seed=seed).pieces())


def card_for(owner: Owner, device: VirtualMfaDevice, code: QrCode, *, show_seed: bool) -> Card:
    """Return the card that is shown first: the QR code, whose it is, and the seed if asked for."""
    seed = ("", "Or type in this seed", *seed_groups(device.seed, per_line=_SEED_GROUPS_PER_LINE))
    return Card(
        code=code,
        words=(
            "Scan this with an authenticator app.",
            "",
            f"user {owner.user_name}",
            f"account {owner.account}",
            *(seed if show_seed else ()),
            "",
            "Then type two codes, the one that the app shows and the one after it.",
            "",
            "Ctrl-C stops, and nothing is left behind.",
        ),
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """Who enrols, and the screen at which it happens."""

    signed: Signed
    owner: Owner
    screen: Screen
    clock: Clock

    def enable(self, serial_number: str, card: Card) -> None:
        """Show the card and ask for two codes until AWS takes them.

        Raises `PairsRefused` after three pairs, and what EnableMFADevice raises for other reasons.
        """
        self.screen.display(card)
        for tries_left in reversed(range(_TRIES)):
            refused = self._try(serial_number)
            if refused is None:
                return
            if tries_left:
                self.screen.display(_with_remark(card, refused, tries_left))
        raise PairsRefused(
            f"AWS refused {_TRIES} pairs of codes: {refused}",
            hint="is the phone's clock set by the network? run this again for a new QR code, and remove"
            " the old entry from the app",
            see=SEE,
        )

    def _try(self, serial_number: str) -> str | None:
        """Ask for a pair and send it; return AWS's words when the codes are wrong, None when right."""
        first_code, second_code = ask_pair(self.screen, clock=self.clock)
        self.screen.display(Card(code=None, words=("Asking AWS…",)))
        try:
            enable_mfa_device(
                self.signed,
                user_name=self.owner.user_name,
                serial_number=serial_number,
                first_code=first_code,
                second_code=second_code,
            )
        except Refusal as refusal:
            if refusal.code != "InvalidAuthenticationCode":
                raise
            return refusal.aws_message.strip()
        return None


def _with_remark(card: Card, refused: str, tries_left: int) -> Card:
    advice = (
        "The two must follow each other and come from the entry that this QR code made; the phone's"
        f" clock must be right. {'One more try.' if tries_left == 1 else 'Two more tries.'}"
    )
    return Card(code=card.code, words=(f"AWS: {refused}", "", advice, "", *card.words))
