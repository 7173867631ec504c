"""A question to the engine, and its answer."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from typing import Final

import msgspec

from watchword.iam._arn import account_of
from watchword.iam._standing import Standing, standing_of
from watchword.iam.context import Context, Folded, fold
from watchword.iam.credential import DEFAULT_ASSUMPTIONS, Assumptions, CredentialKind
from watchword.iam.outcome import Layer, Outcome
from watchword.iam.policy import Effect
from watchword.iam.policy_set import PlanKey, PolicySet
from watchword.iam.principal import Principal
from watchword.iam.references import StatementRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request.

    - `action`: `service:Name`, in any case. `resource`: an ARN, or `*` when the action has no resource.
    - `context`: what AWS would know of the request; see `Context`. It is read once, when the request
      is made: later changes to the mapping have no effect.
    - `credential`: with it, the rules that AWS applies before any policy (`service_rules`) apply too;
      None asks for the pure decision of the policies.
    - `trust_context`: the context as the role's trust policy sees it, when that differs
      (`assume_role_keys`); None means the same.
    - `resource_account`: twelve digits, whose the resource is when its ARN does not say (an S3 bucket);
      None: what the ARN says, else the caller's own account.
    - `assumptions`: what is taken to be true where AWS is contested; of them only
      `session_with_mfa_is_limited` is looked at here, the others have made the context.

    Raises ValueError when `action` has no colon, or `resource_account` is no account.
    """

    principal: Principal
    action: str
    resource: str
    context: Context = field(default_factory=dict)
    credential: CredentialKind | None = None
    trust_context: Context | None = None
    resource_account: str | None = None
    assumptions: Assumptions = DEFAULT_ASSUMPTIONS
    service: str = field(init=False, repr=False, compare=False)
    """The service part of `action`, in lower case."""
    operation: str = field(init=False, repr=False, compare=False)
    """The name part of `action`, in lower case."""
    cross_account: bool = field(init=False, repr=False, compare=False)
    """Whether the resource is another account's, so that its own policies have to allow too."""
    folded: Folded = field(init=False, repr=False, compare=False)
    folded_trust: Folded = field(init=False, repr=False, compare=False)
    standing: Standing = field(init=False, repr=False, compare=False)
    """Which layers have a say in it."""
    plan_key: PlanKey = field(init=False, repr=False, compare=False)
    has_service_rules: bool = field(init=False, repr=False, compare=False)
    """Whether the service may decide by itself: only IAM and STS do."""

    def __post_init__(self) -> None:
        action = self.action.lower()
        service, colon, operation = action.partition(":")
        if not colon:
            raise ValueError(f"`{self.action}` is not an action: `service:Name` is expected")
        owner = self.resource_account
        if owner is None:
            owner = account_of(self.resource)
        elif not _ACCOUNT.fullmatch(owner):
            raise ValueError(f"`{owner}` is not an account: twelve digits are expected")
        folded = fold(self.context)
        standing = standing_of(
            self.principal, service, operation, self.resource, owner=owner, credential=self.credential
        )
        assign = object.__setattr__
        assign(self, "service", service)
        assign(self, "operation", operation)
        assign(self, "cross_account", standing.cross_account)
        assign(self, "folded", folded)
        assign(self, "folded_trust", folded if self.trust_context is None else fold(self.trust_context))
        assign(self, "standing", standing)
        assign(self, "plan_key", (standing, action))
        assign(self, "has_service_rules", self.credential is not None and service in _RULED_SERVICES)


_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_RULED_SERVICES: Final = frozenset({"iam", "sts"})


class Match(enum.Enum):
    """Whether something matches: yes, no, or it depends on what nobody knows."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Element(enum.StrEnum):
    """The part of a statement that can keep it from matching, once its action matches."""

    PRINCIPAL = "Principal"
    RESOURCE = "Resource"
    CONDITION = "Condition"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionTrace:
    """One line of a Condition block: as written, where it stands, and whether it matched."""

    operator: str
    key: str
    values: tuple[str, ...]
    line: int
    column: int
    match: Match


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementTrace:
    """One statement whose action matches: whether it applied, and if not, because of what.

    `missing` holds the keys that must be known to say more.
    """

    ref: StatementRef
    effect: Effect
    match: Match
    failed: Element | None
    conditions: tuple[ConditionTrace, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerTrace:
    """One layer: its own outcome, the statements whose action matches, and a note where a rule decided.

    `level`: which one of several, from 0, for SCPs, RCPs and endpoint policies; else None.
    """

    layer: Layer
    outcome: Outcome
    statements: tuple[StatementTrace, ...]
    note: str | None = None
    level: int | None = None


class Decision(msgspec.Struct, frozen=True, gc=False):
    """The answer to one request.

    - `layer`: the layer that decided; for a denial the one that refused; for an allowance the one
      whose statements allowed.
    - `statements`: the statements that decided: the first Deny or Allow found, none for an implicit
      denial, and those that would have to be settled for an undetermined answer.
    - `missing`: for `UNDETERMINED`, what it hangs on: condition keys (as the policies write them), `trust
      policy` or `key policy` when that is needed and not given, a field of `Assumptions` left open.
    - `in_every_mfa_state`: the MFA state is not known, and the answer is the same in all three; one by
      one the statements (and so the trace) leave it open.
    - `aws_code`, `aws_message`: AWS's own refusal, when a service rule refused.
    """

    outcome: Outcome
    layer: Layer
    _request: Request
    _policies: PolicySet
    statements: tuple[StatementRef, ...] = ()
    missing: tuple[str, ...] = ()
    in_every_mfa_state: bool = False
    aws_code: str | None = None
    aws_message: str | None = None

    def __repr__(self) -> str:
        decided = f"{self.outcome.value!r}, layer={self.layer.value!r}"
        return f"Decision({decided}, statements={self.statements!r}, missing={self.missing!r})"

    @property
    def allowed(self) -> bool:
        """Whether the request certainly goes through."""
        return self.outcome is Outcome.ALLOWED

    @property
    def trace(self) -> tuple[LayerTrace, ...]:
        """Every layer looked at, in order, built when it is asked for."""
        from watchword.iam.trace import layers

        return layers(self._request, self._policies)
