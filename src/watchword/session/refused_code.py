"""Why AWS did not take a code, in words that help."""

from __future__ import annotations

from datetime import datetime

from watchword.aws import Refusal
from watchword.session.device import Device
from watchword.session.used_codes import CHECKS_A_WINDOW, seconds_left_in_window

# Source: observed answers of AWS STS; the trailing space and the double space are AWS's.
_INVALID = "MultiFactorAuthentication failed with invalid MFA one time pass code"
_UNABLE = "MultiFactorAuthentication failed, unable to validate MFA code"
_NOTABLE_SKEW_SECONDS = 30


def is_about_the_code(refusal: Refusal) -> bool:
    """Return whether another code may be taken where this one was refused."""
    return refusal.aws_message.startswith((_INVALID, _UNABLE))


def code_was_looked_at(refusal: Refusal) -> bool:
    """Return whether AWS compared the code, so that it is spent; else it only counted it."""
    return refusal.aws_message.startswith(_INVALID)


def explain(refusal: Refusal, device: Device, *, checks_in_window: int, now: datetime) -> list[str]:
    """Return AWS's words and the likely cause, a line each; `now` is when the answer came."""
    lines = [f"refused by AWS: {refusal.aws_message.strip()}"]
    if code_was_looked_at(refusal):
        lines.append(
            f"mistyped, used already, or not from the device `{device.name}`; nobody can use a code twice"
        )
    else:
        lines += _unable(device, checks_in_window, now)
    return lines + _skew(refusal, now)


def budget_spent(now: datetime) -> str:
    """Return what to say when no further code will be looked at in this window."""
    return (
        f"AWS looks at {CHECKS_A_WINDOW} codes of a device in three minutes, and they are spent; "
        f"the next three minutes begin in {seconds_left_in_window(now)} s"
    )


def _unable(device: Device, checks_in_window: int, now: datetime) -> list[str]:
    if checks_in_window >= CHECKS_A_WINDOW:
        return [budget_spent(now)]
    whence = (
        "from `mfa_serial` of the profile"
        if device.configured
        else "a guess"
        if device.guessed
        else "its serial number"
    )
    return [
        f"`{device.serial_number}` ({whence}) is not a device of this user,",
        "or it was enabled in the last seconds (wait 15 s),",
        f"or other programs have tried too many codes (AWS looks at more in {seconds_left_in_window(now)} s)",
    ]


def _skew(refusal: Refusal, now: datetime) -> list[str]:
    if refusal.server_time is None:
        return []
    seconds = round((now - refusal.server_time).total_seconds())
    if abs(seconds) < _NOTABLE_SKEW_SECONDS:
        return []
    side = "ahead of" if seconds > 0 else "behind"
    return [f"this machine's clock is {abs(seconds)} s {side} AWS's; if the device's is too, set it"]
