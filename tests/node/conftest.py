from __future__ import annotations

from pathlib import Path

import pytest

from npm_packages import installed
from session.fixtures import account, person

__all__ = ["account", "person"]


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The SDK for JavaScript, and nushell."""
    return installed(Path(__file__).parent)
