from __future__ import annotations

import os
import signal

import pytest

from watchword.device.interruption import ending_interrupts, undisturbed


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_being_told_to_end_is_an_interruption(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), ending_interrupts():
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_is_undisturbed_runs_on(number: signal.Signals) -> None:
    ran_on = False
    with undisturbed(seconds=60):
        os.kill(os.getpid(), number)
        ran_on = True
    assert ran_on


def test_but_not_for_ever() -> None:
    with pytest.raises(KeyboardInterrupt), undisturbed(seconds=0):
        os.kill(os.getpid(), signal.SIGINT)
