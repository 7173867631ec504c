"""Packages of npm that tests need, installed once into the user's cache."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

_NO_NETWORK = re.compile(r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b")


def installed(folder: Path) -> Path:
    """Return `node_modules` with what the package-lock.json in `folder` names.

    The test is skipped where node or its registry cannot be had.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    lock = folder / "package-lock.json"
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "watchword-tests"
    place = caches / f"node-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not (place / "done").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(folder / name, place)
            install = subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=place,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            if install.returncode != 0:
                if _NO_NETWORK.search(install.stderr):
                    pytest.skip("npm cannot reach its registry")
                pytest.fail(f"npm ci: {install.stderr}")
            (place / "done").touch()
    return place / "node_modules"
