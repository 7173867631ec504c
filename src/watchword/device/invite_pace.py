"""Many calls at once, at a pace that AWS takes, until somebody stops them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Sequence
from typing import Any, Final, TypeVar

from watchword.aws import Refusal, Signed, Unreachable
from watchword.aws.caller import TWICE
from watchword.aws.kept_client import kept_client
from watchword.device.errors import RoundStopped
from watchword.errors import WatchwordError

AT_ONCE: Final = 6
"""How many people are looked at at the same time: all who call IAM in an account share what it bears."""

SEE: Final = "docs/devices/invite.md"
_PAUSES_SECONDS: Final = (2.0, 5.0, 15.0, 30.0)
# Source: "Throttling errors", botocore's `standard` retry mode; "Common errors", IAM API Reference.
THROTTLED: Final = frozenset(
    {"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"}
)
# Whoever signs is not taken any more: every other call would be refused as well.
_UNSIGNED: Final = frozenset(
    {"ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch", "RequestExpired"}
)
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Pace:
    """Signs as before, for several threads; when AWS throttles, all of them wait.

    The first that meets an end for everybody (AWS out of reach, a session that has ended, throttling that
    does not stop) sets `stopped` and says why in `cause`; whoever calls after that gets `RoundStopped`.
    """

    def __init__(
        self, signed: Signed, *, say: Callable[[str], None], wait: Callable[[float], object] | None = None
    ) -> None:
        """`say` is told of each wait; `wait` takes seconds, and by default ends early when all is stopped."""
        self.stopped = threading.Event()
        self.cause: WatchwordError | None = None
        self._signed = signed
        self._kept = kept_client(signed, "iam", at_once=AT_ONCE, attempts=TWICE)
        self._say = say
        self._wait = wait or self.stopped.wait
        self._turn = threading.Lock()
        self._waits = 0
        self._in_a_row = 0

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401 AWS's own shapes
        """Call an operation that changes nothing, by AWS's names; raise `Refusal` or `RoundStopped`."""
        while True:
            self._go_on()
            waits = self._waits
            try:
                answer = self._kept.call(service, operation, **params)
            except Unreachable as error:
                self._stop(error)
            except Refusal as refusal:
                if refusal.code in _UNSIGNED:
                    self._stop(refusal)
                elif refusal.code not in THROTTLED:
                    raise
                else:
                    self._pause(refusal, waits)
            else:
                self._in_a_row = 0
                return answer

    def _go_on(self) -> None:
        if self.stopped.is_set():
            raise RoundStopped("the round was stopped", see=SEE)

    def _stop(self, cause: WatchwordError) -> None:
        self.cause = self.cause or cause
        self.stopped.set()
        self._go_on()

    def _pause(self, refusal: Refusal, waits: int) -> None:
        """Wait, unless another has waited meanwhile; give up when several have brought no answer."""
        with self._turn:
            if self._waits != waits or self.stopped.is_set():
                return
            if self._in_a_row == len(_PAUSES_SECONDS):
                self._stop(refusal)
            seconds = _PAUSES_SECONDS[self._in_a_row]
            self._say(f"AWS asks for fewer calls ({refusal.code}): waiting {seconds:.0f} s")
            self._wait(seconds)
            self._waits += 1
            self._in_a_row += 1


def each_at_once(
    work: Callable[[_Item], _Result],
    items: Sequence[_Item],
    *,
    stopped: threading.Event,
    at_once: int = AT_ONCE,
) -> Generator[_Result]:
    """Yield what `work` makes of each item, as it comes; an exception of `work` is raised here.

    Once `stopped` is set nothing more is begun. However this ends, nobody waits for a call that is under way:
    `work` must change nothing.
    """
    waiting: queue.SimpleQueue[_Item] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[_Result | None, BaseException | None]] = queue.SimpleQueue()
    for item in items:
        waiting.put(item)

    def labour() -> None:
        while not stopped.is_set():
            try:
                item = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((work(item), None))
            except BaseException as error:
                done.put((None, error))
                return

    for _ in range(min(at_once, len(items))):
        threading.Thread(target=labour, daemon=True).start()
    try:
        for _ in items:
            result, error = done.get()
            if error is not None:
                raise error
            yield result  # type: ignore[misc] # there is one where there is no error
    finally:
        stopped.set()
