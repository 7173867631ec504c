"""Short ways to a document and to what the linter finds in it, for tests of this room."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence

from watchword.iam import PolicyKind
from watchword.iam.universe import Universe
from watchword.lint import AttachedTo, Finding, Subject, lint, lint_text, read_subject
from watchword.local.universe import load_universe

Statement = dict[str, object]

PRESENT = "aws:MultiFactorAuthPresent"
AGE = "aws:MultiFactorAuthAge"
WITHOUT_MFA: dict[str, object] = {"BoolIfExists": {PRESENT: "false"}}
WITH_MFA: dict[str, object] = {"Bool": {PRESENT: "true"}}
ENROLLING = [
    "iam:ChangePassword",
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "sts:GetSessionToken",
]


@functools.cache
def universe() -> Universe:
    return load_universe({"XDG_CACHE_HOME": "/nonexistent"})


def text_of(*statements: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def subject_of(
    text: str, *, kind: PolicyKind | None = None, attached_to: AttachedTo | None = None
) -> Subject:
    return read_subject(text, name="policy.json", universe=universe(), kind=kind, attached_to=attached_to)


def findings(
    *statements: Mapping[str, object],
    kind: PolicyKind | None = None,
    attached_to: AttachedTo | None = AttachedTo.GROUP,
) -> tuple[Finding, ...]:
    """What all rules find in a document of these statements, attached to a group unless said otherwise."""
    return lint(subject_of(text_of(*statements), kind=kind, attached_to=attached_to))


def found(text: str, *, attached_to: AttachedTo | None = AttachedTo.GROUP) -> tuple[Finding, ...]:
    return lint_text(text, name="policy.json", universe=universe(), attached_to=attached_to)


def rules_of(findings_: Sequence[Finding]) -> list[str]:
    """The idents of those rules that speak of MFA, each once, in the order of what they found."""
    return list(dict.fromkeys(each.rule for each in findings_ if each.rule.startswith("mfa-")))


def named(rule: str, findings_: Sequence[Finding]) -> list[Finding]:
    return [each for each in findings_ if each.rule == rule]


def source(finding: Finding, text: str) -> str:
    """The piece of the text that a finding points at."""
    assert finding.end is not None
    lines = text.split("\n")
    assert finding.place.line == finding.end.line
    return lines[finding.place.line - 1][finding.place.column - 1 : finding.end.column - 1]


def allow(condition: object = None, action: object = "ec2:StopInstances", **elements: object) -> Statement:
    return _statement("Allow", condition, action, elements)


def deny(condition: object = None, action: object = "ec2:StopInstances", **elements: object) -> Statement:
    return _statement("Deny", condition, action, elements)


def deny_all_but(*actions: str, condition: object = None, **elements: object) -> Statement:
    statement = {"Effect": "Deny", "NotAction": list(actions), "Resource": "*", **elements}
    return {**statement, "Condition": WITHOUT_MFA if condition is None else condition}


def _statement(effect: str, condition: object, action: object, elements: dict[str, object]) -> Statement:
    statement: Statement = {"Effect": effect, "Action": action, "Resource": "*", **elements}
    return statement if condition is None else {**statement, "Condition": condition}
