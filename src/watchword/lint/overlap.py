"""Whether some ARN can be both: one that a Resource covers, and one of a type that an action works on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_PIECE: Final = re.compile(r"\$\{[^{}]*\}|<[^<>]*>|\*|\?|.", re.DOTALL)
_LITERAL_SIGN: Final = re.compile(r"\$\{([*?$])\}")
_ARN_COLONS: Final = 5
_SERVICE: Final = 2
_PATTERN: Final = re.compile(r"[*?$<]")


@dataclass(frozen=True, slots=True)
class _Some:
    """Any number of signs, at least `least` (0 or 1), without those of `but`."""

    least: int = 0
    but: str = ""


_ANYTHING: Final = _Some()
_ONE: Final = None
"""Exactly one sign, whichever."""
_IN_PART: Final = _Some(0, ":")
_PART: Final = _Some(0, ":")
_NAME: Final = _Some(1, ":/")


@lru_cache(maxsize=50_000)
def overlap(resource: str, template: str) -> bool:
    """Return whether an ARN exists that is of the template and covered by the Resource.

    `resource` is as in a policy, with wildcards and variables; `template` is AWS's, such as
    `arn:${Partition}:s3:::${BucketName}`. Where it is not certain that there is none, it is true: a
    variable may be anything, and what a placeholder of the last part may hold is known of buckets alone,
    which have no `/` in their names. A wildcard in one of the first five parts stays in it where the
    Resource has all six: AWS lets it cross colons, but then an ARN had to hold the rest in its name.
    """
    mine, theirs = _service(resource), _service(template)
    if mine and theirs and mine != theirs:
        return False
    return _meet(_read_resource(resource), _read_template(template))


def _service(arn: str) -> str | None:
    """Return the service that an ARN names plainly, which spares the walk; None where it does not."""
    parts = arn.split(":", _SERVICE + 1)
    plain = len(parts) > _SERVICE + 1 and not _PATTERN.search(parts[_SERVICE])
    return parts[_SERVICE] if plain else None


@lru_cache(maxsize=5_000)
def _read_resource(resource: str) -> tuple[str | _Some | None, ...]:
    return tuple(_of_resource(resource))


@lru_cache(maxsize=5_000)
def _read_template(template: str) -> tuple[str | _Some | None, ...]:
    return tuple(_of_template(template))


def _of_resource(resource: str) -> Iterator[str | _Some | None]:
    pieces = _PIECE.findall(resource)
    whole, colons = pieces.count(":") >= _ARN_COLONS, 0
    for piece in pieces:
        colons += piece == ":"
        if literal := _LITERAL_SIGN.fullmatch(piece):
            yield literal[1]
        elif piece.startswith("${") or piece == "*":
            yield _IN_PART if whole and colons < _ARN_COLONS else _ANYTHING
        elif piece == "?":
            yield _ONE
        else:
            yield from piece


def _of_template(template: str) -> Iterator[str | _Some | None]:
    colons = 0
    for found in _PIECE.finditer(template):
        piece = found.group()
        colons += piece == ":"
        if piece == "*":
            yield _ANYTHING
        elif len(piece) == 1:
            yield piece
        elif colons < _ARN_COLONS:
            yield _PART
        else:
            yield _NAME if piece == "${BucketName}" else _ANYTHING


def _meet(one: tuple[str | _Some | None, ...], other: tuple[str | _Some | None, ...]) -> bool:
    """Walk through both at once: whether some text leads to both ends."""
    seen: set[tuple[int, int, bool, bool]] = set()
    todo = [(0, 0, False, False)]
    while todo:
        state = todo.pop()
        if state in seen:
            continue
        seen.add(state)
        at, there, began, begun = state
        if at == len(one) and there == len(other):
            return True
        mine = one[at] if at < len(one) else ""
        theirs = other[there] if there < len(other) else ""
        if isinstance(mine, _Some) and (began or not mine.least):
            todo.append((at + 1, there, False, begun))
        if isinstance(theirs, _Some) and (begun or not theirs.least):
            todo.append((at, there + 1, began, False))
        if mine != "" and theirs != "" and _common(mine, theirs):
            stays, remains = isinstance(mine, _Some), isinstance(theirs, _Some)
            todo.append((at + (not stays), there + (not remains), stays, remains))
    return False


def _common(mine: str | _Some | None, theirs: str | _Some | None) -> bool:
    """Whether one sign can be both."""
    if isinstance(mine, str):
        return mine == theirs if isinstance(theirs, str) else theirs is None or mine not in theirs.but
    if isinstance(theirs, str):
        return mine is None or theirs not in mine.but
    return True
