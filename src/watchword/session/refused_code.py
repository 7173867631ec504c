"""Why AWS did not take a code, in words that help."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime

from watchword.aws import Refusal
from watchword.session.device import Device, Standing, StandingKind
from watchword.session.used_codes import CHECKS_A_WINDOW, seconds_left_in_window

# Source: observed answers of AWS STS; the trailing space and the double space are AWS's.
_INVALID = "MultiFactorAuthentication failed with invalid MFA one time pass code"
_UNABLE = "MultiFactorAuthentication failed, unable to validate MFA code"
_NOTABLE_SKEW_SECONDS = 30
# Source: observed on AWS: STS sees a newly enabled device 8 to 14 s later.
_SEEN_AFTER_SECONDS = 15


def is_about_the_code(refusal: Refusal) -> bool:
    """Return whether another code may be taken where this one was refused."""
    return refusal.aws_message.startswith((_INVALID, _UNABLE))


def code_was_looked_at(refusal: Refusal) -> bool:
    """Return whether AWS compared the code, so that it is spent; else it only counted it."""
    return refusal.aws_message.startswith(_INVALID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a code was not taken, a line each, and how long to wait before the next one (0: not at all)."""

    lines: tuple[str, ...]
    wait_seconds: int = 0


def explain(
    refusal: Refusal, device: Device, standing: Standing | None, *, asks: bool, now: datetime
) -> Cause:
    """Return AWS's words and the cause, as far as it can be told.

    `standing` is what AWS's list says of the device, None when it was not asked because the checks of this
    window are spent; `asks` whether a person typed the code; `now` is when the answer came.
    """
    at = refusal.server_time or now
    if code_was_looked_at(refusal):
        cause = Cause(lines=(_invalid(device, asks=asks),))
    elif standing is None:
        cause = Cause(lines=(budget_spent(now),))
    else:
        cause = _unable(device, standing, at)
    said = f"refused by AWS: {refusal.aws_message.strip()}"
    return replace(cause, lines=(said, *cause.lines, *_skew(refusal, now, asks=asks)))


def budget_spent(now: datetime) -> str:
    """Return what to say when no further code will be looked at in this window."""
    return (
        f"AWS looks at {CHECKS_A_WINDOW} codes of a device in three minutes, and they are spent; "
        f"the next three minutes begin in {seconds_left_in_window(now)} s"
    )


def _invalid(device: Device, *, asks: bool) -> str:
    if asks:
        return f"mistyped, used already, or not from the device `{device.name}`; nobody can use a code twice"
    return f"used already by somebody else, or not a code of the device `{device.name}`"


def _unable(device: Device, standing: Standing, at: datetime) -> Cause:
    not_theirs = f"`{device.serial_number}` ({_whence(device)}) is not a device of this user"
    match standing.kind:
        case StandingKind.NOT_THEIRS:
            instead = f"`{standing.device.serial_number}` is, and is asked from now on"
            return Cause(lines=(f"{not_theirs}; {instead}",))
        case StandingKind.THEIRS:
            return _theirs(device, standing, at)
        case StandingKind.UNKNOWN:
            more = f"AWS looks at more in {seconds_left_in_window(at)} s"
            return Cause(
                lines=(
                    f"{not_theirs},",
                    f"or it was enabled in the last seconds (wait {_SEEN_AFTER_SECONDS} s),",
                    f"or other programs have tried too many codes ({more})",
                )
            )


def _theirs(device: Device, standing: Standing, at: datetime) -> Cause:
    age = (at - standing.enabled_at).total_seconds() if standing.enabled_at else None
    if age is not None and age < _SEEN_AFTER_SECONDS:
        return Cause(
            lines=(f"`{device.name}` was enabled seconds ago, and STS takes its codes a little later",),
            wait_seconds=math.ceil(_SEEN_AFTER_SECONDS - max(age, 0)),
        )
    spent = f"AWS looks at {CHECKS_A_WINDOW} codes in three minutes, and other programs have spent them"
    return Cause(
        lines=(f"`{device.name}` is a device of this user: {spent}",), wait_seconds=seconds_left_in_window(at)
    )


def _whence(device: Device) -> str:
    if device.configured:
        return "from `mfa_serial` of the profile"
    return "a guess" if device.guessed else "its serial number"


def _skew(refusal: Refusal, now: datetime, *, asks: bool) -> list[str]:
    if refusal.server_time is None:
        return []
    seconds = round((now - refusal.server_time).total_seconds())
    if abs(seconds) < _NOTABLE_SKEW_SECONDS:
        return []
    side = "ahead of" if seconds > 0 else "behind"
    whose = "if the device's is too, set it" if asks else "codes that are made here are wrong then: set it"
    return [f"this machine's clock is {abs(seconds)} s {side} AWS's; {whose}"]
