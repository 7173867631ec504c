"""Values as they may be shown: nothing that a document or a file name holds commands the terminal."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from watchword.errors import printable


def printable_value(value: Any, *, but: Collection[str] = ()) -> Any:  # noqa: ANN401  any JSON value
    """Return a JSON value with every text in it printable, but those under the names of `but`."""
    match value:
        case str():
            return printable(value)
        case list():
            return [printable_value(each, but=but) for each in value]
        case dict():
            return {
                key: each if key in but else printable_value(each, but=but) for key, each in value.items()
            }
        case _:
            return value
