"""ARN patterns: the one of `Resource` and the one of `ArnLike`, which are not the same.

Source: IAM User Guide, reference_policies_elements_resource and
reference_policies_elements_condition_operators (ARN); what a star crosses in `Resource` as observed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam._glob import Wild
from watchword.iam._variables import Part

PARTS: Final = 6
_LAST: Final = PARTS - 1


def resource_pattern(pattern: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the pattern of a `Resource` with its wildcards held to their part of the ARN where they are.

    In the first five parts a star crosses colons only at the end of its part; after the fifth colon
    every wildcard crosses everything.
    """
    head = pattern[0] if pattern else ""
    if pattern == (Wild.STAR,) or (isinstance(head, str) and head.count(":") >= _LAST):
        return pattern
    result: list[Part] = []
    colons = 0
    for at, part in enumerate(pattern):
        if isinstance(part, str):
            colons += part.count(":")
        if colons < _LAST and part is Wild.ANY:
            result.append(Wild.ANY_IN_PART)
        elif colons < _LAST and part is Wild.STAR and not _ends_part(pattern, at):
            result.append(Wild.STAR_IN_PART)
        else:
            result.append(part)
    return tuple(result)


def _ends_part(pattern: tuple[Part, ...], at: int) -> bool:
    if at + 1 == len(pattern):
        return True
    following = pattern[at + 1]
    return isinstance(following, str) and following.startswith(":")


def split_arn(arn: str) -> list[str] | None:
    """Return the six parts of an ARN, or None when the text is not one."""
    found = arn.split(":", _LAST)
    if len(found) != PARTS or found[0] != "arn" or not (found[1] and found[2] and found[5]):
        return None
    return found


def split_pattern(pattern: tuple[Part, ...]) -> list[tuple[Part, ...]] | None:
    """Return the six parts of an ARN pattern, or None when it has fewer or does not begin with `arn`."""
    found: list[list[Part]] = [[]]
    for part in _cut(pattern):
        if part == ":" and len(found) < PARTS:
            found.append([])
        else:
            found[-1].append(part)
    if len(found) != PARTS or found[0] != ["arn"]:
        return None
    return [tuple(each) for each in found]


def _cut(pattern: tuple[Part, ...]) -> Iterator[Part]:
    """Give the parts with each colon of their text on its own."""
    for part in pattern:
        if not isinstance(part, str):
            yield part
            continue
        head, *rest = part.split(":")
        if head:
            yield head
        for piece in rest:
            yield ":"
            if piece:
                yield piece


def account_of(arn: str) -> str | None:
    """Return the account that an ARN belongs to, or None when it names none (`*`, a bucket, AWS's own)."""
    found = split_arn(arn)
    if found is None or not found[4].isdigit():
        return None
    return found[4]
