"""What the policies of somebody say to a call, as far as they were read: the engine's answer, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from watchword.aws.user_policies import AppliedPolicy, Origin, Unread, UserPolicies
from watchword.iam import (
    Call,
    CompiledPolicy,
    ContextValue,
    CredentialKind,
    Decision,
    Known,
    Layer,
    Outcome,
    PolicyKind,
    PolicySet,
    PolicySyntaxError,
    Principal,
    Statement,
    StatementRef,
    StatementTrace,
    Version,
    ask,
    compile_policy,
    evaluate,
    keys_read,
    parse_policy,
    principal_from_arn,
)

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_PRINCIPAL_TAG = "aws:principaltag/"
_AGE = "aws:MultiFactorAuthAge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """The policies of one principal, ready to be asked.

    `unread` is what could hold something that is not known here: what was not read, and documents that are no
    policies.
    """

    principal: Principal
    policies: PolicySet
    unread: tuple[Unread, ...]
    _applied: Mapping[str, tuple[AppliedPolicy, CompiledPolicy]] = field(repr=False)
    _known: Known = field(repr=False)

    def decide(
        self, action: str, resource: str, kind: CredentialKind, *, fresh_mfa: bool = False
    ) -> Decision:
        """Return what the policies that were read say; `fresh_mfa`: a code was given this very moment."""
        known = self._known
        if fresh_mfa:
            known = Known(context={**known.context, _AGE: "0"}, absent=known.absent)
        call = Call(action=action, resource=resource)
        return evaluate(ask(call, self.principal, kind, self.policies, known=known).request, self.policies)

    def certain(self, decision: Decision) -> bool:
        """Return whether nothing that was not read could turn the answer: a Deny is certain, always."""
        match decision.outcome:
            case Outcome.EXPLICIT_DENY:
                return True
            case Outcome.IMPLICIT_DENY if decision.layer is Layer.IDENTITY:
                return all(each.boundary for each in self.unread)
            case Outcome.IMPLICIT_DENY if decision.layer is Layer.SERVICE:
                return True
            case Outcome.ALLOWED if decision.layer in {Layer.SERVICE, Layer.ROOT}:
                return True
            case Outcome.IMPLICIT_DENY | Outcome.ALLOWED:
                return not self.unread
            case Outcome.UNDETERMINED:
                return False

    def statements(self, decision: Decision, layer: Layer | None = None) -> Iterator[StatementTrace]:
        """Yield the statements that are about the action: of one layer, or of all."""
        for each in decision.trace:
            if layer in {None, each.layer}:
                yield from each.statements

    def statement(self, ref: StatementRef) -> Statement:
        """Return the statement as it was written."""
        return self._applied[ref.policy][1].policy.statements[ref.index]

    def has_variables(self, ref: StatementRef) -> bool:
        """Return whether the policy's version knows variables such as `${aws:username}`."""
        return self._applied[ref.policy][1].policy.version is Version.V2012

    def name(self, ref: StatementRef) -> str:
        """Return what a statement is called: by its Sid or its number, with its policy."""
        applied, compiled = self._applied[ref.policy]
        if ref.sid:
            return f"`{ref.sid}` in {_called(applied)}"
        if len(compiled.policy.statements) == 1:
            return f"the statement of {_called(applied)}"
        ordinal = _ORDINALS[ref.index] if ref.index < len(_ORDINALS) else f"{ref.index + 1}th"
        line = f" (line {ref.line})" if len(compiled.policy.lines.starts) > 1 else ""
        return f"the {ordinal} statement{line} of {_called(applied)}"

    def names(self) -> tuple[str, ...]:
        """Return what statements, policies and groups are called."""
        found: list[str | None] = []
        for applied, compiled in self._applied.values():
            found += [applied.name, applied.group, *(each.sid for each in compiled.policy.statements)]
        return tuple(dict.fromkeys(each for each in found if each))

    def not_read(self) -> str:
        """Return what was not read, in half a sentence; empty when all was."""
        if not self.unread:
            return ""
        if not self._applied and all(each.operation for each in self.unread):
            return f"the policies cannot be read: `{self.unread[0].operation}`"
        things = list(dict.fromkeys(_unread(each) for each in self.unread))
        return f"not read: {' and '.join(things[:_SHOWN])}{' and more' if len(things) > _SHOWN else ''}"


_SHOWN = 2


def judge_of(policies: UserPolicies, arn: str) -> Judge:
    """Return the judge for the principal with this ARN, who has these policies; a role's is its session's.

    Raises ValueError when it is no ARN of a principal.
    """
    applied: dict[str, tuple[AppliedPolicy, CompiledPolicy]] = {}
    unread = list(policies.unread)
    for number, each in enumerate(policies.documents):
        name = str(number)  # several may have one name: an inline one of a user and of a group
        try:
            policy = parse_policy(each.text, name=name, kind=PolicyKind.IDENTITY, stored=False)
            compiled = compile_policy(policy)
            PolicySet(identity=(compiled,))
        except (PolicySyntaxError, ValueError):
            what, of_boundary = f"{_called(each)}, which is no valid policy", each.origin is Origin.BOUNDARY
            unread.append(Unread(what=what, operation="", code="", boundary=of_boundary))
            continue
        applied[name] = each, compiled
    boundary = next((each for of, each in applied.values() if of.origin is Origin.BOUNDARY), None)
    identity = tuple(each for of, each in applied.values() if of.origin is not Origin.BOUNDARY)
    return Judge(
        principal=_principal(policies, arn),
        policies=PolicySet(identity=identity, permissions_boundary=boundary),
        unread=tuple(unread),
        _applied=applied,
        _known=_known(policies, tuple(each for _, each in applied.values())),
    )


def _unread(unread: Unread) -> str:
    return f"{unread.what} (`{unread.operation}`)" if unread.operation else unread.what


def _called(applied: AppliedPolicy) -> str:
    if applied.origin is Origin.BOUNDARY:
        return f"the permissions boundary `{applied.name}`"
    of = f" of the group `{applied.group}`" if applied.group is not None else ""
    return f"{'a policy of AWS,' if applied.is_of_aws else 'the policy'} `{applied.name}`{of}"


def _principal(policies: UserPolicies, arn: str) -> Principal:
    """A user's ARN as IAM tells it has the path; so has a role's, which its session's lacks."""
    asked = principal_from_arn(arn)
    is_session = asked.role_arn is not None
    return Principal(
        arn=arn if is_session or policies.arn is None else policies.arn,
        account=asked.account,
        kind=asked.kind,
        role_arn=(policies.arn or asked.role_arn) if is_session else None,
        unique_id=policies.unique_id,
    )


def _known(policies: UserPolicies, documents: tuple[CompiledPolicy, ...]) -> Known:
    """The principal's tags, when IAM told them: those that it has not are absent then."""
    if policies.tags is None:
        return Known()
    read = {key for each in documents for key in keys_read(each.policy)}
    context: dict[str, ContextValue] = {f"{_PRINCIPAL_TAG}{key}": text for key, text in policies.tags.items()}
    has = {key.lower() for key in context}
    tags = {key.lower() for key in read if key.lower().startswith(_PRINCIPAL_TAG)}
    return Known(context=context, absent=frozenset(tags - has))
