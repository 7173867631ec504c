"""Runs the rules over a document, and applies what they offer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from watchword.iam.errors import PolicySyntaxError
from watchword.iam.policy import Place, PolicyKind
from watchword.iam.universe import Universe
from watchword.lint.errors import FixesOverlap
from watchword.lint.finding import Edit, Finding, Fix
from watchword.lint.registry import RULES
from watchword.lint.rule import Rule
from watchword.lint.rules import syntax
from watchword.lint.subject import AttachedTo, Subject, read_subject


def lint(subject: Subject, rules: Sequence[Rule] = RULES) -> tuple[Finding, ...]:
    """Return what the rules find, in order of place, those of one place in order of the rules.

    Where a rule speaks that knows more than another, the other's finding at the same place is left out.
    """
    found = [finding for rule in rules for finding in rule.check(subject)]
    known = {rule.ident: rule.supersedes for rule in rules if rule.supersedes}
    silenced = {(each.place, ident) for each in found for ident in known.get(each.rule, ())}
    shown = [each for each in found if (each.place, each.rule) not in silenced]
    return tuple(sorted(shown, key=lambda each: (each.place.line, each.place.column)))


def lint_text(
    text: str,
    *,
    name: str,
    universe: Universe,
    kind: PolicyKind | None = None,
    attached_to: AttachedTo | None = None,
    rules: Sequence[Rule] = RULES,
) -> tuple[Finding, ...]:
    """Return what the rules find in a document's text.

    `name` is what the document is called, `kind` what it is for; None: see `infer_kind`. A document
    that does not parse has findings of the rule `syntax`, and of no other.
    """
    try:
        subject = read_subject(text, name=name, universe=universe, kind=kind, attached_to=attached_to)
    except PolicySyntaxError as error:
        return syntax_findings(error, rules)
    return lint(subject, rules)


def syntax_findings(error: PolicySyntaxError, rules: Sequence[Rule] = RULES) -> tuple[Finding, ...]:
    """Return each problem of a document that does not parse as a finding, if `syntax` is among the rules."""
    if syntax.RULE not in rules:
        return ()
    return tuple(
        Finding(
            rule=syntax.RULE.ident,
            severity=syntax.RULE.severity,
            message=problem.message,
            place=Place(line=problem.line, column=problem.column),
        )
        for problem in error.problems
    )


def apply(text: str, fixes: Iterable[Fix]) -> str:
    """Return the text with the fixes applied; every other character stays.

    An edit that several fixes share is made once.

    Raises FixesOverlap when two of them change the same characters in different ways.
    """
    edits: dict[Edit, Fix] = {}
    for fix in fixes:
        for edit in fix.edits:
            edits.setdefault(edit, fix)
    later: Edit | None = None
    for edit in sorted(edits, key=lambda each: (each.offset, each.end), reverse=True):
        if later is not None and _clash(edit, later):
            raise FixesOverlap(edits[edit].description, edits[later].description)
        text = text[: edit.offset] + edit.text + text[edit.end :]
        later = edit
    return text


def compatible(fixes: Iterable[Fix]) -> tuple[Fix, ...]:
    """Return the fixes that can be applied together: of those that overlap, the first."""
    taken: list[Fix] = []
    for fix in fixes:
        if not any(_overlap(fix, other) for other in taken):
            taken.append(fix)
    return tuple(taken)


def _overlap(one: Fix, other: Fix) -> bool:
    return any(_clash(mine, theirs) for mine in one.edits for theirs in other.edits)


def _clash(one: Edit, other: Edit) -> bool:
    """Whether two edits cannot both be made. Two insertions at one place have no order."""
    if one == other:
        return False
    return one.offset == other.offset or (one.offset < other.end and other.offset < one.end)
