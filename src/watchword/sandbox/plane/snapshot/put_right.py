"""Where moto itself must help: an object of S3 that changes, and a call that waits for another."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from watchword.sandbox.plane.snapshot.writing import BODY

_PATCHED = "_watchword_patched"


def put_right(while_waiting: Callable[[], AbstractContextManager[None]]) -> None:
    """Change moto's classes, once a process; the last `while_waiting` counts."""
    global _while_waiting  # noqa: PLW0603 - as moto itself, it is there once a process
    _while_waiting = while_waiting
    from moto.s3.models import FakeKey
    from moto.sqs.models import Queue

    if _PATCHED in vars(FakeKey):
        return
    setattr(FakeKey, _PATCHED, True)
    _forget_digests(FakeKey)
    wait = Queue.wait_for_messages

    def wait_for_messages(self: Any, timeout: int) -> None:  # noqa: ANN401 - moto's queue
        # A receiver waits for a sender, who must have a turn meanwhile.
        with _while_waiting():
            wait(self, timeout)

    Queue.wait_for_messages = wait_for_messages  # type: ignore[method-assign]


def _forget_digests(kind: Any) -> None:  # noqa: ANN401 - moto's class
    """Drop the digest of an object's content when the content is set."""
    content = kind.value

    def set_content(self: Any, value: bytes) -> None:  # noqa: ANN401
        vars(self).pop(BODY, None)
        content.fset(self, value)

    kind.value = property(content.fget, set_content)


_while_waiting: Callable[[], AbstractContextManager[None]]
