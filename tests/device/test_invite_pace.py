"""Many calls at once: AWS throttles, the network goes, a session ends, somebody stops."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from watchword.aws import Refusal, Unreachable
from watchword.device.errors import RoundStopped
from watchword.device.invite_pace import Pace, each_at_once
from watchword.device.invite_result import stopped_after
from watchword.errors import SignInNeeded


def refusal(code: str) -> Refusal:
    return Refusal(
        f"AWS refused `iam:GetUser` ({code})",
        code=code,
        aws_message="",
        status=400,
        operation="iam:GetUser",
        server_time=None,
    )


class Answering:
    """Signs nothing: answers as it is told, one after the other."""

    def __init__(self, *answers: Exception | None) -> None:
        self._answers: Iterator[Exception | None] = iter(answers)
        self.asked = 0

    def call(self, service: str, operation: str, **_: Any) -> dict[str, Any]:  # noqa: ANN401 as AWS's own
        self.asked += 1
        answer = next(self._answers)
        if answer is not None:
            raise answer
        return {"of": f"{service}:{operation}"}


def test_throttling_is_waited_for_longer_each_time_and_then_forgotten() -> None:
    waited: list[float] = []
    said: list[str] = []
    slow = refusal("Throttling")
    signed = Answering(slow, slow, None, slow, None)
    pace = Pace(signed, say=said.append, wait=waited.append)
    assert pace.call("iam", "GetUser") == {"of": "iam:GetUser"}
    assert pace.call("iam", "GetUser") == {"of": "iam:GetUser"}
    assert waited == [2.0, 5.0, 2.0]
    assert said[1] == "AWS asks for fewer calls (Throttling): waiting 5 s"


def test_throttling_that_does_not_end_stops_the_round() -> None:
    waited: list[float] = []
    pace = Pace(Answering(*[refusal("Throttling")] * 9), say=print, wait=waited.append)
    with pytest.raises(RoundStopped):
        pace.call("iam", "GetUser")
    assert waited == [2.0, 5.0, 15.0, 30.0]
    error = stopped_after(pace, 3, 9, profile="admin")
    assert error.message == "stopped after 3 of 9 people: AWS refused `iam:GetUser` (Throttling)"
    assert isinstance(error, RoundStopped)


def test_all_wait_together_when_one_is_throttled() -> None:
    waited: list[float] = []
    both = threading.Barrier(2, timeout=10)

    class Two:
        def call(self, *_: str, **__: Any) -> dict[str, Any]:  # noqa: ANN401 as AWS's own
            if not waited:
                both.wait()
                raise refusal("Throttling")
            return {}

    pace = Pace(Two(), say=print, wait=waited.append)
    assert list(each_at_once(lambda _: pace.call("iam", "GetUser"), [1, 2], stopped=pace.stopped)) == [{}, {}]
    assert waited == [2.0]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (lambda: refusal("ExpiredToken"), SignInNeeded),
        (lambda: refusal("InvalidClientTokenId"), SignInNeeded),
        (
            lambda: Unreachable("no answer", endpoint="x", request_left=True, hint="check the network"),
            RoundStopped,
        ),
    ],
)
def test_what_ends_it_for_one_ends_it_for_all_and_says_why(
    fault: Callable[[], Exception], kind: type[Exception]
) -> None:
    signed = Answering(fault(), None)
    pace = Pace(signed, say=print)
    for _ in range(2):
        with pytest.raises(RoundStopped):
            pace.call("iam", "GetUser")
    assert signed.asked == 1
    error = stopped_after(pace, 1, 2, profile="admin")
    assert isinstance(error, kind)
    assert error.hint is not None
    assert "type the same again: it goes on from there" in error.hint


def test_other_refusals_are_the_callers_own_business() -> None:
    pace = Pace(Answering(refusal("AccessDenied"), None), say=print)
    with pytest.raises(Refusal):
        pace.call("iam", "GetUser")
    assert pace.call("iam", "GetUser") == {"of": "iam:GetUser"}


def test_no_more_than_six_work_at_once_and_all_are_served() -> None:
    lock, now, most = threading.Lock(), [0], [0]
    six = threading.Barrier(6, timeout=10)

    def work(item: int) -> int:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        six.wait()
        with lock:
            now[0] -= 1
        return item

    assert sorted(each_at_once(work, range(24), stopped=threading.Event())) == list(range(24))
    assert most == [6]


def test_who_stops_waits_for_nobody_and_nothing_more_is_begun() -> None:
    stopped, hanging, begun = threading.Event(), threading.Event(), []

    def work(item: int) -> int:
        begun.append(item)
        if item:
            hanging.wait(20)
        return item

    results = each_at_once(work, range(20), stopped=stopped)
    assert next(results) == 0
    results.close()
    count = len(begun)
    hanging.set()
    assert stopped.is_set()
    assert count <= 7


def test_an_error_of_one_is_raised_and_stops_the_others() -> None:
    stopped = threading.Event()

    def work(item: int) -> int:
        if item == 3:
            raise ValueError("three")
        return item

    with pytest.raises(ValueError, match="three"):
        list(each_at_once(work, range(9), stopped=stopped, at_once=1))
    assert stopped.is_set()
