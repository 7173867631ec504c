"""The findings of `policy lint` in SARIF 2.1.0, for code scanning.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from watchword import __version__
from watchword.lint import RULES, Rule
from watchword.report.policy_lint import EditValue, FindingValue, FixValue, LintValue, docs_page

SCHEMA_URI: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT: Final = "watchwordPolicyLint/v1"
_ROOT: Final = "%SRCROOT%"
_STDIN: Final = "-"
_INDEX: Final = {rule.ident: index for index, rule in enumerate(RULES)}


def sarif_value(value: LintValue, *, root: Path) -> dict[str, Any]:
    """Return one SARIF log with one run. Files below `root` are named relative to it.

    `root` is the folder that the command runs in: in CI, that of the repository.
    """
    seen: Counter[str] = Counter()
    return {
        "$schema": SCHEMA_URI,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "watchword",
                        "semanticVersion": __version__,
                        "rules": [_rule(rule) for rule in RULES],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [_invocation(value)],
                "artifacts": [{"location": _location(file["file"], root)} for file in value["files"]],
                "results": [_result(found, root, seen) for found in value["findings"]],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    before_and_after = f"Before:\n\n```json\n{rule.before}\n```\n\nAfter:\n\n```json\n{rule.after}\n```"
    return {
        "id": rule.ident,
        "name": "".join(part.capitalize() for part in rule.ident.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {
            "text": f"{rule.why}\n\nSee {docs_page(rule.ident)} and {rule.source}",
            "markdown": f"{rule.why}\n\n{before_and_after}\n\nAWS: <{rule.source}>",
        },
        "helpUri": rule.source,
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {"tags": ["security", "aws", "iam"]},
    }


def _invocation(value: LintValue) -> dict[str, Any]:
    """Say which documents could not be read: a run that saw nothing must not look clean."""
    problems = [file["problem"] for file in value["files"] if file["problem"] is not None]
    invocation: dict[str, Any] = {"executionSuccessful": not problems}
    if problems:
        invocation["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": problem}} for problem in problems
        ]
    return invocation


def _result(found: FindingValue, root: Path, seen: Counter[str]) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _location(found["file"], root),
            "region": _region(found["line"], found["column"], found["end_line"], found["end_column"]),
        }
    }
    if found["sid"]:
        location["logicalLocations"] = [{"name": found["sid"], "kind": "object"}]
    result: dict[str, Any] = {
        "ruleId": found["rule"],
        "level": found["severity"],
        "message": {"text": found["message"]},
        "locations": [location],
        "partialFingerprints": {FINGERPRINT: _fingerprint(found, root, seen)},
    }
    if found["rule"] in _INDEX:
        result["ruleIndex"] = _INDEX[found["rule"]]
    if found["fix"] is not None:
        result["fixes"] = [_fix(found["fix"], found["file"], root)]
    return result


def _region(line: int, column: int, end_line: int | None, end_column: int | None) -> dict[str, int]:
    region = {"startLine": line, "startColumn": column}
    if end_line is not None and end_column is not None:
        region |= {"endLine": end_line, "endColumn": end_column}
    return region


def _fingerprint(found: FindingValue, root: Path, seen: Counter[str]) -> str:
    """Name a finding by what it is about, not by where it stands: lines may be added above it."""
    snippet = found["snippet"]
    about = snippet["text"][snippet["column"] :][: snippet["length"]]
    name = _location(found["file"], root)["uri"]
    identity = "\0".join([name, found["rule"], found["sid"] or "", about])
    seen[identity] += 1
    return hashlib.sha256(f"{identity}\0{seen[identity]}".encode()).hexdigest()[:32]


def _fix(fix: FixValue, file: str, root: Path) -> dict[str, Any]:
    return {
        "description": {"text": fix["description"]},
        "artifactChanges": [
            {
                "artifactLocation": _location(file, root),
                "replacements": [_replacement(edit) for edit in fix["edits"]],
            }
        ],
    }


def _replacement(edit: EditValue) -> dict[str, Any]:
    return {
        "deletedRegion": _region(edit["line"], edit["column"], edit["end_line"], edit["end_column"]),
        "insertedContent": {"text": edit["text"]},
    }


def _location(file: str, root: Path) -> dict[str, str]:
    """Return a relative URI where the file is below the root, so that it means the same elsewhere."""
    if file == _STDIN:
        return {"uri": "stdin"}
    # Not resolved: a link is named as the user and the repository name it.
    absolute = Path(os.path.abspath(root / file))  # noqa: PTH100 see above
    if absolute.is_relative_to(root):
        return {"uri": quote(bytes(absolute.relative_to(root))), "uriBaseId": _ROOT}
    return {"uri": absolute.as_uri()}
