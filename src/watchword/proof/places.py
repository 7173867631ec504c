"""Statements with all that a person needs to find them: whose policy it is, and the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from watchword.account.accounts import Accounts
from watchword.account.model import Attached, InForce
from watchword.iam import Layer, Outcome, PolicySet, StatementRef
from watchword.iam.decision import Decision, Match
from watchword.iam.policy import Effect
from watchword.proof.restricted import NAME as ASKED_ABOUT
from watchword.proof.result import StatementPlace

_TRUSTED: Final = frozenset({Layer.TRUST})
_QUIET: Final = frozenset({Layer.SERVICE_CONTROL, Layer.RESOURCE_CONTROL, Layer.SESSION, Layer.ENDPOINT})
"""Layers that allow everything as a rule: they are named only when they alone decided."""


@dataclass(kw_only=True)
class Places:
    """Finds statements in the policies of some accounts. What it finds is kept: many share one."""

    accounts: Accounts
    _found: dict[tuple[object, ...], tuple[StatementPlace, ...]] = field(default_factory=dict)
    _kept: list[PolicySet] = field(default_factory=list)

    def of_decision(
        self, decision: Decision, policies: PolicySet, *, actor: str, action: str, resource: str
    ) -> tuple[StatementPlace, ...]:
        """Return the statements that let a request through, the caller's own first."""
        by_side = policies.trust is not None or policies.resource is not None
        key = (id(policies), decision.statements, by_side and (action, resource), actor)
        found = self._found.get(key)
        if found is None:
            self._kept.append(policies)
            refs = (
                self._by_layer(decision)
                if by_side
                else [(decision.layer, ref) for ref in decision.statements]
            )
            found = tuple(
                self.place(ref, layer, owner=resource if layer in _TRUSTED else actor)
                for layer, ref in refs
                if ref.policy != ASKED_ABOUT
            )
            self._found[key] = found
        return found

    def _by_layer(self, decision: Decision) -> list[tuple[Layer, StatementRef]]:
        """Return one statement of each layer that allows."""
        found = []
        for layer in decision.trace:
            if layer.outcome is Outcome.ALLOWED and layer.layer not in _QUIET:
                matching = (
                    each.ref
                    for each in layer.statements
                    if each.match is Match.YES and each.effect is Effect.ALLOW
                )
                found += [(layer.layer, ref) for ref in list(matching)[:1]]
        return found or [(decision.layer, ref) for ref in decision.statements]

    def place(self, ref: StatementRef, layer: Layer, *, owner: str) -> StatementPlace:
        """Return a statement of a policy that is in force for `owner`, or was given to it by a chain."""
        in_force = self._in_force(ref, owner)
        text = "" if in_force is None else statement_text(in_force, ref.index)
        return StatementPlace(
            policy=ref.policy,
            arn=None if in_force is None else in_force.arn,
            route="" if in_force is None else in_force.route,
            owner=owner if in_force is None else in_force.owner,
            layer=layer.value,
            sid=ref.sid,
            index=ref.index,
            line=ref.line,
            column=ref.column,
            text=text,
        )

    def _in_force(self, ref: StatementRef, owner: str) -> InForce | None:
        attached = self.attached(owner)
        return None if attached is None else attached.named(ref.policy)

    def attached(self, arn: str) -> Attached | None:
        """Return what is in force for a principal of one of the accounts; None for anybody else."""
        account = self.accounts.account_of(arn)
        known = account is not None and account.principal(arn) is not None
        return account.attached(arn) if account is not None and known else None


def statement_text(in_force: InForce, index: int) -> str:
    """Return a statement as it is written."""
    for statement in in_force.compiled.policy.statements:
        if statement.index == index:
            return in_force.text[statement.offset : statement.end]
    return ""
