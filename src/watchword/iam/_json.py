"""A reader of JSON that keeps offsets and, when something is wrong, reads on to find the rest."""

from __future__ import annotations

import json
import re
from typing import Final

from watchword.iam._nodes import MAX_DEPTH, MAX_FOUND, Array, Broken, Node, Null, Object, Scalar, String

_TOKEN: Final = re.compile(
    r"""
      (?P<space>[ \t\r\n]++)
    | (?P<string>"(?:[^"\\\x00-\x1f]++|\\.)*+")
    | (?P<mark>[{}\[\],:])
    | (?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?(?![\w.+-]))
    | (?P<word>(?:true|false|null)(?!\w))
    | (?P<comment>//[^\n]*+|/\*[^*\n]*+\*/)
    | (?P<open>"[^\n]*+)
    | (?P<quoted>'[^'\n]*+')
    | (?P<junk>[^\s"{}\[\],:]++|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Reader:
    """Reads one text.

    `problems` holds (offset, message) of all that is wrong; `gave_up` says that the rest of the text
    was not read because nobody could tell what it means.
    """

    def __init__(self, text: str) -> None:
        self.problems: list[tuple[int, str]] = []
        self._text = text
        self.gave_up = False
        self._tokens: list[tuple[str, str, int]] = []
        for found in _TOKEN.finditer(text):
            kind = str(found.lastgroup)
            if kind == "comment":
                self._complain(found.start(), "expected no comment: JSON has none")
                if self.gave_up:
                    break
            elif kind != "space":
                self._tokens.append((kind, found.group(), found.start()))
        self._tokens.append(("end", "", len(text)))
        self._next = 0

    def read(self) -> Node:
        """Return the text's value. Look at `problems` before using it."""
        if self._peek()[0] == "end":
            self._complain(0, "expected a policy document, found nothing")
            return Broken(0)
        value = self._value(0)
        kind, text, offset = self._peek()
        if kind != "end":
            self._complain(offset, f"expected the end of the document, found {_shown(text)}")
        return value

    def _peek(self) -> tuple[str, str, int]:
        return self._tokens[self._next]

    def _complain(self, offset: int, message: str) -> None:
        if self.gave_up:
            return
        self.problems.append((offset, message))
        if len(self.problems) >= MAX_FOUND:
            self._give_up()

    def _give_up(self) -> None:
        self.gave_up = True
        self._next = len(self._tokens) - 1

    def _value(self, depth: int) -> Node:
        kind, text, offset = self._peek()
        if kind == "mark":
            return self._composite(text, offset, depth)
        if kind == "end":
            self._complain(offset, "expected a value, found the end of the document")
            return Broken(offset)
        self._next += 1
        if kind == "string":
            return String(self._text_of(text, offset), offset)
        if kind == "number":
            return Scalar(text, offset)
        if kind == "word":
            return Null(offset) if text == "null" else Scalar(text, offset)
        return self._malformed(kind, text, offset)

    def _composite(self, text: str, offset: int, depth: int) -> Node:
        if text not in "{[":
            self._complain(offset, f"expected a value, found `{text}`")
            if text == ":":
                self._next += 1
            return Broken(offset)
        if depth >= MAX_DEPTH:
            self._complain(offset, f"expected at most {MAX_DEPTH} levels of nesting")
            self._give_up()
            return Broken(offset)
        self._next += 1
        return self._object(offset, depth + 1) if text == "{" else self._array(offset, depth + 1)

    def _malformed(self, kind: str, text: str, offset: int) -> Node:
        if kind == "open":
            self._complain(offset, 'this string has no closing `"` on its line, or a control character in it')
        elif kind == "quoted":
            self._complain(offset, f"expected double quotes around {_shown(text)}")
        else:
            self._complain(offset, f"expected a value, found {_shown(text)}: text stands in double quotes")
        return Broken(offset)

    def _text_of(self, token: str, offset: int) -> str:
        if "\\" not in token:
            text = token[1:-1]
        else:
            try:
                text = str(json.loads(token))
            except json.JSONDecodeError as error:
                self._complain(offset + error.pos, "expected a valid escape after `\\`")
                text = token[1:-1]
        if _SURROGATE.search(text):
            self._complain(offset, "expected characters, found half of a surrogate pair")
        return text

    def _array(self, offset: int, depth: int) -> Node:
        items: list[Node] = []
        while not self._closes("]", expect_more=bool(items)):
            items.append(self._value(depth))
            if not self._separated("]", offset):
                break
        return Array(items, offset)

    def _object(self, offset: int, depth: int) -> Node:
        members: list[tuple[String, Node]] = []
        seen: set[str] = set()
        while not self._closes("}", expect_more=bool(members)):
            name = self._name()
            if name is None:
                break
            if name.text in seen:
                self._complain(name.offset, f"expected `{name.text}` once in this object, found it again")
            seen.add(name.text)
            self._colon(name)
            members.append((name, self._value(depth)))
            if not self._separated("}", offset):
                break
        closing = self._tokens[self._next - 1]
        return Object(members, offset, closing[2] + len(closing[1]))

    def _closes(self, closing: str, *, expect_more: bool) -> bool:
        """Whether the list or object ends here instead of going on."""
        _, text, offset = self._peek()
        if text != closing:
            return self.gave_up
        if expect_more:
            self._complain(offset, f"expected another element after `,`, found `{closing}`")
        self._next += 1
        return True

    def _name(self) -> String | None:
        kind, text, offset = self._peek()
        while text == "," and kind == "mark":
            self._complain(offset, "expected a name in double quotes, found `,`")
            self._next += 1
            kind, text, offset = self._peek()
        if kind == "string":
            self._next += 1
            return String(self._text_of(text, offset), offset)
        found = "the end of the document" if kind == "end" else _shown(text)
        self._complain(offset, f"expected a name in double quotes, found {found}")
        if kind == "end" or text == "]":
            return None
        if kind == "mark":
            self._give_up()
            return None
        self._next += 1
        return String(text.strip("'\""), offset)

    def _colon(self, name: String) -> None:
        _, text, offset = self._peek()
        if text == ":":
            self._next += 1
        else:
            self._complain(offset, f"expected `:` after `{name.text}`")

    def _separated(self, closing: str, opened: int) -> bool:
        """Whether another element follows. Reads the comma, or the closing mark."""
        kind, text, offset = self._peek()
        if text == "," and kind == "mark":
            self._next += 1
            return True
        if text == closing and kind == "mark":
            self._next += 1
            return False
        if kind == "end":
            line = self._text.count("\n", 0, opened) + 1
            self._complain(offset, f"expected `{closing}` to end what begins in line {line}, found the end")
            return False
        if kind == "mark" and text in "]}":
            self._complain(offset, f"expected `,` or `{closing}`, found `{text}`")
            return False
        self._complain(offset, f"expected `,` or `{closing}` before {_shown(text)}")
        if text == ":":
            self._next += 1
        return True


def _shown(text: str) -> str:
    return f"`{text if len(text) <= 30 else text[:29] + '…'}`"
