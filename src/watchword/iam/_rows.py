"""What a truth table asks about: the actions that policies name, and the resources they name them with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from watchword.iam._samples import concrete
from watchword.iam._variables import Variable, parts
from watchword.iam.asking import every_policy
from watchword.iam.compile import CompiledPolicy, Rule
from watchword.iam.context import Folded
from watchword.iam.decision import Request
from watchword.iam.policy import Effect, Version
from watchword.iam.policy_set import PolicySet
from watchword.iam.universe import Universe

# Of each of these services every action is asked by itself: rules that are no policy's are about single ones.
_ONE_BY_ONE: Final = frozenset({"iam", "kms", "sts"})
_FAMILIAR: Final = (
    "s3:GetObject",
    "s3:ListAllMyBuckets",
    "ec2:DescribeInstances",
    "ec2:RunInstances",
    "iam:CreateUser",
    "iam:ListUsers",
    "lambda:InvokeFunction",
)
"""Of many actions with the same answers, one of these is shown, if it is among them."""
_ANYTHING: Final = "*"
_EXAMPLE: Final = "example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as it was written, and the actions that it and no narrower entry covers.

    `known` is False when AWS is known to have none: the entry itself then stands for one.
    """

    written: str
    actions: tuple[str, ...]
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question: an action on a resource, and what both were taken from."""

    written: str
    action: str
    resource: str
    resource_written: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The policies; the resources asked about, none: those the policies name; a request for variables."""

    policies: PolicySet
    resources: tuple[str, ...]
    like: Request | None


def named_actions(policies: PolicySet) -> tuple[str, ...]:
    """Return the entries of `Action` and `NotAction` of the policies that can grant, each once, as written.

    An Allow with `NotAction` is about all the other actions, so `*` is added. The entries of the limiting
    layers (boundary, SCPs, …) count only when no other policy names any.
    """
    granting = granting_policies(policies)
    found = _entries(granting) or _entries(list(every_policy(policies)))
    open_ended = any(
        statement.not_action and statement.effect is Effect.ALLOW
        for policy in granting
        for statement in policy.policy.statements
    )
    return (*found, _ANYTHING) if open_ended and _ANYTHING not in found else found


def granting_policies(policies: PolicySet) -> list[CompiledPolicy]:
    """Return the policies that can grant: all others only limit."""
    return [*policies.identity, *filter(None, (policies.resource, policies.trust))]


def _entries(policies: Sequence[CompiledPolicy]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for policy in policies:
        for statement in policy.policy.statements:
            for action in statement.actions:
                found.setdefault(action.text.lower(), action.text)
    return tuple(found.values())


def expanded(written: Sequence[str], universe: Universe) -> list[Entry]:
    """Return each entry with its actions; an action goes to the entry that covers the fewest.

    Raises ValueError when an entry has no colon and is not `*`.
    """
    matching = {entry: _matching(entry, universe) for entry in dict.fromkeys(written)}
    taken: set[str] = set()
    own: dict[str, tuple[str, ...]] = {}
    for entry in sorted(matching, key=lambda each: len(matching[each])):
        own[entry] = tuple(action for action in matching[entry] if action not in taken)
        taken.update(own[entry])
    return [
        Entry(written=entry, actions=own[entry] or (entry,), known=bool(own[entry]))
        for entry in matching
        if own[entry] or not matching[entry]
    ]


def _matching(entry: str, universe: Universe) -> tuple[str, ...]:
    if ":" not in entry and entry != _ANYTHING:
        raise ValueError(f"`{entry}` is not an action: `service:Name` is expected")
    return universe.matching(entry)


def asked_by(entry: Entry, subject: Subject) -> Iterator[tuple[Asked, tuple[str, ...]]]:
    """Yield the questions of an entry, each with the actions that must get the same answer.

    That is so where the same statements cover them, but for the services with rules of their own.
    """
    if not entry.known and any(sign in entry.written for sign in "*?"):
        return
    alike: dict[tuple[tuple[int, ...], str], list[str]] = {}
    granting = granting_policies(subject.policies)
    rules = [(rule, policy in granting) for policy in every_policy(subject.policies) for rule in policy.rules]
    by_service = bool(subject.policies.resource_control)
    for action in entry.actions:
        service, _, operation = action.lower().partition(":")
        covering = tuple(at for at, (rule, _) in enumerate(rules) if operation in rule.actions.of(service))
        apart = action if service in _ONE_BY_ONE else service if by_service else ""
        alike.setdefault((covering, apart), []).append(action)
    for (covering, _), actions in alike.items():
        grants = [rules[at][0] for at in covering if rules[at][1]]
        for resource_written, resource in _resources(grants, subject):
            asked = Asked(
                written=entry.written,
                action=familiar(actions),
                resource=resource,
                resource_written=resource_written,
            )
            yield asked, tuple(actions)


def familiar(actions: Sequence[str]) -> str:
    """Return the action that people know best, or the first."""
    return next((each for each in _FAMILIAR if each in actions), actions[0])


def _resources(rules: Sequence[Rule], subject: Subject) -> list[tuple[str, str]]:
    """Return resources as written and as asked: those given, else those that Allow statements name."""
    if subject.resources:
        return [(each, each) for each in subject.resources]
    found: dict[str, str] = {}
    for rule in rules:
        statement = next(each for each in rule.policy.statements if each.index == rule.ref.index)
        if statement.effect is not Effect.ALLOW:
            continue
        if statement.resources is None or statement.not_resource:
            found.setdefault(_ANYTHING, _ANYTHING)
            continue
        variables = rule.policy.version is Version.V2012
        for pattern in statement.resources:
            found.setdefault(pattern.text, _resource(pattern.text, subject.like, variables=variables))
    return list(found.items()) or [(_ANYTHING, _ANYTHING)]


def _resource(pattern: str, like: Request | None, *, variables: bool) -> str:
    """Return one resource that a pattern covers: in the caller's account, where it leaves that open."""
    if pattern == _ANYTHING:
        return pattern
    context: Folded = {} if like is None else like.folded
    text = "".join(
        _value(part, context) if isinstance(part, Variable) else str(part)
        for part in parts(pattern, variables=variables, wildcards=False)
    )
    pieces = text.split(":", 5)
    if len(pieces) == 6 and like is not None and "*" in pieces[4]:
        pieces[4] = like.principal.account
    return concrete(":".join(pieces))


def _value(variable: Variable, context: Folded) -> str:
    value = context.get(variable.key)
    return value if isinstance(value, str) else variable.default or _EXAMPLE
