"""Where a JSON value ends that is known to begin somewhere."""

from __future__ import annotations

import json
from typing import Final

# Numbers are left as text: only their length matters, and Python refuses to convert very long ones.
_DECODER: Final = json.JSONDecoder(parse_int=str, parse_float=str)


def end_of(text: str, offset: int) -> int:
    """Return the offset just past the JSON value that begins at `offset` of a document that parsed."""
    return _DECODER.raw_decode(text, offset)[1]
