"""The words beside the QR code of a new device."""

from __future__ import annotations

from watchword.device.card import Card
from watchword.device.ceremony import NewEnrolment
from watchword.device.provisioning import seed_groups

_SEED_GROUPS_PER_LINE = 5


def card_for(new: NewEnrolment, refused: str | None, *, shows_seed: bool) -> Card:
    """Return what is shown while two codes are asked for.

    `refused` is what AWS said of the codes before. The seed comes first where it is shown: words that do not
    fit are dropped from the end.
    """
    remark = () if refused is None else (*_remark(refused, new.tries_left), "")
    return Card(code=new.code, words=(*remark, *(_with_seed(new) if shows_seed else _to_scan(new))))


def _to_scan(new: NewEnrolment) -> tuple[str, ...]:
    return (
        "Scan this with an authenticator app."
        if new.is_own
        else f"{new.user_name} scans this with an authenticator app, not you.",
        "",
        *_whose(new),
        "",
        "Then type two codes, the one that the app shows and the one after it.",
        "",
        "Cannot scan? Type s and Enter to see the seed.",
        "",
        "Ctrl-C stops, and nothing is left behind.",
    )


def _with_seed(new: NewEnrolment) -> tuple[str, ...]:
    return (
        "Scan this, or type in this seed:",
        "",
        *seed_groups(new.seed, per_line=_SEED_GROUPS_PER_LINE),
        "",
        *_whose(new),
        "",
        "Then type two codes, one after the other.",
        "",
        "s and Enter hide the seed.",
    )


def _whose(new: NewEnrolment) -> tuple[str, ...]:
    return f"user {new.user_name}", f"account {new.account}"


def _remark(refused: str, tries_left: int) -> tuple[str, ...]:
    advice = (
        "The two must follow each other and come from the entry that this QR code made; the phone's"
        f" clock must be right. {'One more try.' if tries_left == 1 else 'Two more tries.'}"
    )
    return f"AWS: {refused}", "", advice
