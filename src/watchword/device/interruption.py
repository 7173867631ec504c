"""Being told to end: tidy up first, and do not let impatience disturb the tidying."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_Handler = Callable[[int, FrameType | None], None]


@contextlib.contextmanager
def ending_interrupts() -> Iterator[None]:
    """Make SIGTERM, SIGHUP and SIGQUIT raise `KeyboardInterrupt`, so that `finally` blocks run.

    Signals are the main thread's: in another one nothing is changed.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handling(_ENDING, interrupt):
        yield


@contextlib.contextmanager
def undisturbed(*, seconds: float) -> Iterator[None]:
    """Ignore Ctrl-C and the ending signals for so long; after that they interrupt as usual.

    Ctrl-C pressed twice must not break off the tidying, and a dead network must not hold anybody.
    """
    end = time.monotonic() + seconds

    def ignore_at_first(_number: int, _frame: FrameType | None) -> None:
        if time.monotonic() >= end:
            raise KeyboardInterrupt

    with _handling((signal.SIGINT, *_ENDING), ignore_at_first):
        yield


@contextlib.contextmanager
def _handling(numbers: tuple[signal.Signals, ...], handler: _Handler) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        for number in numbers:
            signal.signal(number, handler)
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
