"""Whether an action is reached on certain resources only, or on any others than certain ones.

It is asked of the same subject with one more level of control policies, which allows everything and denies
what is not asked about: an explicit Deny holds for every caller and whatever else allows, so what is still
reached is reached on the resources in question, and nothing else is lost.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from watchword.iam import CompiledPolicy, PolicyKind, PolicySet, compile_policy, evaluate, parse_policy
from watchword.proof.reach import Answer, Found, Reacher, Subject

NAME: Final = "(what is asked about)"
"""What the added policy is called: it is none of the account's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The resources that a question is about: on one of `within`, and on none of `but`. Patterns."""

    within: tuple[str, ...] = ("*",)
    but: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether any resource will do."""
        return "*" in self.within and not self.but


@dataclass(slots=True, kw_only=True)
class Restricted:
    """Asks questions with bounds. The policies that come of them are kept."""

    reacher: Reacher
    _sets: dict[tuple[int, Bounds], tuple[PolicySet, PolicySet]] = field(default_factory=dict)

    def subject(self, subject: Subject, bounds: Bounds) -> Subject:
        """Return a subject that is held to the bounds."""
        if bounds.is_open:
            return subject
        key = (id(subject.policies), bounds)
        # The set asked about is kept as well: its id must not be given to another one meanwhile.
        found = self._sets.get(key)
        if found is None:
            levels = (*subject.policies.service_control, (_policy(bounds),))
            found = self._sets[key] = subject.policies, replace(subject.policies, service_control=levels)
        return self.reacher.changed(subject, policies=found[1])

    def solve(self, subject: Subject, action: str, bounds: Bounds) -> Answer:
        """Return a request of an action within the bounds, that there is none, or why that is not known."""
        return self.reacher.answer(self.subject(subject, bounds), action)

    def witness(self, subject: Subject, action: str, bounds: Bounds) -> Found | None:
        """Return a request within the bounds, decided by the subject's own policies; None: there is none."""
        found = self.reacher.witness(self.subject(subject, bounds), action)
        if not isinstance(found, Found) or bounds.is_open:
            return found if isinstance(found, Found) else None
        policies = replace(found.policies, service_control=subject.policies.service_control)
        return replace(found, policies=policies, decision=evaluate(found.request, policies))


@functools.cache
def _policy(bounds: Bounds) -> CompiledPolicy:
    statements: list[dict[str, Any]] = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    if "*" not in bounds.within:
        statements.append(_deny(NotResource=bounds.within))
    if bounds.but:
        statements.append(_deny(Resource=bounds.but))
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return compile_policy(parse_policy(text, name=NAME, kind=PolicyKind.SERVICE_CONTROL, stored=False))


def _deny(**resources: Sequence[str]) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": "*"} | {key: list(each) for key, each in resources.items()}
