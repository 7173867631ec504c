"""How two documents differ, statement by statement, in the words of policies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from watchword.account.difference import Change, Difference
from watchword.account.library import Library
from watchword.account.meaning import Meaning, account_or_name, meaning_of, same, states_of
from watchword.iam import CompiledPolicy, MfaState, PolicyKind, PolicySyntaxError, Statement
from watchword.iam.compile import Rule

_ALIKE: Final = 0.4
_STATES: Final = {MfaState.ABSENT: "absent", MfaState.FALSE: "false", MfaState.TRUE: "true"}

Pair: TypeAlias = tuple[Rule, Rule]


def policy_differences(
    library: Library, before: str | None, after: str | None, kind: PolicyKind
) -> tuple[Difference, ...]:
    """Return how two texts differ; None for a text stands for a policy that says nothing.

    Where the meaning has not changed but the text has, that is the one difference. A text that is no policy
    is compared as text.
    """
    if before == after:
        return ()
    first, second = (_compiled(library, text, kind) for text in (before, after))
    if isinstance(first, PolicySyntaxError) or isinstance(second, PolicySyntaxError):
        return (Difference(what="text", change=Change.CHANGED, before=before, after=after),)
    if first is not None and second is not None and same(first, second):
        return (Difference(what="text", change=Change.REWRITTEN),)
    return tuple(_differences(_rules(first), _rules(second)))


def in_words(rule: Rule) -> str:
    """Return a statement in one line: `Allow s3:GetObject on * if Bool aws:SecureTransport: true`."""
    statement = _statement(rule)
    parts = [str(statement.effect)]
    parts += [_listed(what, values) for what, values in _elements(statement)]
    conditions = list(_conditions(rule))
    return " ".join(parts) + (f" if {' and '.join(conditions)}" if conditions else "")


def _compiled(
    library: Library, text: str | None, kind: PolicyKind
) -> CompiledPolicy | PolicySyntaxError | None:
    return None if text is None else library.compiled(text, name="policy", kind=kind)


def _rules(policy: CompiledPolicy | None) -> list[Rule]:
    return [] if policy is None else list(policy.rules)


def _statement(rule: Rule) -> Statement:
    return rule.policy.statements[rule.ref.index]


# -- which statement has become which


def _differences(before: list[Rule], after: list[Rule]) -> Iterator[Difference]:
    """Give what has changed, in the order of the later document; what is gone comes last."""
    pairs = _paired(before, after)
    became = {id(new): old for old, new in pairs}
    for rule in after:
        old = became.get(id(rule))
        if old is None:
            yield Difference(what="statement", change=Change.ADDED, name=_name(rule), after=in_words(rule))
        elif meaning_of(old) != meaning_of(rule):
            yield _changed(old, rule)
    kept = {id(old) for old, _ in pairs}
    for rule in before:
        if id(rule) not in kept:
            yield Difference(what="statement", change=Change.REMOVED, name=_name(rule), before=in_words(rule))


def _paired(before: list[Rule], after: list[Rule]) -> list[Pair]:
    """Return which statement is which: those that mean the same, then by Sid, then those most alike."""
    found: list[Pair] = []
    old, new = list(before), list(after)
    for alike in (_same_meaning, _same_sid, _similar):
        for rule in list(new):
            other = alike(rule, old)
            if other is not None:
                found.append((other, rule))
                old.remove(other)
                new.remove(rule)
    return found


def _same_meaning(rule: Rule, among: Sequence[Rule]) -> Rule | None:
    meaning = meaning_of(rule)
    equal = [each for each in among if meaning_of(each) == meaning]
    named = (each for each in equal if each.ref.sid == rule.ref.sid)
    return next(named, equal[0] if equal else None)


def _same_sid(rule: Rule, among: Sequence[Rule]) -> Rule | None:
    return next((each for each in among if rule.ref.sid and each.ref.sid == rule.ref.sid), None)


def _similar(rule: Rule, among: Sequence[Rule]) -> Rule | None:
    meaning = meaning_of(rule)
    best = max(among, key=lambda each: _likeness(meaning, meaning_of(each)), default=None)
    return best if best is not None and _likeness(meaning, meaning_of(best)) >= _ALIKE else None


def _likeness(one: Meaning, other: Meaning) -> float:
    """Return how much two statements share, from 0 to 1; nothing when one allows and the other denies."""
    if one.effect is not other.effect or one.actions.negated != other.actions.negated:
        return 0.0
    first, second = (_everything(each) for each in (one, other))
    return len(first & second) / (len(first | second) or 1)


def _everything(meaning: Meaning) -> set[object]:
    parts = (meaning.actions, meaning.resources, meaning.principals)
    return {*((at, entry) for at, part in enumerate(parts) if part for entry in part.entries), *meaning.tests}


# -- what has changed in a statement


def _changed(old: Rule, new: Rule) -> Difference:
    return Difference(
        what="statement",
        change=Change.CHANGED,
        name=_name(new),
        before=in_words(old),
        after=in_words(new),
        parts=tuple(_parts(old, new)),
    )


def _parts(old: Rule, new: Rule) -> Iterator[Difference]:
    first, second = _statement(old), _statement(new)
    if first.effect is not second.effect:
        yield Difference(
            what="effect", change=Change.CHANGED, before=str(first.effect), after=str(second.effect)
        )
    earlier, later = dict(_elements(first)), dict(_elements(second))
    for what in dict.fromkeys((*earlier, *later)):
        yield from sets(what, earlier.get(what, ()), later.get(what, ()), fold=_FOLDED.get(what, str))
    yield from sets("condition", list(_conditions(old)), list(_conditions(new)))


def _short_account(entry: str) -> str:
    kind, _, name = entry.partition(" ")
    return f"{kind} {account_or_name(name)}"


_FOLDED: Final[dict[str, Callable[[str], str]]] = {
    "Action": str.lower,
    "NotAction": str.lower,
    "Principal": _short_account,
    "NotPrincipal": _short_account,
}
"""What counts as the same: actions ignore case, and an account is written in two ways."""


def sets(
    what: str, before: Iterable[str], after: Iterable[str], *, fold: Callable[[str], str] = str
) -> Iterator[Difference]:
    """Give what is in one of two lists only; `fold` makes alike what counts as the same."""
    earlier, later = ({fold(each): each for each in values} for values in (before, after))
    for each in later:
        if each not in earlier:
            yield Difference(what=what, change=Change.ADDED, name=later[each], after=later[each])
    for each in earlier:
        if each not in later:
            yield Difference(what=what, change=Change.REMOVED, name=earlier[each], before=earlier[each])


# -- in words


def _name(rule: Rule) -> str:
    return rule.ref.sid or f"number {rule.ref.index + 1}"


def _elements(statement: Statement) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the elements of a statement by their names, each entry as it is written."""
    if statement.principals is not None:
        named = tuple(
            each.name.text if each.type == "*" else f"{each.type} {each.name.text}"
            for each in statement.principals
        )
        yield "NotPrincipal" if statement.not_principal else "Principal", named
    actions = tuple(each.text for each in statement.actions)
    yield "NotAction" if statement.not_action else "Action", actions
    if statement.resources is not None:
        resources = tuple(each.text for each in statement.resources)
        yield "NotResource" if statement.not_resource else "Resource", resources


_SAID: Final = {
    "Principal": "to",
    "NotPrincipal": "to all but",
    "Action": "",
    "NotAction": "all but",
    "Resource": "on",
    "NotResource": "on all but",
}


def _listed(what: str, values: Sequence[str]) -> str:
    return f"{_SAID[what]} {', '.join(values) or 'nothing'}".strip()


def _conditions(rule: Rule) -> Iterator[str]:
    """Give the conditions in words; of those on MFA it is said when they hold."""
    for condition, test in rule.conditions:
        text = f"{condition.operator} {condition.key}: {', '.join(condition.values)}"
        states = states_of(condition, test)
        if states is not None:
            held = [_STATES[state] for state in _STATES if state in states]
            text += f" (holds while it is {' or '.join(held)})" if held else " (never holds)"
        yield text
