"""`python -m bench [--small] [NAME …]`: measure, print a table, exit 1 if a promise is broken.

`--small` measures as little as shows that it can be measured.
"""

from __future__ import annotations

import importlib
import sys

from bench.figure import Figure

SUBJECTS = ("evaluate", "compile", "actions", "checks", "sandbox", "prove", "load", "startup")


def main(names: list[str]) -> int:
    figures: list[Figure] = []
    small = "--small" in names
    for name in [each for each in names if each != "--small"] or SUBJECTS:
        sys.stderr.write(f"measuring {name} …\n")
        figures += importlib.import_module(f"bench.{name}").measure(small=small)
    for figure in figures:
        sys.stdout.write(f"{figure}\n")
    broken = [figure for figure in figures if figure.kept is False]
    if broken:
        sys.stderr.write(f"{len(broken)} of the promises not kept\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
