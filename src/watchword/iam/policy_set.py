"""The policies that apply to one principal, arranged so that a request meets only what may concern it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from watchword.iam._glob import Matcher
from watchword.iam._names import EVERYTHING
from watchword.iam.compile import CompiledPolicy, Rule
from watchword.iam.outcome import Layer


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """Rules of one effect for one service: those that list an action by name, and those with patterns.

    A pattern of None covers every action of the service.
    """

    exact: dict[str, tuple[Rule, ...]]
    general: tuple[tuple[Matcher | None, Rule], ...]

    def rules(self, name: str) -> list[Rule]:
        """Return all rules that cover an action, in the order of the policies."""
        found = [rule for match, rule in self.general if match is None or match(name)]
        return sorted([*self.exact.get(name, ()), *found], key=lambda rule: (rule.ref.policy, rule.ref.index))


def _shelf(rules: Iterable[Rule], service: str) -> Shelf:
    exact: dict[str, tuple[Rule, ...]] = {}
    general: list[tuple[Matcher | None, Rule]] = []
    for rule in rules:
        names = rule.actions.of(service)
        if names is EVERYTHING:
            general.append((None, rule))
            continue
        if names.match is not None:
            general.append((_beside(names.exact, names.match), rule))
        for name in names.exact:
            exact[name] = (*exact.get(name, ()), rule)
    return Shelf(exact, tuple(general))


def _beside(listed: frozenset[str], match: Matcher) -> Matcher:
    """A rule that lists an action and also matches it is found once, under its listed name."""
    return (lambda name: name not in listed and match(name)) if listed else match


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """The policies of one layer.

    A service is arranged when it is first asked for: that is work on the policies alone, and no answer
    to a request is ever kept.
    """

    policies: tuple[CompiledPolicy, ...]
    named: frozenset[str] = field(init=False)
    shelves: dict[str, tuple[Shelf, Shelf]] = field(init=False)
    others: tuple[Shelf, Shelf] = field(init=False)

    def __post_init__(self) -> None:
        rules = [rule for policy in self.policies for rule in policy.rules]
        named = frozenset(service for rule in rules for service in rule.actions.named)
        object.__setattr__(self, "named", named)
        object.__setattr__(self, "shelves", {})
        object.__setattr__(self, "others", self._arrange(""))

    def of(self, service: str) -> tuple[Shelf, Shelf]:
        """Return the denying and the allowing rules of a service (in lower case)."""
        found = self.shelves.get(service)
        if found is None:
            if service not in self.named:
                return self.others
            found = self.shelves[service] = self._arrange(service)
        return found

    def _arrange(self, service: str) -> tuple[Shelf, Shelf]:
        rules = [rule for policy in self.policies for rule in policy.rules]
        denying = _shelf((rule for rule in rules if rule.deny), service)
        return denying, _shelf((rule for rule in rules if not rule.deny), service)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySet:
    """All that decides about one principal's requests.

    - `identity`: the policies of the user and of its groups, or of the role, managed and inline alike.
    - `permissions_boundary`: None when there is none.
    - `session`: the policies passed when the session was made; None when none were. A federated user
      session without one may do nothing by itself.
    - `trust`: the role's trust policy; only for AssumeRole… on a role, and the TagSession and
      SetSourceIdentity that go with it.

    - `resource`: the resource's own policy: of a bucket, queue, topic, secret, function, or KMS key.
    - `service_control`: the levels of SCPs that apply to the caller, root first, then organisational
      units, then the account; `()` when none apply (no organisation, or its management account).
    - `resource_control`: the levels of RCPs of the resource's account; the RCPFullAWSAccess that is
      attached everywhere is implied.
    - `endpoint`: the policies of the VPC endpoints that the call passes; None when it passes none.

    Keep a set as long as its policies hold: its first request of each service arranges them.

    Raises ValueError when a policy with principals stands among those of the caller, or a trust policy
    has a statement without one.
    """

    identity: tuple[CompiledPolicy, ...] = ()
    permissions_boundary: CompiledPolicy | None = None
    session: tuple[CompiledPolicy, ...] | None = None
    trust: CompiledPolicy | None = None
    resource: CompiledPolicy | None = None
    service_control: tuple[tuple[CompiledPolicy, ...], ...] = ()
    resource_control: tuple[tuple[CompiledPolicy, ...], ...] = ()
    endpoint: tuple[CompiledPolicy, ...] | None = None
    own_sides: tuple[tuple[Layer, Side], ...] = field(init=False, repr=False, compare=False)
    """The layers of the caller's own side, in the order in which they are looked at."""
    trust_side: Side | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        boundary, trust = self.permissions_boundary, self.trust
        for policy in (*self.identity, *(self.session or ()), *([boundary] if boundary else [])):
            if any(rule.principal is not None for rule in policy.rules):
                raise ValueError(f"`{policy.name}` names principals: it is no policy of the caller's own")
        if trust is not None and any(rule.principal is None for rule in trust.rules):
            raise ValueError(f"`{trust.name}` has a statement without a principal: it is no trust policy")
        sides = [(Layer.IDENTITY, Side(self.identity))]
        if boundary is not None:
            sides.append((Layer.BOUNDARY, Side((boundary,))))
        if self.session is not None:
            sides.append((Layer.SESSION, Side(self.session)))
        object.__setattr__(self, "own_sides", tuple(sides))
        object.__setattr__(self, "trust_side", None if trust is None else Side((trust,)))
