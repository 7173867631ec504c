from __future__ import annotations

from collections.abc import Iterator

import pytest

from aws.portal_peer import SESSION, Portal, serve
from session.fixtures import account, peer, person, person_at_peer

__all__ = ["account", "peer", "person", "person_at_peer"]


@pytest.fixture
def portal() -> Iterator[Portal]:
    state = Portal(session=SESSION)
    server = serve(state)
    yield state
    server.shutdown()
    server.server_close()
