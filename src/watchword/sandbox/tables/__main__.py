"""Write the generated tables anew: `python -m watchword.sandbox.tables`, in a checkout."""

from __future__ import annotations

import json
from pathlib import Path

from watchword.sandbox.authorise import bindings
from watchword.sandbox.authorise.bindings import bindings_of
from watchword.sandbox.tables.coverage import page
from watchword.sandbox.tables.generate import Table, generate
from watchword.sandbox.tables.services import SERVICES

FOLDER = Path(bindings.__file__).parent / "generated"
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


def main() -> None:
    """Write all files."""
    for service in SERVICES:
        FOLDER.joinpath(f"{service}.json").write_text(as_text(generate(service)), encoding="utf-8")
    bindings_of.cache_clear()
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
