"""A document as a user hands it over: what it is for, what is found in it, and how to put it right."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from watchword.errors import WatchwordError
from watchword.iam.errors import PolicySyntaxError
from watchword.iam.policy import Lines, PolicyKind
from watchword.lint.check import apply, compatible, lint, syntax_findings
from watchword.lint.finding import Finding, Fix, Severity
from watchword.lint.registry import RULES
from watchword.lint.rule import Rule
from watchword.lint.subject import AttachedTo, read_subject

if TYPE_CHECKING:
    from watchword.iam.universe import Universe

_SEE: Final = "docs/policy/lint.md"
_ORDER: Final = tuple(Severity)
_ROUNDS: Final = 20


class NoPolicy(WatchwordError):
    """A document that is something else than a policy, and can be told to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that was looked at. `kind` is None when it does not parse."""

    name: str
    text: str = field(repr=False)
    kind: PolicyKind | None
    findings: tuple[Finding, ...]
    lines: Lines = field(repr=False)

    def fixed(self, look: Look) -> tuple[str, int]:
        """Return the text with all fixes applied, until none is left, and the number of fixes.

        `look` looks at a text in the same way as this one was looked at. Of fixes that overlap, or that
        would leave no valid document together, some are made and the result looked at anew. A document
        that does not parse has no fixes.
        """
        text, count, document = self.text, 0, self
        for _ in range(_ROUNDS):
            fixes = compatible(each.fix for each in document.findings if each.fix is not None)
            fixes = _valid_together(text, fixes, lambda fixed: look(self.name, fixed).kind is not None)
            if not fixes:
                break
            text, count = apply(text, fixes), count + len(fixes)
            document = look(self.name, text)
        return text, count


def _valid_together(text: str, fixes: tuple[Fix, ...], is_valid: Callable[[str], bool]) -> tuple[Fix, ...]:
    """Return those of the fixes after which the text is still valid: two may put one key in twice."""
    if not fixes or is_valid(apply(text, fixes)):
        return fixes
    if len(fixes) == 1:
        return ()
    half = len(fixes) // 2
    first, second = (_valid_together(text, part, is_valid) for part in (fixes[:half], fixes[half:]))
    return (*first, *second) if is_valid(apply(text, (*first, *second))) else first or second


Look: TypeAlias = Callable[[str, str], Document]


def examine(
    text: str,
    *,
    name: str,
    universe: Universe,
    kind: PolicyKind | None = None,
    attached_to: AttachedTo | None = None,
    rules: Sequence[Rule] = RULES,
    lowest: Severity = Severity.NOTE,
) -> Document:
    """Return what the rules find in a text, from severity `lowest` upwards.

    `kind` None: judged by whom and what the document names, see `infer_kind`. Raises NoPolicy for a
    document that is no policy but can be told to be something else.
    """
    problem = _something_else(text, name)
    if problem is not None:
        raise problem
    try:
        subject = read_subject(text, name=name, universe=universe, kind=kind, attached_to=attached_to)
    except PolicySyntaxError as error:
        found = _from(syntax_findings(error, rules), lowest)
        return Document(name=name, text=text, kind=None, findings=found, lines=Lines.of(text))
    findings = _from(lint(subject, rules), lowest)
    return Document(name=name, text=text, kind=subject.kind, findings=findings, lines=subject.policy.lines)


def _from(findings: Sequence[Finding], lowest: Severity) -> tuple[Finding, ...]:
    shown = _ORDER[: _ORDER.index(lowest) + 1]
    return tuple(each for each in findings if each.severity in shown)


# -- what people hand over by mistake


def _something_else(text: str, name: str) -> NoPolicy | None:
    if not text.strip():
        return NoPolicy(f"`{name}` is empty", hint="name a file that holds a policy", see=_SEE)
    if text.lstrip()[0] not in "[{":
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _list(value, name) if isinstance(value, list) else _wrapper(value, name)


def _list(value: list[object], name: str) -> NoPolicy:
    if any(isinstance(each, dict) and "expect" in each for each in value):
        return NoPolicy(
            f"`{name}` is a file of cases, not a policy",
            hint=f"run `watchword policy test {name}`",
            see=_SEE,
        )
    return NoPolicy(
        f"`{name}` is a list, and a policy is one object",
        hint="write each policy in a file of its own",
        see=_SEE,
    )


def _wrapper(value: object, name: str) -> NoPolicy | None:
    """Find the policy in an answer of the AWS CLI: `get-policy-version`, `get-role-policy`, `get-role`."""
    if not isinstance(value, dict) or "Statement" in value:
        return None
    for outer, inner in (("PolicyVersion", "Document"), ("Role", "AssumeRolePolicyDocument")):
        if isinstance(value.get(outer), dict) and isinstance(value[outer].get(inner), dict):
            return _inside(name, f"{outer}.{inner}")
    if isinstance(value.get("PolicyDocument"), dict):
        return _inside(name, "PolicyDocument")
    return None


def _inside(name: str, path: str) -> NoPolicy:
    return NoPolicy(
        f"`{name}` is an answer of AWS: the policy in it is `{path}`",
        hint=f"ask the AWS CLI for that alone: add `--query {path}`",
        see=_SEE,
    )
