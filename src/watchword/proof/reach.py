"""What each principal can reach in each state, over all actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from watchword.account.accounts import Accounts
from watchword.account.context import known
from watchword.account.model import Account, AccountPrincipal
from watchword.iam import (
    DEFAULT_ASSUMPTIONS,
    Assumptions,
    Context,
    PolicySet,
    PrincipalKind,
    Universe,
    principal_context,
    signer,
)
from watchword.proof.grants import Grant
from watchword.proof.settle.answer import Answer, Found, Impossible, Undetermined
from watchword.proof.settle.solve import solve
from watchword.proof.settle.subject import Subject
from watchword.proof.states import State, states_of

_NO_KEYS: Context = {}


class Reacher:
    """Answers what subjects of these accounts can reach; what it finds out of one serves the others."""

    def __init__(
        self, accounts: Accounts, universe: Universe, assumptions: Assumptions = DEFAULT_ASSUMPTIONS
    ) -> None:
        self.accounts = accounts
        self.universe = universe
        self.assumptions = assumptions

    def states(self, arn: str) -> tuple[State, ...]:
        """Return the states of a principal. Raises KeyError when no account has it."""
        account, principal = self._find(arn)
        return states_of(account, principal, self.assumptions)

    def subject(self, arn: str, state: State) -> Subject:
        """Return a principal in one state. Raises KeyError when no account has it."""
        account, principal = self._find(arn)
        attached = account.attached(arn)
        signs = signer(principal.principal, state.credential) or principal.principal
        context = known(account, principal)
        if principal.kind is PrincipalKind.ROLE:
            context.update(principal_context(signs))
        return Subject(
            principal=signs,
            arn=arn,
            state=state,
            policies=attached.policy_set,
            known=context,
            problems=attached.problems,
            since=account.snapshot.taken_at,
            assumptions=self.assumptions,
        )

    def changed(self, subject: Subject, policies: PolicySet) -> Subject:
        """Return the subject under other policies; the rest stays."""
        return replace(subject, policies=policies)

    def solve(
        self,
        subject: Subject,
        action: str,
        *,
        resource: str | None = None,
        fixed: Context = _NO_KEYS,
        policies: PolicySet | None = None,
    ) -> Answer:
        """Return whether the subject has a request of an action that is allowed; see `settle.solve`."""
        return solve(
            subject, action, universe=self.universe, resource=resource, fixed=fixed, policies=policies
        )

    def reached(self, subject: Subject) -> Reached:
        """Return what the subject can reach."""
        raise NotImplementedError

    def _find(self, arn: str) -> tuple[Account, AccountPrincipal]:
        account = self.accounts.account_of(arn)
        principal = None if account is None else account.principal(arn)
        if account is None or principal is None:
            raise KeyError(arn)
        return account, principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What one subject can reach.

    - `actions`: bits of the universe, those of the actions not known yet among them, each with a request that
      is allowed (`witness`).
    - `undetermined`: further bits, each group with why nothing is sure; groups do not overlap.
    """

    actions: int
    undetermined: tuple[tuple[int, str], ...]
    _subject: Subject = field(repr=False)
    _reacher: Reacher = field(repr=False)

    def witness(self, action: str) -> Found:
        """Return a request of an action of `actions`. Raises KeyError when it is not one."""
        found = self._reacher.solve(self._subject, action)
        if not isinstance(found, Found):
            raise KeyError(action)
        return found

    def grants(self) -> Sequence[Grant]:
        """Return on which resources and under which conditions the actions are reached."""
        raise NotImplementedError


__all__ = ["Answer", "Found", "Impossible", "Reached", "Reacher", "Subject", "Undetermined"]
