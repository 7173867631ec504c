"""What every room's tests may use: a sandbox of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from local_aws import LocalAws


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[LocalAws]:
    """A fresh sandbox, a server in this process: see `local_aws.LocalAws`."""
    from local_aws import local_aws

    with local_aws(tmp_path / "sandbox") as running:
        yield running
