"""Write the generated tables anew: `python -m watchword.sandbox.tables`, in a checkout."""

from __future__ import annotations

import json
from pathlib import Path

from watchword.sandbox.authorise import bindings
from watchword.sandbox.authorise import other_reads as other_reads_of_services
from watchword.sandbox.authorise.bindings import bindings_of
from watchword.sandbox.tables.coverage import page
from watchword.sandbox.tables.generate import Table, generate
from watchword.sandbox.tables.other_reads import other_reads
from watchword.sandbox.tables.services import SERVICES

FOLDER = Path(bindings.__file__).parent / "generated"
OTHERS = Path(other_reads_of_services.__file__).with_suffix(".json")
PAGE = Path("docs", "sandbox", "coverage.md")


def as_text(table: Table) -> str:
    """Return a table as it is checked in: JSON with a line for each operation, so that a change is seen."""

    def lines(entries: dict[str, object]) -> str:
        return ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in entries.items())

    parts: dict[str, dict[str, object]] = {
        "operations": dict(table.operations),
        "uncovered": dict(table.uncovered),
        "undecided": dict(table.undecided),
    }
    body = ", ".join(f'"{name}": {{\n{lines(entries)}\n}}' for name, entries in parts.items())
    return f'{{"prefix": {json.dumps(table.prefix)}, {body}}}\n'


def others_as_text(reads: dict[str, dict[str, str]]) -> str:
    """Return the list of other services as it is checked in: a line for each service."""
    lines = ",\n".join(f"{json.dumps(service)}: {json.dumps(actions)}" for service, actions in reads.items())
    return f"{{\n{lines}\n}}\n"


def main() -> None:
    """Write all files."""
    OTHERS.write_text(others_as_text(other_reads()), encoding="utf-8")
    for service in SERVICES:
        FOLDER.joinpath(f"{service}.json").write_text(as_text(generate(service)), encoding="utf-8")
    bindings_of.cache_clear()
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
