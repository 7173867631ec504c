"""JSON with its offsets: what a reader makes of a text."""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

from watchword.iam.policy import Located

MAX_DEPTH: Final = 32
"""A policy needs six levels. More than this is not a policy, and is not read."""

MAX_FOUND: Final = 1000
"""With so many problems a text is not looked at any further."""


class TooMany(Exception):
    """`MAX_FOUND` problems have been found."""


String: TypeAlias = Located
"""A string, at the offset of its opening quote."""


class Scalar(msgspec.Struct, gc=False):
    """A number or a boolean, as it was written: `3600`, `true`."""

    text: str
    offset: int


class Null(msgspec.Struct, gc=False):
    """`null`."""

    offset: int


class Array(msgspec.Struct):
    """A list."""

    items: list[Node]
    offset: int


class Object(msgspec.Struct):
    """An object: members in order, duplicates included (they have been reported)."""

    members: list[tuple[String, Node]]
    offset: int
    end: int
    """Just past the closing `}`."""


class Broken(msgspec.Struct, gc=False):
    """Something that could not be read; it has been reported, so nobody need complain again."""

    offset: int


Node: TypeAlias = String | Scalar | Null | Array | Object | Broken
