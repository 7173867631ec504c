"""Small programs in the place of ykman, op, bw and pass: they take what the real ones' manuals say."""

from __future__ import annotations

import os
import sys

from session.people import Somebody


def put(person: Somebody, name: str, body: str) -> dict[str, str]:
    """Put a Python program on the person's PATH; return the variables of a shell that finds it."""
    folder = person.home / "bin"
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!{sys.executable} -IS\nimport os, sys, time\narguments = sys.argv[1:]\n{body}")
    path.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{person.environment['PATH']}"}
