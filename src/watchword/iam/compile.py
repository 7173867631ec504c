"""Policies made ready for many requests: every pattern taken apart once, every value converted once."""

from __future__ import annotations

from dataclasses import dataclass

from watchword.iam._names import ActionIndex, index_actions
from watchword.iam._principals import PrincipalTest, principal_test
from watchword.iam._resources import ResourceTest, resource_test
from watchword.iam._tri import Tri
from watchword.iam.conditions import Test, compile_condition
from watchword.iam.context import Folded
from watchword.iam.policy import Condition, Effect, Policy, Statement
from watchword.iam.references import StatementRef


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """One statement, compiled.

    A test is None when there is nothing to test: everything passes. `holds` is that of all conditions
    together. `refs` holds `ref` alone, as decisions want it.
    """

    ref: StatementRef
    refs: tuple[StatementRef, ...]
    deny: bool
    actions: ActionIndex
    principal: PrincipalTest | None
    resource: ResourceTest | None
    conditions: tuple[tuple[Condition, Test], ...]
    holds: Test | None
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
    ref = StatementRef(
        policy=policy.name, sid=statement.sid, index=statement.index, line=place.line, column=place.column
    )
    conditions = tuple(
        (each, compile_condition(each, version=policy.version, effect=statement.effect))
        for each in statement.conditions
    )
    return Rule(
        ref=ref,
        refs=(ref,),
        deny=statement.effect is Effect.DENY,
        actions=index_actions(statement),
        principal=principal_test(statement),
        resource=resource_test(statement, policy.version),
        conditions=conditions,
        holds=_all_hold(tuple(test for _, test in conditions)),
        policy=policy,
    )


def _all_hold(conditions: tuple[Test, ...]) -> Test | None:
    """`all_of`, written out: this is where decisions spend their time."""
    if len(conditions) < 2:
        return conditions[0] if conditions else None

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
