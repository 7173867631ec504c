from __future__ import annotations

from session.fixtures import account, peer, person, person_at_peer

__all__ = ["account", "peer", "person", "person_at_peer"]
