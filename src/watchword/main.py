"""The door: everything goes to the command line."""

from __future__ import annotations


def main() -> None:
    """Run the `watchword` command and leave with its exit code."""
    from watchword.cli import run

    run()
