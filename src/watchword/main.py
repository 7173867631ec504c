"""The door: everything goes to the command line."""

from __future__ import annotations

from watchword.errors import ExitCode


def main() -> None:
    """Run the `watchword` command and leave with its exit code."""
    try:
        from watchword.cli import run

        run()
    except KeyboardInterrupt:
        # Ctrl-C while the program is still being loaded, or is ending.
        raise SystemExit(ExitCode.INTERRUPTED) from None
