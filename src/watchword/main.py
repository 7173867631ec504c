"""The door: what the cache can answer is answered here, everything else goes to the command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the `watchword` command and leave with its exit code."""
    try:
        from watchword.fastpath.answer import answer_command

        answer_command(sys.argv[1:])

        from watchword.cli import run

        run()
    except KeyboardInterrupt:
        # Ctrl-C while the program is still being loaded, or is ending.
        from watchword.errors import ExitCode

        raise SystemExit(ExitCode.INTERRUPTED) from None
