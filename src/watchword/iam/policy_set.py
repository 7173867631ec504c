"""The policies that apply to one principal's requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from watchword.iam._plan import Plan, make_plan
from watchword.iam._standing import Standing
from watchword.iam.compile import CompiledPolicy

if TYPE_CHECKING:
    from watchword.iam.decision import Request

Levels: TypeAlias = tuple[tuple[CompiledPolicy, ...], ...]
"""The policies of an organization's root, then those of each unit on the way down, then the account's."""

PlanKey: TypeAlias = tuple[Standing, str]
"""A caller's standing, and an action in lower case."""

_MOST_PLANS: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySet:
    """All that decides about one principal's requests.

    - `identity`: the policies of the user and of its groups, or of the role, managed and inline alike.
    - `permissions_boundary`: None when there is none.
    - `session`: the policies passed when the session was made; None when none were. A federated user
      session without one may do nothing by itself.
    - `trust`: the trust policy of the role that is assumed; only AssumeRole… and the TagSession and
      SetSourceIdentity that go with it look at it.
    - `resource`: the resource's own policy: of a bucket, queue, topic, secret, function, or KMS key.
    - `service_control`: the levels of SCPs that apply to the caller, root first, then organisational
      units, then the account; `()` when none apply (no organisation, or its management account).
    - `resource_control`: the levels of RCPs of the resource's account; `()` when none apply (no
      organisation, its management account, a key that AWS manages). The RCPFullAWSAccess that is
      attached everywhere is implied: only Denies are looked at.
    - `endpoint`: the policies of the VPC endpoints that the call passes, each of which must allow; None
      when it passes none.

    Keep a set as long as its policies hold: the first request of each action arranges what covers it.

    Raises ValueError when a policy names principals where none are named, or does not where they are.
    """

    identity: tuple[CompiledPolicy, ...] = ()
    permissions_boundary: CompiledPolicy | None = None
    session: tuple[CompiledPolicy, ...] | None = None
    trust: CompiledPolicy | None = None
    resource: CompiledPolicy | None = None
    service_control: Levels = ()
    resource_control: Levels = ()
    endpoint: tuple[CompiledPolicy, ...] | None = None
    plans: dict[PlanKey, Plan] = field(init=False, repr=False, compare=False, default_factory=dict)
    """What has been arranged so far. It is work on the policies alone: no answer is ever kept."""

    def __post_init__(self) -> None:
        for policy in self._without_principals():
            if any(rule.principal is not None for rule in policy.rules):
                raise ValueError(
                    f"`{policy.name}` names principals: it is no identity, session or service control policy"
                )
        for kind, policy in self._with_principals():
            if any(rule.principal is None for rule in policy.rules):
                raise ValueError(f"`{policy.name}` has a statement without a principal: it is no {kind}")

    def _without_principals(self) -> Iterator[CompiledPolicy]:
        yield from self.identity
        yield from self.session or ()
        if self.permissions_boundary is not None:
            yield self.permissions_boundary
        for level in self.service_control:
            yield from level

    def _with_principals(self) -> Iterator[tuple[str, CompiledPolicy]]:
        if self.trust is not None:
            yield "trust policy", self.trust
        if self.resource is not None:
            yield "resource policy", self.resource
        for policy in self.endpoint or ():
            yield "endpoint policy", policy
        for level in self.resource_control:
            for policy in level:
                yield "resource control policy", policy

    def plan(self, request: Request) -> Plan:
        """Return what there is to look at for a request's action, arranged when it is first asked for."""
        found = self.plans.get(request.plan_key)
        if found is None:
            if len(self.plans) >= _MOST_PLANS:
                self.plans.clear()
            found = make_plan(self, request.standing, request.service, request.operation)
            self.plans[request.plan_key] = found
        return found
