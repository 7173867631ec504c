from __future__ import annotations

import re
from typing import Any

from watchword.report.policy_table import table_csv, table_markdown, table_text
from watchword.report.style import Style

PLAIN = Style(color=False)


def value(*rows: dict[str, Any], kinds: tuple[str, ...] = ("access-key", "session-mfa")) -> dict[str, Any]:
    passing = sum(row["without_mfa"] for row in rows)
    return {
        "columns": [{"credential": kind, "principal": "arn:x", "mfa": "absent"} for kind in kinds],
        "rows": list(rows),
        "summary": {"actions": len(rows), "without_mfa": passing, "undetermined_without_mfa": 0},
        "no_such_action": [],
        "notes": [],
    }


def row(action: str, *outcomes: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 any field of a row
    cells = [
        {
            "outcome": outcome,
            "layer": "identity",
            "without_mfa": outcome == "allowed" and at == 0,
            "missing": [],
        }
        for at, outcome in enumerate(outcomes)
    ]
    about = {"entry": action, "action": action, "stands_for": 1, "resource": "*", "resource_entry": "*"}
    passes = any(cell["without_mfa"] for cell in cells)
    return {**about, "known": True, "without_mfa": passes, "cells": cells, **fields}


def test_only_cells_without_mfa_have_the_mark() -> None:
    text = table_text(value(row("s3:GetObject", "allowed", "allowed")), PLAIN)
    line = next(line for line in text.splitlines() if line.startswith("s3:GetObject"))
    assert line.split() == ["s3:GetObject", "✓", "!", "✓"]
    assert "! 1 of 1 action passes without MFA" in text


def test_a_table_of_nothing_is_no_good_news() -> None:
    text = table_text(value(), PLAIN)
    assert "? there is no action to ask about" in text
    assert "without MFA" not in text.partition("✓ allowed")[0]


def test_a_name_that_leaves_no_room_has_a_line_of_its_own() -> None:
    name = "codecommit:AssociateApprovalRuleTemplateWithRepositoryAndMoreThanThat"
    lines = table_text(value(row(name, "allowed", "allowed")), PLAIN).splitlines()
    at = lines.index(name)
    assert lines[at + 1].split() == ["✓", "!", "✓"]


def test_a_colour_never_stands_alone() -> None:
    shown = value(
        row("s3:GetObject", "allowed", "explicitDeny"), row("s3:PutObject", "undetermined", "allowed")
    )
    colored = table_text(shown, Style(color=True))
    plain = table_text(shown, PLAIN)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain
    assert "? undetermined: it hangs on what is not given" in plain


def test_many_rows_with_the_same_answers_are_put_together() -> None:
    rows = [row(f"s3:Get{number}", "allowed", "allowed") for number in range(60)]
    text = table_text(value(*rows), PLAIN)
    assert "s3:Get59" in text
    rows += [row("s3:Put", "explicitDeny", "allowed"), row("s3:Put2", "explicitDeny", "allowed")]
    text = table_text(value(*rows), PLAIN)
    assert "s3:Get0 " in text
    assert "  and 59 more like it" in text
    assert "s3:Put2" not in text
    assert "`--output csv` lists each" in text
    assert table_csv(value(*rows)).count("\n") == 62


def test_a_bar_in_a_resource_does_not_end_a_cell_of_markdown() -> None:
    lines = table_markdown(
        value(row("s3:GetObject", "allowed", "allowed", resource_entry="arn:a|b"))
    ).splitlines()
    assert "`arn:a&#124;b`" in lines[-1]
    assert lines[-1].count("|") == lines[2].count("|")


def test_a_comma_in_a_resource_does_not_end_a_field_of_csv() -> None:
    text = table_csv(value(row("s3:GetObject", "allowed", "implicitDeny", resource="arn:a,b")))
    assert text.splitlines()[1] == 's3:GetObject,s3:GetObject,1,"arn:a,b",true,allowed,implicitDeny'


def test_no_name_commands_a_terminal_or_is_a_formula_to_a_spreadsheet() -> None:
    evil = value(row("=cmd|'/C calc'!A0:\x1b[31m", "allowed", "allowed", resource_entry="arn:\u202e\n"))
    for text in (table_text(evil, PLAIN), table_markdown(evil), table_csv(evil)):
        assert not {"\x1b", "\u202e"} & {*text}
    assert "\n'=cmd|" in table_csv(evil)
