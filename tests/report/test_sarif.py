import json
from pathlib import Path
from typing import Any

import pytest

from watchword.iam.policy import Lines, Place
from watchword.lint import RULES, Edit, Finding, Fix, Severity
from watchword.report.policy_lint import LintedFile, LintValue, lint_value
from watchword.report.sarif import FINGERPRINT, sarif_value

ROOT = Path("/repository")
TEXT = '{\n  "Version": "2012-10-17",\n  "Statement": [{"Effect": "Allow", "Action": "IAM:getrole"}]\n}\n'
AT = TEXT.index('"IAM')


def finding(*, offset: int = AT, text: str = TEXT) -> Finding:
    lines = Lines.of(text)
    return Finding(
        rule="action-case",
        severity=Severity.NOTE,
        message="AWS writes `iam:GetRole`",
        place=lines.place(offset),
        end=lines.place(offset + 13),
        sid="Roles",
        statement=0,
        fix=Fix(description="write it so", edits=(Edit(offset=offset, length=13, text='"iam:GetRole"'),)),
    )


def value_of(*findings: Finding, name: str = "policies/mine.json", text: str = TEXT) -> LintValue:
    file = LintedFile(name=name, text=text, kind="identity", findings=findings, lines=Lines.of(text))
    return lint_value([file])


def run_of(value: LintValue) -> dict[str, Any]:
    log = sarif_value(value, root=ROOT)
    assert json.loads(json.dumps(log)) == log
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def test_the_log_says_which_version_and_schema_it_follows() -> None:
    log = sarif_value(value_of(), root=ROOT)
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")


def test_every_rule_is_described_and_has_an_absolute_address() -> None:
    rules = run_of(value_of())["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.ident for rule in RULES]
    for rule in rules:
        assert rule["helpUri"].startswith("https://docs.aws.amazon.com/")
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in {"error", "warning", "note"}


def test_a_result_names_its_rule_place_and_fix() -> None:
    run = run_of(value_of(finding()))
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "action-case"
    assert result["level"] == "note"
    location = result["locations"][0]
    assert location["logicalLocations"][0]["name"] == "Roles"
    region = {"startLine": 3, "startColumn": 47, "endLine": 3, "endColumn": 60}
    assert location["physicalLocation"]["region"] == region
    (change,) = result["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": '"iam:GetRole"'}}]
    assert run["columnKind"] == "unicodeCodePoints"


@pytest.mark.parametrize(
    ("name", "location"),
    [
        ("policies/mine.json", {"uri": "policies/mine.json", "uriBaseId": "%SRCROOT%"}),
        ("./a/../b c.json", {"uri": "b%20c.json", "uriBaseId": "%SRCROOT%"}),
        ("/repository/p#1.json", {"uri": "p%231.json", "uriBaseId": "%SRCROOT%"}),
        ("\udcff\n.json", {"uri": "%FF%0A.json", "uriBaseId": "%SRCROOT%"}),
        ("../other.json", {"uri": "file:///other.json"}),
        ("/etc/p.json", {"uri": "file:///etc/p.json"}),
        ("-", {"uri": "stdin"}),
    ],
)
def test_files_of_the_repository_are_named_from_its_root(name: str, location: dict[str, str]) -> None:
    run = run_of(value_of(finding(), name=name))
    assert run["artifacts"] == [{"location": location}]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == location


def test_a_fingerprint_stays_when_lines_are_added_above_and_tells_two_alike_apart() -> None:
    moved = "\n\n" + TEXT
    before = run_of(value_of(finding(), finding()))["results"]
    after = run_of(value_of(finding(offset=AT + 2, text=moved), text=moved))["results"]
    first, second = (each["partialFingerprints"][FINGERPRINT] for each in before)
    assert after[0]["partialFingerprints"][FINGERPRINT] == first != second
    elsewhere = run_of(value_of(finding(), name="other.json"))["results"]
    assert elsewhere[0]["partialFingerprints"][FINGERPRINT] != first


def test_a_run_that_could_not_read_a_document_does_not_look_clean() -> None:
    run = run_of(lint_value([LintedFile(name="gone.json", problem="there is no file `gone.json`")]))
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "there is no file `gone.json`"
    assert run_of(value_of())["invocations"] == [{"executionSuccessful": True}]


def test_a_finding_about_the_whole_document_has_a_region_without_an_end() -> None:
    whole = Finding(
        rule="policy-size", severity=Severity.NOTE, message="too long", place=Place(line=1, column=1)
    )
    (result,) = run_of(value_of(whole))["results"]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 1, "startColumn": 1}
    assert "fixes" not in result
