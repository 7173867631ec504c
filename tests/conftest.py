"""What every room's tests may use: a sandbox of their own."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from local_aws import LocalAws

# The same examples each time, so that a change is judged by itself; `make nightly` draws new ones.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

# What a script puts into the background (`make test &`) is deaf to Ctrl-C, and so is all that it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _collecting() -> Iterator[None]:
    """Collect garbage again: `prove` is a process of its own and does without, for speed."""
    yield
    gc.enable()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[LocalAws]:
    """A fresh sandbox, a server in this process: see `local_aws.LocalAws`."""
    from local_aws import local_aws

    with local_aws(tmp_path / "sandbox") as running:
        yield running
