"""One nursery for all of these tests: it takes seconds to import what sandboxes need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.state.kept_sandbox import Nursery, a_nursery


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Forks sandboxes; the user's key is below its `home`."""
    with a_nursery(tmp_path_factory.mktemp("nursery")) as one:
        yield one
