"""One action on one resource, decided layer by layer with the engine and put together as the simulator does.

The engine says what each layer says: identity policies, boundary, resource policy, every level of SCPs. How
they are combined is the simulator's own (observed on AWS), and more generous than enforcement in one case: a
resource policy in the same account that names the account stands in for identity policies and boundary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from watchword.iam import (
    CompiledPolicy,
    ContextValue,
    Effect,
    Layer,
    LayerTrace,
    Match,
    Outcome,
    PolicySet,
    Principal,
    Request,
    evaluate,
)
from watchword.iam.keys_read import keys_written
from watchword.sandbox.plane.simulate_positions import Position, positions
from watchword.sandbox.plane.simulate_resources import fits
from watchword.sandbox.plane.simulate_sources import (
    BOUNDARY_POLICY,
    IAM_POLICY,
    RESOURCE_POLICY,
    Source,
)
from watchword.sandbox.wire.error import SandboxRefusal

_ORDER: Final = (Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY, Outcome.ALLOWED)
_SIDES: Final = frozenset({Layer.RESOURCE, Layer.KEY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A source, compiled. The compiled policy's name is its number, so that no two are the same."""

    source: Source
    policy: CompiledPolicy


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Matched:
    """A statement that decided."""

    source_id: str
    source_type: str
    start: Position
    end: Position
    denies: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What came of one action on one resource. A part that has no say is None."""

    outcome: Outcome
    matched: tuple[Matched, ...] = ()
    missing: tuple[str, ...] = ()
    by_boundary: bool | None = None
    by_organizations: bool | None = None
    details: Mapping[str, Outcome] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All that is simulated but action and resource.

    `given` are the keys that the caller gave, in lower case; `control` are the SCPs, level by level.
    """

    principal: Principal
    context: Mapping[str, ContextValue]
    given: frozenset[str]
    identity: tuple[Compiled, ...]
    boundary: Compiled | None
    resource: Compiled | None
    resource_owner: str | None
    control: tuple[tuple[CompiledPolicy, ...], ...] | None
    policies: PolicySet

    def decide(self, action: str, resource: str) -> Decided:
        """Decide. Raises SandboxRefusal where the engine cannot: nothing open is ever shown as allowed."""
        request = Request(principal=self.principal, action=action, resource=resource, context=self.context)
        said = evaluate(request, self.policies).trace
        by_organizations = None
        if self.control:
            level = _strictest(_settled(each, action) for each in said if each.layer is Layer.SERVICE_CONTROL)
            by_organizations = level is Outcome.ALLOWED
            if not by_organizations:
                return Decided(outcome=level, by_organizations=False)
        layers = _Layers.of(said, action, resource, self)
        outcome = layers.together()
        return Decided(
            outcome=outcome,
            matched=self._matched(layers, outcome),
            missing=self._missing() if outcome is Outcome.IMPLICIT_DENY else (),
            by_boundary=None if layers.boundary is None else layers.boundary is Outcome.ALLOWED,
            by_organizations=by_organizations,
            details=layers.details(),
        )

    def _matched(self, layers: _Layers, outcome: Outcome) -> tuple[Matched, ...]:
        if outcome is Outcome.IMPLICIT_DENY:
            return ()
        wanted = Effect.DENY if outcome is Outcome.EXPLICIT_DENY else Effect.ALLOW
        # What a boundary allows is not shown: it grants nothing.
        shown = [each for each in layers.said if wanted is Effect.DENY or each.layer is not Layer.BOUNDARY]
        sources = {str(number): each.source for number, each in enumerate(self._all())}
        found = set()
        for trace in (statement for each in shown for statement in each.statements):
            if trace.match is Match.YES and trace.effect is wanted and trace.ref.policy in sources:
                found.add(self._as_matched(trace.ref.policy, trace.ref.index, denies=wanted is Effect.DENY))
        return tuple(sorted(found))

    def _as_matched(self, name: str, index: int, *, denies: bool) -> Matched:
        compiled = self._all()[int(name)]
        start, end = positions(compiled.policy.policy, compiled.source.text, index)
        source = compiled.source
        return Matched(source_id=source.id, source_type=source.type, start=start, end=end, denies=denies)

    def _missing(self) -> tuple[str, ...]:
        """Every key that any of the policies reads and the caller did not give, spelt as there.

        Also those of statements on other actions, and those that the simulator has a value for (observed).
        """
        read = {key for each in self._all() for key in keys_written(each.policy.policy)}
        return tuple(sorted(key for key in read if key.lower() not in self.given))

    def _all(self) -> tuple[Compiled, ...]:
        return everything(self.identity, self.boundary, self.resource)


def everything(
    identity: Iterable[Compiled], boundary: Compiled | None, resource: Compiled | None
) -> tuple[Compiled, ...]:
    """Return the policies in the order of their numbers."""
    return tuple(each for each in (*identity, boundary, resource) if each is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layers:
    """What each layer says; None where there is none."""

    said: Sequence[LayerTrace]
    identity: Outcome
    boundary: Outcome | None
    resource: Outcome | None
    cross_account: bool

    @classmethod
    def of(cls, said: Sequence[LayerTrace], action: str, resource: str, world: World) -> _Layers:
        """Read the trace. On a resource that the action does not work on no statement counts (observed)."""
        counted = said if fits(action, resource) else ()
        identity = _one(counted, {Layer.IDENTITY}, action)
        boundary = None if world.boundary is None else _one(counted, {Layer.BOUNDARY}, action)
        side = None if world.resource is None else _one(counted, _SIDES, action)
        owner = world.resource_owner or _account_of(resource)
        return cls(
            said=counted,
            identity=identity,
            boundary=boundary,
            resource=side,
            cross_account=side is not None and bool(owner) and owner != world.principal.account,
        )

    def together(self) -> Outcome:
        """Combine the layers. Source: observed on AWS; what crosses accounts is as in enforcement."""
        boundary = Outcome.ALLOWED if self.boundary is None else self.boundary
        side = self.resource
        parts = (self.identity, boundary, *(() if side is None else (side,)))
        if Outcome.EXPLICIT_DENY in parts:
            return Outcome.EXPLICIT_DENY
        if side is None or self.cross_account:
            return _strictest(parts)
        return Outcome.ALLOWED if side is Outcome.ALLOWED else _strictest((self.identity, boundary))

    def details(self) -> Mapping[str, Outcome]:
        """Return what each kind of policy said, which is shown across accounts alone."""
        if not self.cross_account or self.resource is None:
            return {}
        details = {IAM_POLICY: self.identity, RESOURCE_POLICY: self.resource}
        return details if self.boundary is None else {**details, BOUNDARY_POLICY: self.boundary}


def _one(said: Sequence[LayerTrace], layers: Iterable[Layer], action: str) -> Outcome:
    wanted = frozenset(layers)
    return next((_settled(each, action) for each in said if each.layer in wanted), Outcome.IMPLICIT_DENY)


def _settled(trace: LayerTrace, action: str) -> Outcome:
    if trace.outcome is Outcome.UNDETERMINED:
        missing = sorted({key for each in trace.statements for key in each.missing})
        raise SandboxRefusal(f"{action} cannot be simulated exactly: it hangs on {', '.join(missing)}")
    return trace.outcome


def _strictest(outcomes: Iterable[Outcome]) -> Outcome:
    return min(outcomes, key=_ORDER.index, default=Outcome.ALLOWED)


def _account_of(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""
