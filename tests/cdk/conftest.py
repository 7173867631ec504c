from __future__ import annotations

from pathlib import Path

import pytest

from npm_packages import installed


@pytest.fixture(scope="session")
def cdk_modules() -> Path:
    """`node_modules` with the cdk command and its library."""
    return installed(Path(__file__).parent)
