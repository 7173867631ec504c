from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from watchword.session.ask import Question
from watchword.session.codes import Occasion
from watchword.session.device import Device, Standing
from watchword.session.errors import CodesRefused
from watchword.session.used_codes import UsedCodes

_DEVICE = Device(serial_number="arn:aws:iam::123456789012:mfa/x")


@dataclass(kw_only=True)
class _Listener:
    """Somebody who is told things, and for whom no time passes."""

    said: list[str] = field(default_factory=list)
    waits: int = 0
    is_live: bool = False

    def say(self, text: str) -> None:
        self.said.append(text)

    def ask(self, prompt: object, *, hidden: bool = False) -> str:
        raise AssertionError(prompt)

    def confirm(self, question: str) -> bool:
        raise AssertionError(question)

    def countdown(self, text: Callable[[int], str], seconds: int) -> None:
        assert 1 <= seconds <= 30
        assert text(seconds)
        self.waits += 1


@dataclass(kw_only=True)
class _Same:
    """A program that gives the same code for ever."""

    tries: int = 2
    asks: bool = False
    name: str = "`same`"
    asked: int = 0

    def code(self, occasion: Occasion) -> str:
        assert occasion.device == _DEVICE
        self.asked += 1
        return "123456"


def _standing(device: Device) -> Standing:
    raise AssertionError(device)


def test_a_program_that_gives_the_same_code_for_ever_is_not_asked_for_ever(tmp_path: Path) -> None:
    listener, source = _Listener(), _Same()
    used = UsedCodes(tmp_path / "codes")
    used.send("123456", datetime.now(UTC))
    question = Question(
        profile=SimpleNamespace(name="work"),  # type: ignore[arg-type] # nothing may be called
        account="123456789012",
        terminal=listener,
        source=source,
        used_of=lambda _: used,
        now=lambda: datetime.now(UTC),
        standing_of=_standing,
    )
    with pytest.raises(CodesRefused, match="`same` gives the same code again and again"):
        question.spend(_DEVICE, lambda code: pytest.fail(code.serial_number))
    assert (source.asked, listener.waits) == (3, 2)
