"""What a sandbox tells whoever keeps its state: a call begins, a call has ended, all is new."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from watchword.sandbox.wire.operation import Operation


class Keeper(Protocol):
    """Keeps what the sandbox holds. Any thread may use it."""

    def change(self, operation: Operation | None) -> AbstractContextManager[None]:
        """Be the only one who changes anything; when the `with` ends, what changed is kept.

        `operation` is None for what is no call of AWS. Raises AwsError when it could not be kept.
        """

    def begun_anew(self) -> None:
        """Hear, within `change`, that everything is new."""


class NotKept:
    """Keeps nothing: calls go side by side."""

    @contextlib.contextmanager
    def change(self, operation: Operation | None) -> Iterator[None]:
        """Do nothing before and after."""
        del operation
        yield

    def begun_anew(self) -> None:
        """Do nothing."""
