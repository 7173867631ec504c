"""The JSON of a case file: read by the fast reader of the standard library, every part with its place.

The policies' own reader (`_json`) reads on after a mistake, and takes its time; a file of thousands of
cases is sound as a rule, so that one is asked only when this one has found something wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NoReturn

from watchword.iam._json import Reader
from watchword.iam.policy import Lines, Place

_READ_ON: Final = 1_000_000
"""In longer texts only the first mistake is shown: reading on would take minutes and memory."""

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_COLON: Final = re.compile(r"[ \t\r\n]*:[ \t\r\n]*")
_COMMA: Final = re.compile(r"[ \t\r\n]*,?[ \t\r\n]*")
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Number(str):
    """A number as it was written."""

    __slots__ = ()


class NotJson(Exception):
    """The text is not JSON. `problems` holds the offset and the message of what is wrong."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        super().__init__()
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Value:
    """A value and where it stands: `text` is str, `Number`, bool, None, list or dict."""

    value: object
    at: int
    end: int


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object."""

    name: str
    name_at: int
    of: Value


class CaseText:
    """A text that is JSON.

    Raises NotJson when it is not, or holds half of a surrogate pair, which no output can show.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = Lines.of(text)
        try:
            value = _DECODER.decode(text)
        except json.JSONDecodeError as error:
            raise NotJson(_mistakes(text, error)) from None
        except RecursionError:
            raise NotJson([(0, "expected fewer levels of nesting")]) from None
        half = _HALF.search(text)
        if half is not None and _SURROGATE.search(json.dumps(value, ensure_ascii=False)):
            raise NotJson([(half.start(), "expected characters, found half of a surrogate pair")])
        start = _end(_SPACE, text, 0)
        self.root = Value(value, start, len(text))

    def place(self, offset: int) -> Place:
        """Return the line and column of an offset."""
        return self._lines.place(offset)

    def items(self, array: Value) -> Iterator[Value]:
        """Give the elements of an array."""
        at = _end(_SPACE, self.text, array.at + 1)
        while self.text[at] != "]":
            value, end = _DECODER.raw_decode(self.text, at)
            yield Value(value, at, end)
            at = _end(_COMMA, self.text, end)

    def members(self, object_: Value) -> Iterator[Member]:
        """Give the members of an object, repeated names too."""
        at = _end(_SPACE, self.text, object_.at + 1)
        while self.text[at] != "}":
            name_at = at
            name, end = _DECODER.raw_decode(self.text, at)
            at = _end(_COLON, self.text, end)
            value, end = _DECODER.raw_decode(self.text, at)
            yield Member(name, name_at, Value(value, at, end))
            at = _end(_COMMA, self.text, end)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()


def _mistakes(text: str, error: json.JSONDecodeError) -> list[tuple[int, str]]:
    """Return all mistakes as the careful reader words them, or the first one when the text is long."""
    first = [(error.pos, "expected JSON: " + error.msg[:1].lower() + error.msg[1:])]
    if len(text) > _READ_ON:
        return first
    reader = Reader(text)
    reader.read()
    return reader.problems or first


def _refuse(word: str) -> NoReturn:
    raise json.JSONDecodeError(f"`{word}` is no value of JSON", "", 0)


_DECODER: Final = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=_refuse)
