"""The members of objects and the items of lists in a text that parsed, and the edits that take them out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from watchword.lint._extent import end_of
from watchword.lint.finding import Edit

_SPACE: Final = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Something in an object or a list, from `start` to just past its `end`; a list's items have no name."""

    name: str
    start: int
    value_at: int
    end: int


def members(text: str, offset: int) -> tuple[Member, ...]:
    """Return what is in the object or list that begins at an offset, in order."""
    return tuple(_members(text, offset))


def _members(text: str, offset: int) -> Iterator[Member]:
    named, at = text[offset] == "{", _past_space(text, offset + 1)
    while text[at] not in "}]":
        start, name = at, ""
        if named:
            value_at = end_of(text, at)
            name = json.loads(text[start:value_at])
            at = _past_space(text, _past_space(text, value_at) + 1)
        end = end_of(text, at)
        yield Member(name=name, start=start, value_at=at, end=end)
        at = _past_space(text, end)
        if text[at] == ",":
            at = _past_space(text, at + 1)


def _past_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return at if found is None else found.end()


def without(inside: Sequence[Member], index: int) -> Edit | None:
    """Return the edit that takes one of several out, with its comma; None for the only one."""
    if len(inside) == 1:
        return None
    if index + 1 < len(inside):
        start, end = inside[index].start, inside[index + 1].start
    else:
        start, end = inside[index - 1].end, inside[index].end
    return Edit(offset=start, length=end - start, text="")
