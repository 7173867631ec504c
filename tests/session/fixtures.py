"""Who the tests of getting in are about. Each room that wants them takes them into its conftest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws import LocalAws
from session.account import Account, account_in
from session.people import Somebody, somebody
from session.sts_peer import Peer, serve


@pytest.fixture
def account(sandbox: LocalAws) -> Account:
    """An account with a user who has a key and a device."""
    return account_in(sandbox)


@pytest.fixture
def person(tmp_path: Path, account: Account) -> Somebody:
    """That user, with AWS files that hold the key."""
    return somebody(
        tmp_path / "person", account.url, account.key.access_key_id, account.key.secret_access_key
    )


@pytest.fixture
def peer() -> Iterator[Peer]:
    """A test peer for what a sandbox cannot be: users with security keys, a root with a device."""
    state = Peer()
    server = serve(state)
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def person_at_peer(tmp_path: Path, peer: Peer) -> Somebody:
    """Somebody whose AWS files point at the peer."""
    return somebody(tmp_path / "person", peer.url, peer.key, peer.secret)
