"""The shapes that the grammar is made of: objects with known members, strings and lists of them."""

from __future__ import annotations

from typing import Final

from watchword.errors import short
from watchword.iam._nodes import MAX_FOUND, Array, Broken, Node, Object, Scalar, String, TooMany
from watchword.iam.policy import Located

MAX_VALUE: Final = 32_768
"""The longest document that any service beside IAM stores: a key policy. No single value is longer."""


class Shapes:
    """Takes nodes apart. `problems` holds (offset, message) of what is wrong.

    `refusals` holds what AWS would not store although its meaning is plain. Raises TooMany after
    `MAX_FOUND` of either.
    """

    def __init__(self) -> None:
        self.problems: list[tuple[int, str]] = []
        self.refusals: list[tuple[int, str]] = []

    def values(self, node: Node) -> list[String | Scalar]:
        """Return the values of a condition key, whatever JSON writes them as."""
        texts: list[String | Scalar] = []
        for each in listed(node):
            if isinstance(each, String | Scalar):
                self._check_length(each)
                texts.append(each)
            elif not isinstance(each, Broken):
                self.expect(each.offset, "a string, a number or a boolean")
        return texts

    def members(self, node: Node, known: tuple[str, ...], expected: str) -> dict[str, Node] | None:
        """Return the members of an object that may have these; None after a complaint."""
        if isinstance(node, Broken):
            return None
        if not isinstance(node, Object):
            self.expect(node.offset, expected)
            return None
        members: dict[str, Node] = {}
        for name, value in node.members:
            if name.text in known:
                members.setdefault(name.text, value)
            else:
                self.expect(name.offset, f"one of {_choices(known)}, found `{short(name.text)}`")
        return members

    def texts(self, node: Node, where: str) -> tuple[Located, ...]:
        """Return the strings of an element: a list of them, or one alone."""
        nodes = listed(node)
        if not nodes:
            self.refuse(node.offset, f"at least one value for {where}")
        texts = []
        for each in nodes:
            if isinstance(each, String):
                self._check_length(each)
                texts.append(each)
            elif not isinstance(each, Broken):
                self.expect(each.offset, f"a string or a list of strings for {where}")
        return tuple(texts)

    def _check_length(self, value: String | Scalar) -> None:
        if len(value.text) > MAX_VALUE:
            self.expect(value.offset, f"at most {MAX_VALUE} characters, found {len(value.text)}")

    def expect(self, offset: int, what: str) -> None:
        """Complain of what was expected at an offset, and not found."""
        self.complain(offset, f"expected {what}")

    def refuse(self, offset: int, what: str) -> None:
        """Note what AWS would refuse to store, though its meaning is plain."""
        self._note(self.refusals, offset, what if what.startswith("expected ") else f"expected {what}")

    def complain(self, offset: int, message: str) -> None:
        """Complain of something in words of its own."""
        self._note(self.problems, offset, message)

    def _note(self, found: list[tuple[int, str]], offset: int, message: str) -> None:
        found.append((offset, message))
        if len(self.problems) + len(self.refusals) >= MAX_FOUND:
            raise TooMany


def listed(node: Node) -> list[Node]:
    """Return the items of a list, or what stands alone in place of one."""
    return node.items if isinstance(node, Array) else [node]


def _choices(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
