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
    condition = conditions[0] if len(conditions) == 1 else _all_hold(conditions)
    if resource is None:
        return lambda _, context: condition(context)

    def both(arn: str, context: Folded) -> Tri:
        covered = resource(arn, context)
        if covered is False:
            return False
        held = condition(context)
        return held if covered is True else all_of((covered, held))

    return both


def _all_hold(conditions: tuple[Test, ...]) -> Test:
    """`all_of`, written out: this is where decisions spend their time."""

    def run(context: Folded) -> Tri:
        missing: frozenset[str] | None = None
        for test in conditions:
            result = test(context)
            if result is False:
                return False
            if result is not True:
                missing = result if missing is None else missing | result
        return True if missing is None else missing

    return run
