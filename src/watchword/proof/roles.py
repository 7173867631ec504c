"""The actions that a role's trust policy has to allow, settled by the roles that there are."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from watchword.iam import CompiledPolicy, PrincipalKind, Universe
from watchword.iam.compile import Rule
from watchword.proof.resource_policies import allowed_names
from watchword.proof.settle.answer import Answer, Found, Impossible, Undetermined, best
from watchword.proof.settle.entries import TAGS, content_of, keys_of
from watchword.proof.settle.limits import Layers, Limits
from watchword.proof.settle.solve import may_elsewhere
from watchword.proof.settle.special import is_root, on_roles
from watchword.proof.settle.subject import Subject
from watchword.proof.settle.view import Live, View, Views, together

if TYPE_CHECKING:
    from watchword.account.model import Account
    from watchword.proof.reach import Reacher

Ways: TypeAlias = tuple[Limits, ...]
"""What is in force in calls of a subject's own, and in those of services for it, where that differs."""
Doubts: TypeAlias = tuple[tuple[int, str], ...]

_ELSEWHERE: Final = "roles of accounts that are not among the snapshots may let it in"


class _AboutAll(NamedTuple):
    """Whether any statement may allow an action on anything, and whether a Deny surely holds for all."""

    allowed: bool
    denied: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Covering:
    """The statements in force for a subject that are about an action of STS, in groups."""

    layers: tuple[tuple[Rule, ...], ...]
    keys: tuple[str, ...]
    scoped: tuple[Rule, ...]
    """Those that do not cover every resource."""
    said: Hashable
    """What two of them have in common that say the same of the action."""

    @classmethod
    def of(cls, layers: Iterable[Iterable[Rule]]) -> _Covering:
        """Return what there is to know of such statements."""
        every = tuple(tuple(dict.fromkeys(layer)) for layer in layers)
        rules = [rule for layer in every for rule in layer]
        return cls(
            every,
            tuple(sorted({key for rule in rules for key in keys_of(rule)})),
            tuple(rule for rule in rules if rule.resource is not None),
            tuple(tuple(map(content_of, layer)) for layer in every),
        )


@dataclass(slots=True, kw_only=True)
class Roles:
    """Asks whom roles let in. What roles say that leave it to the account is asked once for many."""

    reacher: Reacher
    views: Views
    _covering: dict[tuple[Ways, str], _Covering] = field(default_factory=dict)
    _about_layers: dict[tuple[Layers, str], _AboutAll] = field(default_factory=dict)
    _lives: dict[tuple[View, str], tuple[list[Live], list[Live]]] = field(default_factory=dict)
    _delegated: dict[Hashable, Answer] = field(default_factory=dict)
    _trusting: dict[str, _Trusting] = field(default_factory=dict)
    _trust_keys: list[tuple[str, ...]] = field(default_factory=list)
    _direct: dict[str, tuple[tuple[str, CompiledPolicy], ...]] = field(default_factory=dict)

    def settle(
        self,
        subject: Subject,
        found: int,
        doubts: Doubts,
        *,
        refused: int,
        in_force: Ways,
    ) -> tuple[int, Doubts]:
        """Return what is reached and what is open, with the actions on roles settled."""
        bits, all_of_them = _bits(self.reacher.universe)
        found &= ~all_of_them
        left = [(mask & ~all_of_them, why) for mask, why in doubts]
        for action, bit in bits:
            answer = Impossible() if bit & refused else self._on_some_role(subject, action, in_force)
            if isinstance(answer, Found):
                found |= bit
            elif isinstance(answer, Undetermined):
                left.append((bit, answer.reason))
        return found, tuple(left)

    def trusts(self) -> Iterator[CompiledPolicy]:
        """Give every trust policy once."""
        for trusting in self._each():
            yield from trusting.policies

    def entering(self, subject: Subject, action: str) -> Iterator[tuple[str, Answer]]:
        """Give the roles that may be about the subject, with whether it may do this on them, if it may."""
        yield from self._asked(subject, action, self._naming(subject))
        for trusting in self._each():
            yield from self._asked(subject, action, trusting.delegating(subject))

    def on_some_role(self, subject: Subject, action: str) -> Answer:
        """Return whether some role lets the subject do this; what is found may be another's who is alike."""
        return self._on_some_role(subject, action, self.reacher.in_force(subject))

    def _on_some_role(self, subject: Subject, action: str, in_force: Ways) -> Answer:
        naming = self._naming(subject)
        direct = (
            best(answer for _, answer in self._asked(subject, action, naming)) if naming else Impossible()
        )
        if isinstance(direct, Found) or is_root(subject):
            return direct
        if not any(self._may_allow(limits, action) for limits in in_force):
            return direct
        found = self._by_account(subject, action, self._covered(in_force, action))
        return found if isinstance(direct, Impossible) or isinstance(found, Found) else direct

    def _by_account(self, subject: Subject, action: str, covering: _Covering) -> Answer:
        """Ask the roles that leave it to the account, once for all of whom the same can be said."""
        settled, _ = self.reacher.standing(subject)
        alike = (
            settled.sign(covering.keys),
            settled.sign(self._keys_of_trust()),
            self._refusing(subject),
            action,
            subject.principal.account,
        )
        said, here = (covering.said, *alike), (covering.layers, *alike)
        found = self._delegated.get(said) or self._delegated.get(here)
        if found is None:
            found = self._ask_by_account(subject, action, covering)
            # Why something is open may name a statement, and so is no other one's reason.
            self._delegated[here if isinstance(found, Undetermined) else said] = found
        return found

    def _ask_by_account(self, subject: Subject, action: str, covering: _Covering) -> Answer:
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
        read = {*covering.keys, *self._keys_of_trust()}
        tags = sorted(each for each in read if each.startswith(TAGS))
        for trusting in self._each():
            for trust, arns in trusting.by_trust(subject):
                if not self.views.of(trust, settled, partition, account).allows:
                    continue
                asked: set[Hashable] = set()
                for arn in arns if covering.scoped or tags else arns[:1]:
                    alike = (
                        *(
                            rule.resource(arn, settled)
                            for rule in covering.scoped
                            if rule.resource is not None
                        ),
                        *(_tag(subject, arn, name) for name in tags),
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

    def _may_allow(self, limits: Limits, action: str) -> bool:
        """Whether identity policies may allow an action on anything, and no Deny surely holds for all."""
        own, others = self._about_all(limits.own, action), self._about_all(limits.others, action)
        return own.allowed and not own.denied and not others.denied

    def _about_all(self, layers: Layers, action: str) -> _AboutAll:
        found = self._about_layers.get((layers, action))
        if found is None:
            each = [self._of_view(view, action) for layer in layers.layers for view in layer]
            found = self._about_layers[layers, action] = _AboutAll(
                any(allows for allows, _ in each),
                any(_denies_all(live) for _, denies in each for live in denies),
            )
        return found

    def _covered(self, in_force: Ways, action: str) -> _Covering:
        """Return the statements that are not ruled out in its own calls, nor in those of services for it."""
        key = in_force, action
        found = self._covering.get(key)
        if found is None:
            ways = [self._about(limits, action) for limits in in_force]
            found = self._covering[key] = _Covering.of(
                [live.rule for each in group for live in each] for group in zip(*ways, strict=True)
            )
        return found

    def _about(self, limits: Limits, action: str) -> list[list[Live]]:
        """Return the statements about an action: by the layers that have to allow, and those that deny."""
        layers = [*limits.own.layers, *limits.others.layers]
        found = [[live for view in layer for live in self._of_view(view, action)[0]] for layer in layers]
        denying = [live for layer in layers for view in layer for live in self._of_view(view, action)[1]]
        return [*found, [*denying, *_covering_lives(limits.others.named, action)]]

    def _of_view(self, view: View, action: str) -> tuple[list[Live], list[Live]]:
        found = self._lives.get((view, action))
        if found is None:
            found = _covering_lives(view.allows, action), _covering_lives(view.denies, action)
            self._lives[view, action] = found
        return found

    def _each(self) -> Iterator[_Trusting]:
        for account in self.reacher.accounts:
            found = self._trusting.get(account.id)
            if found is None:
                found = self._trusting[account.id] = _Trusting(account)
            yield found

    def _naming(self, subject: Subject) -> tuple[tuple[str, CompiledPolicy], ...]:
        found = self._direct.get(subject.principal.arn)
        if found is None:
            found = self._direct[subject.principal.arn] = tuple(
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


@functools.lru_cache(maxsize=8)
def _bits(universe: Universe) -> tuple[tuple[tuple[str, int], ...], int]:
    """Return the actions on roles, each with its bit, and all of these together."""
    bits = tuple((action, 1 << universe.bit(action)) for action in on_roles(universe))
    return bits, together(bit for _, bit in bits)


def _covering_lives(lives: Iterable[Live], action: str) -> list[Live]:
    operation = action.partition(":")[2].lower()
    return [live for live in lives if operation in live.rule.actions.of("sts")]


def _denies_all(live: Live) -> bool:
    """Whether a Deny surely holds, on whatever resource."""
    return live.rule.resource is None and bool(live.must)


def _tag(subject: Subject, arn: str, name: str) -> Hashable:
    return None if subject.existing is None else subject.existing.tag(arn, name.partition("/")[2])
