"""A truth table of policies, as data, text, Markdown and CSV: all rendered from the data."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from watchword.errors import printable
from watchword.iam.table import Cell, Column, Row, Table
from watchword.report.policy_words import CREDENTIALS, WIDTH, wrapped
from watchword.report.printable import printable_value
from watchword.report.style import Style

TABLE_SCHEMA = "watchword/policy-table/v1"

_CELL: Final = 8
_COLUMNS_A_BLOCK: Final = 6
_ROWS_SHOWN: Final = 60
_NAMES_SHOWN: Final = 6
_TOGETHER: Final = "actions with the same answers are put together; `--output csv` lists each"
_HEADS: Final = {
    "root-key": ("root", "key"),
    "access-key": ("access", "key"),
    "session": ("session", ""),
    "session-mfa": ("session", "+ MFA"),
    "console": ("console", ""),
    "console-mfa": ("console", "+ MFA"),
    "login": ("login", ""),
    "login-mfa": ("login", "+ MFA"),
    "role-session": ("role", "session"),
    "federated": ("feder-", "ated"),
    "service-role": ("service", "role"),
    "service-linked-role": ("linked", "role"),
    "forwarded": ("forward", "ed call"),
    "forwarded-mfa": ("forward", "+ MFA"),
    "service": ("AWS", "service"),
}


def table_value(table: Table, *, notes: Sequence[str] = ()) -> dict[str, Any]:
    """Return a table as `watchword/policy-table/v1`; `notes` are what was taken to be so."""
    return {
        "schema": TABLE_SCHEMA,
        "columns": [_column(each) for each in table.columns],
        "rows": [_row(each) for each in table.rows],
        "summary": {
            "actions": table.actions,
            "without_mfa": table.without_mfa,
            "undetermined_without_mfa": table.undetermined,
        },
        "no_such_action": list(table.empty),
        "notes": list(notes),
    }


def _column(column: Column) -> dict[str, Any]:
    principal = column.principal.arn if column.principal else None
    return {"credential": column.kind.value, "principal": principal, "mfa": column.mfa.value}


def _row(row: Row) -> dict[str, Any]:
    return {
        "entry": row.written,
        "action": row.action,
        "stands_for": row.stands_for,
        "resource": row.resource,
        "resource_entry": row.resource_written,
        "known": row.known,
        "without_mfa": row.without_mfa,
        "cells": [_cell(each) for each in row.cells],
    }


def _cell(cell: Cell | None) -> dict[str, Any] | None:
    if cell is None:
        return None
    return {
        "outcome": cell.outcome.value,
        "layer": cell.layer.value,
        "without_mfa": cell.without_mfa,
        "missing": list(cell.missing),
    }


# -- text


def table_text(value: dict[str, Any], style: Style) -> str:
    """Return a table's value as text of at most 80 columns, but for names that are longer."""
    value = printable_value(value)
    rows = value["rows"]
    if len(rows) > _ROWS_SHOWN:
        value = {**value, "rows": list(_together(rows)), "notes": [*value["notes"], _TOGETHER]}
    starts = range(0, len(value["columns"]), _COLUMNS_A_BLOCK)
    blocks = [
        *("\n".join(_block(value, slice(start, start + _COLUMNS_A_BLOCK), style)) for start in starts),
        "\n".join(_summary(value, style)),
        "\n".join(_foot(value, style)),
    ]
    return "\n\n".join(block for block in blocks if block)


def _together(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Put the rows with the same answers on the same resource into one, whatever entry they come from."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        key = json.dumps([row["known"], row["resource_entry"], row["cells"]])
        first = found.setdefault(key, {**row, "entry": row["action"], "stands_for": 0})
        first["stands_for"] += row["stands_for"]
    yield from found.values()


def _block(value: dict[str, Any], shown: slice, style: Style) -> Iterator[str]:
    columns = value["columns"][shown]
    first = WIDTH - _CELL * len(columns)
    heads = [_HEADS[each["credential"]] for each in columns]
    for line in (0, 1):
        lead = "action" if line else ""
        yield style.strong(f"{lead:<{first}}{''.join(f'{head[line]:<{_CELL}}' for head in heads)}".rstrip())
    entry = None
    for row in value["rows"]:
        cells = "".join(_text_cell(cell, style) for cell in row["cells"][shown]).rstrip()
        if row["entry"] != entry and row["entry"] != row["action"]:
            yield f"{row['entry']}:"
        entry = row["entry"]
        indent = "" if entry == row["action"] else "  "
        name = indent + row["action"]
        if len(name) >= first:
            yield name
            name = ""
        yield f"{name:<{first}}{cells}".rstrip()
        if row["stands_for"] > 1:
            yield style.quiet(f"{indent}  and {row['stands_for'] - 1:,} more like it")
        if row["resource_entry"] != "*":
            yield style.quiet(f"{indent}  on {row['resource_entry']}")


def _text_cell(cell: dict[str, Any] | None, style: Style) -> str:
    text, painted = _painted(cell, style)
    return painted + " " * (_CELL - len(text))


def _painted(cell: dict[str, Any] | None, style: Style) -> tuple[str, str]:
    """A cell's signs, and the same in colour."""
    if cell is None:
        return "n/a", style.quiet("n/a")
    match cell["outcome"]:
        case "allowed" if cell["without_mfa"]:
            return "✓ !", style.bad("✓ !")
        case "allowed":
            return "✓", style.good("✓")
        case "explicitDeny":
            return "✗", "✗"
        case "implicitDeny":
            return "-", "-"
        case _:
            return "?", style.warning("?")


def _summary(value: dict[str, Any], style: Style) -> Iterator[str]:
    if not value["summary"]["actions"]:
        yield style.warning("? there is no action to ask about")
        return
    text = _passing(value["summary"])
    yield style.bad(f"! {text}") if value["summary"]["without_mfa"] else style.good(f"✓ {text}")
    if left := value["summary"]["undetermined_without_mfa"]:
        keys = sorted(
            {key for row in value["rows"] for each in row["cells"] if each for key in each["missing"]}
        )
        yield style.warning(f"? {left:,} more may")
        yield from wrapped(f"they hang on {', '.join(keys)}", "  ")


def _passing(summary: dict[str, int]) -> str:
    passing, actions = summary["without_mfa"], summary["actions"]
    of = f"{actions:,} {'action' if actions == 1 else 'actions'}"
    return f"{passing:,} of {of} {'passes' if passing == 1 else 'pass'} without MFA"


def _foot(value: dict[str, Any], style: Style) -> Iterator[str]:
    yield style.quiet("✓ allowed   ✓ ! allowed without MFA   ✗ a Deny matches   - nothing allows it")
    used = {cell["outcome"] for row in value["rows"] for cell in row["cells"] if cell}
    if "undetermined" in used:
        yield style.quiet("? undetermined: it hangs on what is not given")
    for note in foot_notes(value):
        yield from map(style.quiet, wrapped(f"note: {note}", "", hanging="      "))


def foot_notes(value: dict[str, Any]) -> Iterator[str]:
    """Yield what a reader of the table must know beside it."""
    missing = [each["credential"] for each in value["columns"] if each["principal"] is None]
    if missing:
        yield f"n/a: this principal cannot sign with {', '.join(missing)}"
    if unheard := value["no_such_action"]:
        more = f" and {len(unheard) - _NAMES_SHOWN} more" if len(unheard) > _NAMES_SHOWN else ""
        verb = "it grants" if len(unheard) == 1 else "they grant"
        yield f"AWS is not known to have {', '.join(unheard[:_NAMES_SHOWN])}{more}: {verb} nothing"
    yield from value["notes"]


# -- for other programs


def table_markdown(value: dict[str, Any]) -> str:
    """Return a table's value as a table in Markdown, with the summary above it."""
    value = printable_value(value)
    heads = ["action", "resource", *(CREDENTIALS[each["credential"]] for each in value["columns"])]
    lines = [
        f"{_passing(value['summary'])}.",
        "",
        _markdown_line(heads),
        _markdown_line(["---"] * len(heads)),
    ]
    for row in value["rows"]:
        name = f"`{row['action']}`" + (f" and {row['stands_for'] - 1} more" if row["stands_for"] > 1 else "")
        cells = [_word(each) for each in row["cells"]]
        marked = [f"**{each}**" if "without MFA" in each else each for each in cells]
        lines.append(_markdown_line([name, f"`{row['resource_entry']}`", *marked]))
    return "\n".join([*lines, *(f"\n{note}." for note in foot_notes(value))])


def _markdown_line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(each.replace('|', '&#124;') for each in cells)} |"


def table_csv(value: dict[str, Any]) -> str:
    """Return a table's value as CSV: one line a row, a column a kind of credential.

    Source: RFC 4180, but for the ends of lines, which are those of this machine.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    kinds = [each["credential"] for each in value["columns"]]
    writer.writerow(["entry", "action", "stands_for", "resource", "without_mfa", *kinds])
    for row in value["rows"]:
        entry, action, resource = (_csv_text(row[each]) for each in ("entry", "action", "resource"))
        about = [entry, action, row["stands_for"], resource]
        passes = "true" if row["without_mfa"] else "false"
        writer.writerow([*about, passes, *map(_csv_cell, row["cells"])])
    return out.getvalue().removesuffix("\n")


def _csv_text(text: str) -> str:
    """No text is a formula to a spreadsheet: an apostrophe says so."""
    return printable(f"'{text}" if text.startswith(("=", "+", "-", "@")) else text)


def _csv_cell(cell: dict[str, Any] | None) -> str:
    return "n/a" if cell is None else str(cell["outcome"])


def _word(cell: dict[str, Any] | None) -> str:
    if cell is None:
        return "n/a"
    match cell["outcome"]:
        case "allowed":
            return "allowed without MFA" if cell["without_mfa"] else "allowed"
        case "undetermined":
            return "undetermined"
        case _:
            return "denied"
