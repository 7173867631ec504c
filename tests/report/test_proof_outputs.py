"""The example of a proof as SARIF, CSV, Markdown and text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from watchword.proof.result import Proof, read_proof, write_proof
from watchword.report.proof_csv import COLUMNS, proof_csv
from watchword.report.proof_markdown import proof_markdown
from watchword.report.proof_sarif import FINGERPRINT, proof_sarif
from watchword.report.proof_text import proof_text
from watchword.report.style import Style

EXAMPLE = (Path(__file__).parents[1] / "proof" / "example_proof.json").read_bytes()
HOSTILE = "x|y<script>\x1b[31m`**@someone"


@pytest.fixture(scope="module")
def proof() -> Proof:
    return read_proof(EXAMPLE)


@pytest.fixture(scope="module")
def hostile(proof: Proof) -> Proof:
    """The same proof of an account in which somebody chose names to their liking."""
    text = EXAMPLE.decode().replace("alice", json.dumps(HOSTILE)[1:-1])
    return read_proof(text.encode())


def test_a_proof_is_read_as_it_was_written(proof: Proof) -> None:
    assert write_proof(proof) == EXAMPLE
    assert read_proof(write_proof(proof)) == proof


def test_each_finding_is_a_result_that_stays_the_same(proof: Proof) -> None:
    log: dict[str, Any] = json.loads(proof_sarif(proof))
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for result, finding in zip(run["results"], proof.findings, strict=True):
        assert rules[result["ruleIndex"]] == result["ruleId"] == finding.rule
        assert result["partialFingerprints"] == {FINGERPRINT: finding.id}
        (place,) = result["locations"]
        assert place["physicalLocation"]["region"]["startLine"] >= 1
        assert "://" not in place["physicalLocation"]["artifactLocation"]["uri"]
        steps = proof.witnesses[finding.witness or ""].steps
        assert len(result["codeFlows"][0]["threadFlows"][0]["locations"]) == len(steps)
    assert run["invocations"][0]["toolExecutionNotifications"]


def test_what_is_excepted_is_suppressed(proof: Proof) -> None:
    from datetime import date

    from watchword.proof.result import Waiver

    waiver = Waiver(owner="me", reason="until spring", expires=date(2027, 3, 1))
    first, *others = proof.findings
    waived = msgspec.structs.replace(
        proof, findings=(msgspec.structs.replace(first, exception=waiver), *others)
    )
    results = json.loads(proof_sarif(waived))["runs"][0]["results"]
    assert results[0]["suppressions"][0]["justification"] == "until spring (me, until 2027-03-01)"
    assert "suppressions" not in results[1]
    text = proof_text(waived, Style(color=False))
    assert "Excepted:" in text
    assert "me, until 2027-03-01: until spring" in text


def test_a_row_for_each_principal_in_each_state(proof: Proof) -> None:
    lines = proof_csv(proof).split("\r\n")
    assert lines[0].split(",") == list(COLUMNS)
    assert len(lines) == 2 + sum(len(each.states) for each in proof.principals)


def test_no_cell_begins_as_a_formula_does(proof: Proof) -> None:
    text = EXAMPLE.decode().replace('"developers"', '"=cmd"').replace('"operators"', '"@sum"')
    for line in proof_csv(read_proof(text.encode())).splitlines():
        assert not any(cell.lstrip('"')[:1] in "=+-@" for cell in line.split(",") if cell)


def test_names_command_nothing(hostile: Proof) -> None:
    plain = Style(color=False)
    outputs = (
        proof_text(hostile, plain),
        proof_markdown(hostile),
        proof_csv(hostile),
        proof_sarif(hostile).decode(),
    )
    for output in outputs:
        assert "script" in output
        assert "\x1b" not in output


def test_names_make_no_markup_in_markdown(hostile: Proof) -> None:
    text = proof_markdown(hostile)
    summaries = [line for line in text.splitlines() if line.startswith("<details>")]
    assert summaries
    assert not any("<script>" in line for line in summaries)
    rows = [line for line in text.splitlines() if line.startswith("| 1 ")]
    assert rows
    assert all(row.replace("\\|", "").count("|") == 5 for row in rows)


@pytest.mark.parametrize("where", ["description", "message", "leaves_open"])
def test_what_is_said_in_words_makes_no_markup_in_markdown_either(where: str) -> None:
    """Claims, findings and what was not read are told outside of code, too."""
    value = json.loads(EXAMPLE)
    value["claims"].append(value["claims"][0] | {"name": "second"})  # one claim alone is told by the answer
    told = {
        "description": value["claims"][0],
        "message": value["findings"][0],
        "leaves_open": value["accounts"][0]["unread"][0],
    }
    told[where][where] = "<img src=x> [here](https://x.example) **@all**"
    text = proof_markdown(read_proof(json.dumps(value).encode()))
    lines = [line for line in text.splitlines() if not line.startswith("<details>")]  # HTML of its own
    assert any("\\<img src=x\\>" in line for line in lines)
    assert not any(re.search(r"(?<!\\)(<img|\]\(https|@all)", line) for line in lines if "x.example" in line)


def test_the_answer_is_told_first_in_every_form(proof: Proof) -> None:
    answer = "Not proved: 2 of 5 principals can do something without MFA."
    assert proof_text(proof, Style(color=False)).splitlines()[0] == f"✗ {answer}"
    assert proof_markdown(proof).splitlines()[0] == f"## ✗ {answer}"


def test_a_sign_stands_beside_every_colour(proof: Proof) -> None:
    coloured = proof_text(proof, Style(color=True))
    assert "\x1b[1;31m✗ Not proved" in coloured
