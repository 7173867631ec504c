"""What can be said of an action: a request that is allowed, that there is none, or why that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from watchword.iam import Decision, PolicySet, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A request that is allowed: `evaluate(request, policies)` gives `decision`, which says so.

    `also` are further requests that AWS looks at within the same call, because it works on several
    resources; each is allowed under the same policies.
    """

    request: Request
    policies: PolicySet = field(repr=False)
    decision: Decision
    also: tuple[Request, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Impossible:
    """No request of the action is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undetermined:
    """It is not known whether there is one; `reason` is for people, without a full stop."""

    reason: str


Answer: TypeAlias = Found | Impossible | Undetermined


def best(answers: Iterable[Answer]) -> Answer:
    """Return the first that is found, else the first of which it is not known."""
    open_: Answer = Impossible()
    for answer in answers:
        if isinstance(answer, Found):
            return answer
        if isinstance(open_, Impossible):
            open_ = answer
    return open_
