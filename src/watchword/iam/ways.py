"""In which ways one request can come to be allowed: what a search for such a request has to satisfy.

`evaluate` says whether a given request is allowed. `ways` says what would have to hold of its resource and
its context for that: it reads the same plan, and decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from watchword.iam._plan import Entries, Entry
from watchword.iam._resources import ResourceTest
from watchword.iam._search import about_caller, doubted, named_by
from watchword.iam.conditions import Test
from watchword.iam.decision import Request
from watchword.iam.outcome import Layer
from watchword.iam.policy_set import PolicySet

Way: TypeAlias = tuple[Entries, ...]
"""Of each of these groups at least one statement has to match."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """What makes a request of one action, by one caller, on one kind of resource, an allowed one.

    - `ways`: each a way of its own: one statement of each of its groups has to match. `()` when there is
      none; a way without groups needs no statement (root).
    - `denies`: none of these may match.
    - `missing`: what the resource's own policy is called when it must allow and is not given (then it has to
      allow beside the ways, or in their place); else None.
    """

    ways: tuple[Way, ...]
    denies: Entries
    missing: str | None


def ways(request: Request, policies: PolicySet) -> Ways:
    """Return the ways for a request; its context is not looked at, and of its resource only whose it is.

    The rules of services are left out (`evaluate.service_rule`).

    Source: as `evaluate`.
    """
    plan = policies.plan(request)
    needed = tuple(
        about_caller(entries, request, policies) if by_name else entries
        for _, entries, by_name in plan.needed
    )
    denies = plan.denying
    if plan.denying_by_name:
        denies = (*denies, *about_caller(plan.denying_by_name, request, policies))
    if not plan.by_side:
        return Ways(ways=(needed,), denies=denies, missing=None)
    own = dict(plan.own)
    if plan.missing is not None:
        return Ways(ways=((*needed, *own.values()),), denies=denies, missing=plan.missing)
    found: list[Way] = [(*needed, *own.values())] if plan.own_suffices else []
    for entry in plan.side:
        named = named_by(entry, request, policies)
        if named is not None:
            beside = (own[layer] for layer in own if layer in named.needs)
            found.append((*needed, (doubted(entry, named.doubt),), *beside))
    return Ways(ways=tuple(found), denies=denies, missing=None)


__all__ = ["Entries", "Entry", "Layer", "ResourceTest", "Test", "Way", "Ways", "ways"]
