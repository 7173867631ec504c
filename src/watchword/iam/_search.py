"""Looks for the statements that cover a request, and puts answers together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from watchword.iam._plan import Entries, Entry
from watchword.iam._principals import OWN_SIDE, Named
from watchword.iam._standing import Caller
from watchword.iam._tri import Tri, all_of
from watchword.iam.context import Folded
from watchword.iam.decision import Decision, Request
from watchword.iam.outcome import Layer, Outcome
from watchword.iam.policy_set import PolicySet

Pending: TypeAlias = list[tuple[Entry, frozenset[str]]]
"""Statements that match if what they miss turns out so."""

Doubts: TypeAlias = Sequence[tuple[Entry, frozenset[str]]]

Found: TypeAlias = Entry | Pending | None
"""The first statement that certainly matches; else those that may; None when none can."""

_EXPLICIT_DENY: Final = Outcome.EXPLICIT_DENY
_IMPLICIT_DENY: Final = Outcome.IMPLICIT_DENY
_GATEWAY: Final = frozenset(
    {"the kind of the VPC endpoint: for a gateway, an account is its root user alone"}
)


def find(entries: Entries, resource: str, context: Folded) -> Found:
    """Look for a statement that covers the resource and whose conditions hold.

    `applies`, written out: this is where decisions spend their time.
    """
    pending: Pending | None = None
    for entry in entries:
        covers, holds, _, _ = entry
        result = True if covers is None else covers(resource, context)
        if result is False:
            continue
        if holds is not None:
            held = holds(context)
            if held is False:
                continue
            if held is not True:
                result = held if result is True else result | held
        if result is True:
            return entry
        pending = [*(pending or ()), (entry, result)]
    return pending


def applies(entry: Entry, resource: str, context: Folded) -> Tri:
    """Return whether one statement covers the resource and its conditions hold."""
    found = find((entry,), resource, context)
    return found[0][1] if isinstance(found, list) else found is not None


def named_by(entry: Entry, request: Request, policies: PolicySet) -> Named | None:
    """Return how a statement names the caller; None when it is not about it.

    A gateway endpoint takes an account for its root user alone, other endpoints do not: what kind it is
    is not known.

    Source: AWS PrivateLink Guide, vpc-endpoints-access.
    """
    _, _, rule, layer = entry
    if rule.principal is None:
        return None
    bounded = policies.permissions_boundary is not None and request.standing.caller is Caller.OWN_POLICIES
    named = rule.principal(request.principal, bounded)
    if named is None or named.needs != OWN_SIDE or layer is not Layer.ENDPOINT:
        return named
    return Named(named.needs, named.doubt | _GATEWAY) if request.standing.by_gateway else named


def about_caller(entries: Entries, request: Request, policies: PolicySet) -> Entries:
    """Return the statements that name the caller, or may; the latter hold only if so."""
    named = ((entry, named_by(entry, request, policies)) for entry in entries)
    return tuple(doubted(entry, each.doubt) for entry, each in named if each is not None)


def doubted(entry: Entry, doubt: frozenset[str]) -> Entry:
    """Return the statement, matching only if what it misses turns out so."""
    if not doubt:
        return entry
    covers, holds, rule, layer = entry

    def may_hold(context: Folded) -> Tri:
        return doubt if holds is None else all_of((doubt, holds(context)))

    return covers, may_hold, rule, layer


def denial(request: Request, policies: PolicySet, entry: Entry) -> Decision:
    return Decision(_EXPLICIT_DENY, entry[3], request, policies, entry[2].refs)


def silence(request: Request, policies: PolicySet, layer: Layer) -> Decision:
    return Decision(_IMPLICIT_DENY, layer, request, policies)


def undetermined(
    request: Request,
    policies: PolicySet,
    doubts: Doubts,
    *,
    layer: Layer | None = None,
    also: Iterable[str] = (),
) -> Decision:
    """`layer` is that of the first doubt, if not given; `also` is missing beside what the doubts miss."""
    missing = {key for _, keys in doubts for key in keys} | set(also)
    return Decision(
        Outcome.UNDETERMINED,
        doubts[0][0][3] if layer is None else layer,
        request,
        policies,
        tuple(entry[2].ref for entry, _ in doubts),
        tuple(sorted(missing)),
    )
