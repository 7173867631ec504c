"""Runs the rules over a document, and applies what they offer."""

from __future__ import annotations

from bisect import bisect_left, insort
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
    pieces, at = [], 0
    earlier: Edit | None = None
    for edit in sorted(edits, key=lambda each: (each.offset, each.end)):
        if earlier is not None and _clash(earlier, edit):
            raise FixesOverlap(edits[earlier].description, edits[edit].description)
        pieces += [text[at : edit.offset], edit.text]
        at, earlier = edit.end, edit
    return "".join([*pieces, text[at:]])


def compatible(fixes: Iterable[Fix]) -> tuple[Fix, ...]:
    """Return the fixes that can be applied together: of those that overlap, the first."""
    taken: list[Fix] = []
    held = _Held()
    for fix in fixes:
        if not any(held.clashes(edit) for edit in fix.edits):
            taken.append(fix)
            held.add(fix.edits)
    return tuple(taken)


class _Held:
    """Edits of which no two clash, found by their offset: a document may have a hundred thousand."""

    def __init__(self) -> None:
        self._offsets: list[int] = []
        self._edits: dict[int, Edit] = {}

    def add(self, edits: Iterable[Edit]) -> None:
        """Hold edits that clash with none of those held."""
        for edit in edits:
            if edit.offset not in self._edits:
                insort(self._offsets, edit.offset)
                self._edits[edit.offset] = edit

    def clashes(self, edit: Edit) -> bool:
        """Whether an edit clashes with one of those held: then it does with one of its neighbours."""
        at = bisect_left(self._offsets, edit.offset)
        return any(_clash(edit, self._edits[each]) for each in self._offsets[max(0, at - 1) : at + 2])


def _clash(one: Edit, other: Edit) -> bool:
    """Whether two edits cannot both be made. Two insertions at one place have no order."""
    if one == other:
        return False
    return one.offset == other.offset or (one.offset < other.end and other.offset < one.end)
