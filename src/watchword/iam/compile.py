"""Policies made ready for many requests: every pattern taken apart once, every value converted once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from watchword.iam._names import ActionIndex, index_actions
from watchword.iam._principals import PrincipalTest, principal_test
from watchword.iam._resources import ResourceTest, resource_test
from watchword.iam._tri import Tri, all_of
from watchword.iam.conditions import Test, compile_condition
from watchword.iam.context import Folded
from watchword.iam.policy import Condition, Effect, Policy, Statement
from watchword.iam.references import StatementRef

RuleTest: TypeAlias = Callable[[str, Folded], Tri]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """One statement, compiled.

    `applies` is None when it applies to every resource in every context; actions and principals are
    looked at elsewhere.
    """

    ref: StatementRef
    deny: bool
    actions: ActionIndex
    principal: PrincipalTest | None
    resource: ResourceTest | None
    conditions: tuple[tuple[Condition, Test], ...]
    applies: RuleTest | None
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CompiledPolicy:
    """A policy that `evaluate` can use. Keep it and use it again: making it costs more than asking it."""

    policy: Policy
    rules: tuple[Rule, ...]

    @property
    def name(self) -> str:
        """The policy's name, as traces call it."""
        return self.policy.name


def compile_policy(policy: Policy) -> CompiledPolicy:
    """Return the policy in the form that `evaluate` takes."""
    rules = tuple(_rule(policy, statement) for statement in policy.statements)
    return CompiledPolicy(policy=policy, rules=rules)


def _rule(policy: Policy, statement: Statement) -> Rule:
    place = policy.place(statement.offset)
    resource = resource_test(statement, policy.version)
    conditions = tuple(
        (each, compile_condition(each, version=policy.version, effect=statement.effect))
        for each in statement.conditions
    )
    return Rule(
        ref=StatementRef(
            policy=policy.name, sid=statement.sid, index=statement.index, line=place.line, column=place.column
        ),
        deny=statement.effect is Effect.DENY,
        actions=index_actions(statement),
        principal=principal_test(statement),
        resource=resource,
        conditions=conditions,
        applies=_applies(resource, tuple(test for _, test in conditions)),
        policy=policy,
    )


def _applies(resource: ResourceTest | None, conditions: tuple[Test, ...]) -> RuleTest | None:
    if not conditions:
        return resource
    if resource is None and len(conditions) == 1:
        only = conditions[0]
        return lambda _, context: only(context)
    if resource is None:
        return lambda _, context: all_of(test(context) for test in conditions)

    def both(arn: str, context: Folded) -> Tri:
        first = resource(arn, context)
        if first is False:
            return False
        return all_of((first, all_of(test(context) for test in conditions)))

    return both
