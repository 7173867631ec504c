"""What the pages on policies show below a command is what it prints, to the last sign."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.pages import ROOT

_BLOCK = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
# These need nothing but files; sessions and sandboxes print times and ports.
_FROM_FILES = ("watchword policy", "echo", "printf", "mkdir", "sed")
_PAGES = ["docs/index.md", *(str(each.relative_to(ROOT)) for each in (ROOT / "docs/policy").glob("*.md"))]


def shown(page: Path) -> list[tuple[str, str]]:
    """Return the commands of a page that ask files alone, each with the output that is shown below it."""
    blocks = _BLOCK.findall(page.read_text(encoding="utf-8"))
    found = [pair for block in blocks for pair in _COMMAND.findall(block)]
    return [(command, output) for command, output in found if command.startswith(_FROM_FILES)]


@pytest.mark.parametrize("page", [each for each in _PAGES if any(out for _, out in shown(ROOT / each))])
def test_a_page_shows_what_is_printed(page: str, tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    for command, output in shown(ROOT / page):
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=tmp_path,
            env={"PATH": path, "HOME": str(tmp_path), "LANG": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        # A line with an ellipsis alone stands for all that follows.
        head, left_out, _ = output.partition("\n…\n")
        if left_out:
            assert done.stdout.startswith(head), command
        elif output:
            assert done.stdout.rstrip() == output.rstrip(), command
