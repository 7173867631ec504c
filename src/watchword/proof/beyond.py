"""What somebody reaches beyond enrolling their own device."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from watchword.iam import MfaState, PolicySet, PrincipalKind, Statement, Universe, evaluate
from watchword.iam.compile import Rule
from watchword.proof.own_enrolment import EVERYBODYS, ON_DEVICES, ON_NOTHING, ON_ONESELF
from watchword.proof.reach import Found, Impossible, Subject
from watchword.proof.restricted import Bounds, Restricted

_OWN: Final = re.compile(r"arn:[^:$]*:iam::[^:$]*:user/([^$]*/)?\$\{aws:username\}")
"""A resource that no user but the caller fits: its own, under whatever path.

User names are unique within an account, whatever their paths. Source: IAM User Guide, reference_iam-quotas.
"""
_NO_USER: Final = re.compile(r"arn:[^:$]*:iam::[^:$]*:(?!user\b)[a-z-]+/.*")
"""A resource that no user fits: an MFA device, say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """Bits of the universe: surely reached, and perhaps, with the reasons."""

    actions: int
    undetermined: tuple[tuple[int, str], ...] = ()


@dataclass(kw_only=True)
class OwnEnrolment:
    """Tells the enrolment of one's own device from the rest of what is reached without MFA."""

    universe: Universe
    restricted: Restricted
    _only_own: dict[tuple[int, str], tuple[PolicySet, bool]] = field(default_factory=dict)
    _others_denied: dict[tuple[int, str], tuple[PolicySet, tuple[Rule, ...]]] = field(default_factory=dict)

    @functools.cached_property
    def everybodys(self) -> int:
        """What AWS gives to everybody: it never counts."""
        return mask_of(self.universe, EVERYBODYS)

    @functools.cached_property
    def harmless(self) -> int:
        """What does not count, whatever it is asked on."""
        return mask_of(self.universe, (*ON_DEVICES, *ON_NOTHING, *EVERYBODYS))

    @functools.cached_property
    def on_oneself(self) -> int:
        """What does not count on one's own user."""
        return mask_of(self.universe, ON_ONESELF)

    def beyond(self, subject: Subject, actions: int, undetermined: tuple[tuple[int, str], ...]) -> Beyond:
        """Return what is left of what a subject itself reaches, surely and perhaps.

        Only users enrol devices so: a role has none, and root may do everything.
        """
        if subject.principal.kind is not PrincipalKind.USER:
            return Beyond(
                actions=actions & ~self.everybodys, undetermined=without(undetermined, self.everybodys)
            )
        left = actions & ~self.harmless
        open_ = list(without(undetermined, self.harmless))
        for action in self.universe.expand(left & self.on_oneself):
            bit = 1 << self.universe.bit(action)
            verdict = self._on_others(subject, action)
            if verdict is not True:
                left &= ~bit
            if isinstance(verdict, str):
                open_.append((bit, verdict))
        for mask, reason in tuple(open_):
            own = mask & self.on_oneself
            if own and all(self._is_only_own(subject.policies, each) for each in self.universe.expand(own)):
                open_.remove((mask, reason))
                if mask & ~own:
                    open_.append((mask & ~own, reason))
        return Beyond(actions=left, undetermined=tuple(open_))

    def is_own(self, subject: Subject, action: str) -> bool:
        """Whether it is only on somebody else that an action of a subject counts."""
        user = subject.principal.kind is PrincipalKind.USER and subject.mfa is not MfaState.TRUE
        return user and bool(self.on_oneself & mask_of(self.universe, (action,)))

    def _on_others(self, subject: Subject, action: str) -> bool | str:
        """Whether an action is reached on another user: surely, not at all, or perhaps, and then why."""
        if self._is_only_own(subject.policies, action):
            return False
        users = () if subject.existing is None else subject.existing.by_kind.get("user/", ())
        somebody = next((each for each in users if each != subject.arn), None)
        if somebody is None or self._is_denied_on_others(subject, action):
            return False
        if self.restricted.reacher.everywhere(subject) >> self.universe.bit(action) & 1:
            return True
        found = self.restricted.reacher.solve(subject, action)
        if isinstance(found, Found):
            moved = replace(found.request, resource=somebody)
            if evaluate(moved, found.policies).allowed:
                return True
        answer = self.restricted.solve(subject, action, Bounds(but=(subject.arn,)))
        if isinstance(answer, Found):
            return True
        return False if isinstance(answer, Impossible) else answer.reason

    def _is_denied_on_others(self, subject: Subject, action: str) -> bool:
        """Whether a Deny whose conditions surely hold leaves the caller's own user out, and nobody else."""
        key = (id(subject.policies), action)
        found = self._others_denied.get(key)
        if found is None:
            rules = _denying_others(subject.policies, action)
            found = self._others_denied[key] = subject.policies, tuple(rules)
        settled = self.restricted.reacher.settled(subject) if found[1] else {}
        return any(all(test(settled) is True for _, test in rule.conditions) for rule in found[1])

    def _is_only_own(self, policies: PolicySet, action: str) -> bool:
        """Whether every statement that allows an action does so on the caller's own user only."""
        key = (id(policies), action)
        found = self._only_own.get(key)
        if found is None:
            service, _, name = action.lower().partition(":")
            allowing = [
                rule.policy.statements[rule.ref.index]
                for document in policies.identity
                for rule in document.rules
                if not rule.deny and name in rule.actions.of(service)
            ]
            only = all(not each.not_resource and _names_only_own(each) for each in allowing)
            found = self._only_own[key] = policies, only and policies.resource is None
        return found[1]


def _denying_others(policies: PolicySet, action: str) -> Iterator[Rule]:
    """Give the Denies of identity policies that cover an action on all but the caller's own user."""
    service, _, name = action.lower().partition(":")
    for document in policies.identity:
        for rule in document.rules:
            statement = rule.policy.statements[rule.ref.index]
            covers = rule.deny and statement.not_resource and name in rule.actions.of(service)
            if covers and _names_only_own(statement):
                yield rule


def _names_only_own(statement: Statement) -> bool:
    """Whether no user but the caller fits what a statement names."""
    return all(_OWN.fullmatch(one.text) or _NO_USER.fullmatch(one.text) for one in statement.resources or ())


def mask_of(universe: Universe, patterns: tuple[str, ...]) -> int:
    """Return the bits of all that patterns of actions cover, known or not: `*`, `s3:*`, `iam:Get*`."""
    found = 0
    for pattern in patterns:
        service, _, name = pattern.lower().partition(":")
        if pattern == "*" or (service == "*" and name == "*"):
            return (1 << universe.size) - 1
        found |= universe.mask(pattern)
        if name == "*" and universe.knows_service(service):
            start, length = universe.span(service)
            found |= ((1 << length) - 1) << start
    return found


def without(undetermined: tuple[tuple[int, str], ...], mask: int) -> tuple[tuple[int, str], ...]:
    """Return what is left of undetermined bits when those of a mask are taken out."""
    return tuple((bits & ~mask, reason) for bits, reason in undetermined if bits & ~mask)
