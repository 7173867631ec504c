"""What a policy says, apart from how it is written: so that two documents can be compared.

Two policies with the same meaning here decide every request alike. The reverse is not claimed: what is told
as a change may, for all requests that there are, come to the same.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

from watchword.iam import CompiledPolicy, Condition, Effect, MfaState, Version, mfa_keys
from watchword.iam.compile import Rule
from watchword.iam.conditions import Test as ConditionTest
from watchword.iam.context import AGE_KEY, PRESENT_KEY, fold

_MFA_KEYS: Final = frozenset({PRESENT_KEY.lower(), AGE_KEY.lower()})
_STATES: Final = (MfaState.ABSENT, MfaState.FALSE, MfaState.TRUE)
_ROOT: Final = re.compile(r"arn:[^:]+:iam::([0-9]{12}):root")
_MOST_ATOMS: Final = 20_000

States: TypeAlias = frozenset[MfaState]


class Part(NamedTuple):
    """The entries of `Action` or `NotAction`, `Resource` or `NotResource`, `Principal` or `NotPrincipal`."""

    negated: bool
    entries: frozenset[str]


class Test(NamedTuple):
    """A condition: an operator and a key, as both count, and its values without their order."""

    operator: str
    key: str
    values: frozenset[str]


class Meaning(NamedTuple):
    """What one statement says. `mfa` are the states of MFA in which its conditions on that hold.

    `resources` and `principals` are None when the statement has no such element.
    """

    effect: Effect
    actions: Part
    resources: Part | None
    principals: Part | None
    tests: frozenset[Test]
    mfa: States


def meaning_of(rule: Rule) -> Meaning:
    """Return what a statement says."""
    statement = rule.policy.statements[rule.ref.index]
    version = rule.policy.version
    principals = None
    if statement.principals is not None:
        names = frozenset(f"{each.type}:{account_or_name(each.name.text)}" for each in statement.principals)
        principals = Part(statement.not_principal, names)
    resources = None
    if statement.resources is not None:
        texts = {_as_read(each.text, version) for each in statement.resources}
        resources = Part(statement.not_resource, frozenset(_fewest(texts)))
    tests, mfa = _conditions(rule, version)
    return Meaning(
        effect=statement.effect,
        actions=Part(
            statement.not_action, frozenset(_fewest({each.text.lower() for each in statement.actions}))
        ),
        resources=resources,
        principals=principals,
        tests=tests,
        mfa=mfa,
    )


def same(one: CompiledPolicy, other: CompiledPolicy) -> bool:
    """Whether two policies say the same, however their statements are cut and ordered."""
    first, second = _atoms(one), _atoms(other)
    return first is not None and first == second


def states_of(condition: Condition, test: ConditionTest) -> States | None:
    """Return the states of MFA in which a condition holds; None when the age decides, or another key."""
    if condition.key.text.lower() not in _MFA_KEYS or any("${" in value for value in condition.values):
        return None
    found = {state: test(fold(mfa_keys(state))) for state in _STATES}
    if any(each is not True and each is not False for each in found.values()):
        return None
    return frozenset(state for state, holds in found.items() if holds is True)


# -- parts of a statement


def account_or_name(name: str) -> str:
    """Return a principal's name; of an account, which can be written in two ways, its number."""
    root = _ROOT.fullmatch(name)
    return root[1] if root else name


def _as_read(text: str, version: Version) -> str:
    """Mark a text in which the earlier version of the language sees no variables."""
    return f"{text} (as it stands)" if version is Version.V2008 and "${" in text else text


def _fewest(entries: set[str]) -> Iterator[str]:
    """Give the entries that no other one covers: beside `s3:*`, `s3:GetObject` says nothing.

    Only a `*` at the end is looked at, after whole text; what else covers what is left as it is written.
    """
    if "*" in entries:
        yield "*"
        return
    open_ended = tuple(each[:-1] for each in entries if _is_prefix(each))
    for entry in entries:
        covered = any(entry.startswith(each) and entry != f"{each}*" for each in open_ended)
        if not covered or "${" in entry:
            yield entry


def _is_prefix(entry: str) -> bool:
    """Whether an entry is text and one `*` at its end; of an ARN, after its fifth colon."""
    head = entry[:-1]
    plain = entry.endswith("*") and not any(sign in head for sign in "*?$")
    return plain and (not head.startswith("arn:") or head.count(":") >= 5)


def _conditions(rule: Rule, version: Version) -> tuple[frozenset[Test], States]:
    tests, mfa = set(), frozenset(_STATES)
    for condition, test in rule.conditions:
        states = states_of(condition, test)
        if states is None:
            tests.add(_test(condition, version))
        else:
            mfa &= states
    return frozenset(tests), mfa


def _test(condition: Condition, version: Version) -> Test:
    values = {_as_read(value, version) for value in condition.values}
    name = condition.operator.name
    if name == "Bool":
        values = {value.lower() for value in values}
    if name in {"StringLike", "StringNotLike"} and not any(sign in each for each in values for sign in "*?$"):
        name = name.replace("Like", "Equals")
    if name in {"ArnEquals", "ArnNotEquals"}:
        name = name.replace("Equals", "Like")
    whole = str(condition.operator).replace(condition.operator.name, name)
    return Test(operator=whole, key=condition.key.text.lower(), values=frozenset(values))


# -- a whole policy

_Atom: TypeAlias = tuple[object, ...]


def _atoms(policy: CompiledPolicy) -> frozenset[_Atom] | None:
    """Return the policy cut as fine as it goes; None when that is too much.

    A statement of three actions on two resources says what six statements say.
    """
    found: set[_Atom] = set()
    for rule in policy.rules:
        meaning = meaning_of(rule)
        parts = [_cut(each) for each in (meaning.actions, meaning.resources, meaning.principals)]
        states = sorted(meaning.mfa, key=lambda state: state.value)
        for one in itertools.product(*parts, states):
            found.add((meaning.effect, *one, meaning.tests))
            if len(found) > _MOST_ATOMS:
                return None
    return frozenset(found)


def _cut(part: Part | None) -> Iterable[object]:
    """Of a negated element all entries count together; of another, each by itself."""
    if part is None or part.negated:
        return (part,)
    return part.entries
