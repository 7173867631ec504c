"""Which statements have a say in one action, arranged by what they do: the part that no request changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from watchword.iam._resources import ResourceTest
from watchword.iam._standing import Caller, Standing
from watchword.iam.compile import CompiledPolicy, Rule
from watchword.iam.conditions import Test
from watchword.iam.outcome import Layer

if TYPE_CHECKING:
    from watchword.iam.policy_set import PolicySet

Entry: TypeAlias = tuple[ResourceTest | None, Test | None, Rule, Layer]
"""A statement that covers the action, with its layer and the tests of its resources and conditions (None
where all pass).
"""

Entries: TypeAlias = tuple[Entry, ...]

Documents: TypeAlias = tuple[CompiledPolicy, ...]

_BY_NAME: Final = frozenset({Layer.RESOURCE_CONTROL, Layer.ENDPOINT, Layer.RESOURCE, Layer.TRUST, Layer.KEY})
"""The layers whose statements name principals."""

_MISSING: Final = {Layer.TRUST: "trust policy", Layer.KEY: "key policy"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """What there is to look at for one action, for callers of one standing.

    - `denying`: the Denies that concern the caller whoever it is; `denying_by_name`: those that name
      principals.
    - `needed`: the layers that must allow in any case, each with its allowing statements; True where these
      name principals.
    - `own`: the layers of the caller's own policies, where the resource's policy may stand in for them
      (else they are in `needed`, or there are none). `own_suffices`: they are enough without it.
    - `by_side`: the resource's own policy has a say beyond its Denies; `side`: its allowing statements.
    - `missing`: what the resource's own policy is called, when it must allow and is not given.
    - `layer`: the layer that allows where the resource's policy has no say.
    """

    denying: Entries
    denying_by_name: Entries
    needed: tuple[tuple[Layer, Entries, bool], ...]
    own: tuple[tuple[Layer, Entries], ...]
    own_suffices: bool
    by_side: bool
    side: Entries
    missing: str | None
    layer: Layer


def layers_binding(policies: PolicySet, standing: Standing) -> Iterator[tuple[Layer, int | None, Documents]]:
    """Give every layer that has a say, with its level and policies, in AWS's order."""
    if standing.bound_by_rcp:
        for level, documents in enumerate(policies.resource_control):
            yield Layer.RESOURCE_CONTROL, level, documents
    if standing.bound_by_scp:
        for level, documents in enumerate(policies.service_control):
            yield Layer.SERVICE_CONTROL, level, documents
    for level, document in enumerate(policies.endpoint or ()):
        yield Layer.ENDPOINT, level, (document,)
    if policies.resource is not None and standing.side is not Layer.KEY and not standing.past_resource:
        yield Layer.RESOURCE, None, (policies.resource,)
    for layer, documents in _own_layers(policies, standing):
        yield layer, None, documents
    if policies.trust is not None and standing.side is Layer.TRUST:
        yield Layer.TRUST, None, (policies.trust,)
    if policies.resource is not None and standing.side is Layer.KEY:
        yield Layer.KEY, None, (policies.resource,)


def _own_layers(policies: PolicySet, standing: Standing) -> Iterator[tuple[Layer, Documents]]:
    """Root's session has a policy when it was made by AssumeRoot; nothing else of its own binds root."""
    if standing.caller is Caller.OWN_POLICIES:
        yield Layer.IDENTITY, policies.identity
        if policies.permissions_boundary is not None:
            yield Layer.BOUNDARY, (policies.permissions_boundary,)
    if standing.caller is Caller.NOTHING:
        return
    if policies.session is not None:
        yield Layer.SESSION, policies.session
    elif standing.needs_session:
        yield Layer.SESSION, ()


def make_plan(policies: PolicySet, standing: Standing, service: str, operation: str) -> Plan:
    """Arrange the statements that cover an action (`service` and `operation` in lower case)."""
    found = [
        (layer, tuple(covering(layer, documents, service, operation)))
        for layer, _, documents in layers_binding(policies, standing)
    ]
    denies = [entry for _, entries in found for entry in entries if entry[2].deny]
    allowing = [(layer, tuple(each for each in entries if not each[2].deny)) for layer, entries in found]
    own = tuple(each for each in allowing if each[0] in _OWN)
    given = standing.side in {layer for layer, _ in found}
    missing = None if given or not standing.side_is_needed else _MISSING[standing.side]
    together = (
        standing.caller is Caller.OWN_POLICIES
        and not standing.cross_account
        and (given or missing is not None)
    )
    must_allow = (
        standing.cross_account
        or standing.caller is Caller.NOTHING
        or (given and standing.side is not Layer.RESOURCE)
    )
    side = tuple(entry for layer, entries in allowing if layer is standing.side for entry in entries)
    return Plan(
        denying=tuple(each for each in denies if each[3] not in _BY_NAME),
        denying_by_name=tuple(each for each in denies if each[3] in _BY_NAME),
        needed=tuple(
            (layer, entries, layer in _BY_NAME)
            for layer, entries in allowing
            if layer in _GUARDS or (layer in _OWN and not together)
        ),
        own=own if together else (),
        own_suffices=together and standing.side is Layer.RESOURCE,
        by_side=together or must_allow or missing is not None,
        side=side,
        missing=missing,
        layer=Layer.ROOT if standing.caller is Caller.ROOT else Layer.IDENTITY,
    )


_GUARDS: Final = frozenset({Layer.SERVICE_CONTROL, Layer.ENDPOINT})
_OWN: Final = frozenset({Layer.IDENTITY, Layer.BOUNDARY, Layer.SESSION})


def covering(layer: Layer, documents: Documents, service: str, operation: str) -> Iterator[Entry]:
    """Give the statements of a layer's policies that cover an action, in their order."""
    for document in documents:
        for rule in document.rules:
            if operation in rule.actions.of(service):
                yield rule.resource, rule.holds, rule, layer
