"""A document as a user hands it over: what it is for, what is found in it, and how to put it right."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from watchword.errors import WatchwordError
from watchword.iam.errors import PolicySyntaxError
from watchword.iam.parse import parse_policy
from watchword.iam.policy import Lines, Policy, PolicyKind
from watchword.lint.check import apply, compatible, lint, lint_text
from watchword.lint.finding import Finding, Severity
from watchword.lint.registry import RULES
from watchword.lint.rule import Rule
from watchword.lint.subject import AttachedTo, Subject, infer_kind

if TYPE_CHECKING:
    from watchword.iam.universe import Universe

_SEE: Final = "docs/policy/lint.md"
_ORDER: Final = tuple(Severity)
_ROUNDS: Final = 20
_TRUST_ACTIONS: Final = ("sts:assumerole", "sts:tagsession", "sts:setsourceidentity", "sts:setcontext")


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

        `look` looks at a text in the same way as this one was looked at. Of fixes that overlap, one is
        made and the result looked at anew. A document that does not parse has no fixes.
        """
        text, count, document = self.text, 0, self
        for _ in range(_ROUNDS):
            fixes = compatible(each.fix for each in document.findings if each.fix is not None)
            if not fixes:
                break
            text, count = apply(text, fixes), count + len(fixes)
            document = look(self.name, text)
        return text, count


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

    `kind` None: judged by whom and what the document names, see `judged_kind`. Raises NoPolicy for a
    document that is no policy but can be told to be something else.
    """
    problem = _something_else(text, name)
    if problem is not None:
        raise problem
    grammar = _judged_grammar(text, name) if kind is None else kind
    try:
        policy = parse_policy(text, name=name, kind=grammar)
    except PolicySyntaxError:
        found = lint_text(text, name=name, universe=universe, kind=grammar, rules=rules)
        return Document(name=name, text=text, kind=None, findings=_from(found, lowest), lines=Lines.of(text))
    subject = Subject(
        policy=policy,
        text=text,
        kind=judged_kind(policy) if kind is None else kind,
        universe=universe,
        attached_to=attached_to,
    )
    findings = _from(lint(subject, rules), lowest)
    return Document(name=name, text=text, kind=subject.kind, findings=findings, lines=policy.lines)


def judged_kind(policy: Policy) -> PolicyKind:
    """Return what a document is for, judged by whom and what it names.

    Without principals it is an identity policy (a service control policy looks the same). With them
    it is a trust policy when all its actions are those of taking a role, else a resource's policy.
    """
    if infer_kind(policy) is PolicyKind.IDENTITY:
        return PolicyKind.IDENTITY
    actions = [each.text.lower() for statement in policy.statements for each in statement.actions]
    return (
        PolicyKind.TRUST if all(each.startswith(_TRUST_ACTIONS) for each in actions) else PolicyKind.RESOURCE
    )


def _judged_grammar(text: str, name: str) -> PolicyKind | None:
    """Return the kind by whose grammar a document is read.

    None, which takes the elements of all, for what does not parse even so, and for a resource's policy: in
    some services, as ECR, it lacks `Resource`.
    """
    try:
        kind = judged_kind(parse_policy(text, name=name))
    except PolicySyntaxError:
        return None
    return None if kind is PolicyKind.RESOURCE else kind


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
