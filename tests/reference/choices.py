"""Choices taken from bytes: Hypothesis draws and shrinks the bytes; byte 0 is the simplest choice."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """A run of bytes; each choice uses one up. After the end every choice is the simplest."""

    def __init__(self, data: bytes) -> None:
        self._bytes = iter(data)

    def number(self, below: int) -> int:
        """Choose a number from 0 on."""
        return next(self._bytes, 0) % below

    def once_in(self, times: int) -> bool:
        """Be true about once in so many times."""
        return self.number(times) == times - 1

    def one_of(self, values: Sequence[T]) -> T:
        """Choose one."""
        return values[self.number(len(values))]

    def some_of(self, values: Sequence[T], least: int, most: int) -> list[T]:
        """Choose a few, each once; fewer than asked when the same comes up again."""
        count = least + self.number(most - least + 1)
        return list(dict.fromkeys(self.one_of(values) for _ in range(count)))
