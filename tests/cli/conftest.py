from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from session.people import Somebody, somebody
from session.sts_peer import Peer, serve


@pytest.fixture
def peer() -> Iterator[Peer]:
    """A test peer that speaks STS on 127.0.0.1."""
    state = Peer()
    server = serve(state)
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def person(tmp_path: Path, peer: Peer) -> Somebody:
    """Somebody whose AWS files point at the peer."""
    return somebody(tmp_path, peer.url)
