"""The actions that a role's trust policy has to allow, settled by the roles that there are."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from watchword.iam import CompiledPolicy, PolicySet, PrincipalKind
from watchword.iam.compile import Rule
from watchword.proof.resource_policies import allowed_names
from watchword.proof.settle.answer import Answer, Found, Impossible, Undetermined, best
from watchword.proof.settle.solve import may_elsewhere
from watchword.proof.settle.special import on_roles
from watchword.proof.settle.subject import Subject
from watchword.proof.settle.view import Views

if TYPE_CHECKING:
    from watchword.account.model import Account
    from watchword.proof.reach import Reacher

Doubts: TypeAlias = tuple[tuple[int, str], ...]

_ELSEWHERE: Final = "roles of accounts that are not among the snapshots may let it in"


@dataclass(frozen=True, slots=True, eq=False)
class _Covering:
    """The statements of a set of policies that cover an action of STS, layer by layer, identity first."""

    layers: tuple[tuple[Rule, ...], ...]
    keys: tuple[str, ...]
    allows: bool
    """Whether an identity policy allows it on anything."""
    scoped: tuple[Rule, ...]
    """Those that do not cover every resource."""

    @property
    def sign(self) -> Hashable:
        """What two sets have in common that say the same of the action."""
        return tuple(tuple(map(id, layer)) for layer in self.layers)


@dataclass(slots=True, kw_only=True)
class Roles:
    """Asks whom roles let in. What roles say that leave it to the account is asked once for many."""

    reacher: Reacher
    views: Views
    _covering: dict[tuple[int, str], _Covering] = field(default_factory=dict)
    _delegated: dict[Hashable, Answer] = field(default_factory=dict)
    _elsewhere: dict[Hashable, bool] = field(default_factory=dict)
    _trusting: dict[str, _Trusting] = field(default_factory=dict)
    _trust_keys: list[tuple[str, ...]] = field(default_factory=list)
    _direct: dict[str, tuple[tuple[str, CompiledPolicy], ...]] = field(default_factory=dict)
    _alive: list[PolicySet] = field(default_factory=list)

    def settle(self, subject: Subject, found: int, doubts: Doubts, *, refused: int) -> tuple[int, Doubts]:
        """Return what is reached and what is open, with the actions on roles settled."""
        universe = self.reacher.universe
        for action in on_roles(universe):
            bit = 1 << universe.bit(action)
            found &= ~bit
            doubts = tuple((mask & ~bit, why) for mask, why in doubts)
            if bit & refused:
                continue
            answer = self.on_some_role(subject, action)
            if isinstance(answer, Found):
                found |= bit
            elif isinstance(answer, Undetermined):
                doubts = (*doubts, (bit, answer.reason))
        return found, doubts

    def entering(self, subject: Subject, action: str) -> Iterator[tuple[str, Answer]]:
        """Give the roles that may be about the subject, with whether it may do this on them, if it may."""
        yield from self._asked(subject, action, self._naming(subject))
        for trusting in self._each():
            yield from self._asked(subject, action, trusting.delegating(subject))

    def on_some_role(self, subject: Subject, action: str) -> Answer:
        """Return whether some role lets the subject do this; what is found may be another's who is alike."""
        direct = best(answer for _, answer in self._asked(subject, action, self._naming(subject)))
        if isinstance(direct, Found):
            return direct
        covering = self._covered(subject, action)
        if not covering.allows:
            return direct
        settled, _ = self.reacher.standing(subject)
        key = (
            covering.sign,
            settled.sign(covering.keys),
            settled.sign(self._keys_of_trust()),
            self._refusing(subject),
            action,
            subject.principal.account,
        )
        delegated = self._delegated.get(key)
        if delegated is None:
            delegated = self._delegated[key] = self._by_account(subject, action, covering)
        return delegated if isinstance(direct, Impossible) or isinstance(delegated, Found) else direct

    def _by_account(self, subject: Subject, action: str, covering: _Covering) -> Answer:
        """Ask the roles that leave it to the account, and those of accounts that are not here."""
        found = best(answer for _, answer in self._asked_alike(subject, action, covering))
        if isinstance(found, Impossible) and may_elsewhere(
            subject,
            action,
            universe=self.reacher.universe,
            accounts=self.reacher.accounts.by_id,
        ):
            return Undetermined(reason=_ELSEWHERE)
        return found

    def _asked_alike(
        self, subject: Subject, action: str, covering: _Covering
    ) -> Iterator[tuple[str, Answer]]:
        """Ask once of the roles with one trust policy which the same statements of the subject cover."""
        settled, _ = self.reacher.standing(subject)
        partition, account = subject.arn.split(":")[1], subject.principal.account
        for trusting in self._each():
            for trust, arns in trusting.by_trust(subject):
                if not self.views.of(trust, settled, partition, account).allows:
                    continue
                asked: set[Hashable] = set()
                for arn in arns if covering.scoped else arns[:1]:
                    alike = tuple(
                        rule.resource(arn, settled) for rule in covering.scoped if rule.resource is not None
                    )
                    if alike not in asked:
                        asked.add(alike)
                        yield from self._asked(subject, action, ((arn, trust),))

    def _asked(
        self, subject: Subject, action: str, roles: Iterable[tuple[str, CompiledPolicy]]
    ) -> Iterator[tuple[str, Answer]]:
        for arn, trust in roles:
            policies = self.reacher.beside(subject.policies, trust=trust)
            answer = self.reacher.solve(subject, action, resource=arn, policies=policies)
            if not isinstance(answer, Impossible):
                yield arn, answer

    # -- what is kept

    def _covered(self, subject: Subject, action: str) -> _Covering:
        policies = subject.policies
        found = self._covering.get((id(policies), action))
        if found is None:
            self._alive.append(policies)
            found = self._covering[id(policies), action] = self._look(policies, action)
        return found

    def _look(self, policies: PolicySet, action: str) -> _Covering:
        operation = action.partition(":")[2].lower()
        boundary = policies.permissions_boundary
        documents: list[Iterable[CompiledPolicy]] = [policies.identity]
        documents += [] if boundary is None else [(boundary,)]
        documents += [] if policies.session is None else [policies.session]
        documents += [*policies.service_control, *policies.resource_control]
        layers = tuple(
            tuple(rule for policy in layer for rule in policy.rules if operation in rule.actions.of("sts"))
            for layer in documents
        )
        rules = [rule for layer in layers for rule in layer]
        return _Covering(
            layers,
            tuple(sorted({key for rule in rules for key in self.views.keys_of(rule)})),
            any(not rule.deny for rule in layers[0]),
            tuple(rule for rule in rules if rule.resource is not None),
        )

    def _each(self) -> Iterator[_Trusting]:
        for account in self.reacher.accounts:
            found = self._trusting.get(account.id)
            if found is None:
                found = self._trusting[account.id] = _Trusting(account)
            yield found

    def _naming(self, subject: Subject) -> tuple[tuple[str, CompiledPolicy], ...]:
        found = self._direct.get(subject.arn)
        if found is None:
            found = self._direct[subject.arn] = tuple(
                role for trusting in self._each() for role in trusting.naming(subject)
            )
        return found

    def _refusing(self, subject: Subject) -> Hashable:
        """Return which Deny statements of trust policies are about the subject: they may name it alone."""
        bounded = subject.policies.permissions_boundary is not None
        return tuple(
            id(rule)
            for trusting in self._each()
            for rule in trusting.refusals
            if rule.principal is not None and rule.principal(subject.principal, bounded)
        )

    def _keys_of_trust(self) -> tuple[str, ...]:
        """Return the keys that any trust policy reads."""
        if not self._trust_keys:
            every = {
                key
                for trusting in self._each()
                for trust in trusting.policies
                for key in self.views.keys(trust).every
            }
            self._trust_keys.append(tuple(sorted(every)))
        return self._trust_keys[0]


class _Trusting:
    """The roles of an account by whom their trust policies name."""

    def __init__(self, account: Account) -> None:
        self._by_name: dict[str, list[tuple[str, CompiledPolicy]]] = {}
        self.policies: dict[CompiledPolicy, None] = {}
        for principal in account.principals:
            if principal.kind is not PrincipalKind.ROLE:
                continue
            trust = account.attached(principal.arn).trust
            if trust is None:
                continue
            self.policies[trust.compiled] = None
            for name in allowed_names(trust.compiled):
                self._by_name.setdefault(name, []).append((principal.arn, trust.compiled))
        self.refusals = tuple(rule for trust in self.policies for rule in trust.rules if rule.deny)

    def naming(self, subject: Subject) -> Iterable[tuple[str, CompiledPolicy]]:
        """Return the roles that name a subject, or everybody."""
        principal = subject.principal
        names = {"*", principal.arn, subject.arn, principal.unique_id or principal.arn}
        return {arn: trust for name in sorted(names) for arn, trust in self._by_name.get(name, ())}.items()

    def delegating(self, subject: Subject) -> Iterator[tuple[str, CompiledPolicy]]:
        """Give the roles that leave it to the subject's account, and do not name the subject itself."""
        seen = {arn for arn, _ in self.naming(subject)}
        account, partition = subject.principal.account, subject.arn.split(":")[1]
        for name in (account, f"arn:{partition}:iam::{account}:root"):
            for arn, trust in self._by_name.get(name, ()):
                if arn not in seen:
                    seen.add(arn)
                    yield arn, trust

    def by_trust(self, subject: Subject) -> Iterable[tuple[CompiledPolicy, list[str]]]:
        """Return the roles that leave it to the subject's account, by their trust policies."""
        account, partition = subject.principal.account, subject.arn.split(":")[1]
        found: dict[CompiledPolicy, list[str]] = {}
        for name in (account, f"arn:{partition}:iam::{account}:root"):
            for arn, trust in self._by_name.get(name, ()):
                found.setdefault(trust, []).append(arn)
        return found.items()
