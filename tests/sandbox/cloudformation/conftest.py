from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws import LocalAws, local_aws


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """One sandbox for the tests of a file: each makes users and stacks of its own."""
    with local_aws(Path(tmp_path_factory.mktemp("sandbox")) / "sandbox") as running:
        yield running
