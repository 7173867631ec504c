"""What a new device is called when nobody chose a name: like its user, or with a number behind."""

from __future__ import annotations

from collections.abc import Collection

_FIRST_NUMBER, _LAST_NUMBER = 2, 9


def free_names(user_name: str, taken: Collection[str]) -> tuple[str, ...]:
    """Return the names to try, in order; `taken` are names that the user's own devices have.

    The plain name goes first: policies that allow one name allow `mfa/${aws:username}`. Names of devices
    ignore case. Source: observed on AWS (`EntityAlreadyExists` whatever the case).
    """
    numbered = (f"{user_name}-{number}" for number in range(_FIRST_NUMBER, _LAST_NUMBER + 1))
    folded = {name.casefold() for name in taken}
    return tuple(name for name in (user_name, *numbered) if name.casefold() not in folded)
