from __future__ import annotations

import pytest

from sandbox.identity.small_world import World


@pytest.fixture
def world() -> World:
    return World()
