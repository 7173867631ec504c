"""Whether a role's trust policy lets somebody in, as far as it can be known from here."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from watchword.fastpath.session_file import written
from watchword.iam import (
    Call,
    CompiledPolicy,
    ContextValue,
    CredentialKind,
    Decision,
    Element,
    Known,
    Layer,
    LayerTrace,
    Match,
    Outcome,
    PolicyKind,
    PolicySet,
    PolicySyntaxError,
    StatementTrace,
    ask,
    compile_policy,
    evaluate,
    mfa_context,
    parse_policy,
    principal_from_arn,
)
from watchword.session.role_session_name import session_name
from watchword.session.session import MfaCarried

if TYPE_CHECKING:
    from watchword.aws import Hop
    from watchword.session.asker import Asker

_ASSUME = "sts:AssumeRole"
_SENT_WHEN_ASKED = ("sts:ExternalId", "sts:SourceIdentity", "aws:TagKeys", "sts:TransitiveTagKeys")
_ALL = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'


class LetsIn(enum.StrEnum):
    """What the trust policy of a role says to a caller."""

    YES = "yes"
    NO = "no"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """Whoever would assume a role: the ARN, whether with MFA, and what would go with the call.

    `mfa_age_seconds` is the time since the code, None when there was none or nobody knows.
    """

    arn: str
    kind: CredentialKind
    role_arn: str | None = None
    mfa_age_seconds: int | None = None
    role_session_name: str | None = None
    external_id: str | None = None
    source_identity: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a trust policy says, and why not yes; `demands_mfa` is None when that cannot be told."""

    lets_in: LetsIn
    reason: str | None = None
    demands_mfa: bool | None = None


def trusted_as(asker: Asker, hop: Hop, now: datetime) -> Trusted:
    """Return `asker` as the trust policy of the hop's role would see it."""
    session, kind = asker.session, CredentialKind.ROLE_SESSION
    if ":assumed-role/" not in asker.arn:
        kind = CredentialKind.SESSION_MFA if asker.mfa is MfaCarried.TRUE else CredentialKind.SESSION
    is_user = session is not None and session.role is None
    return Trusted(
        arn=asker.arn,
        kind=kind,
        role_arn=session.role_arn if session else None,
        mfa_age_seconds=round((now - session.issued_at).total_seconds()) if session and is_user else None,
        role_session_name=session_name(hop, asker.name),
        external_id=hop.external_id,
        source_identity=hop.source_identity,
        tags=hop.tags,
    )


def verdict(trust_policy: str, role_arn: str, who: Trusted, now: datetime) -> Verdict:
    """Return what the trust policy (a JSON text) of a role says to `who`.

    The caller's own policies are not looked at: they must allow sts:AssumeRole too, where the trust policy
    names the account and not the caller.
    """
    try:
        trust = compile_policy(parse_policy(trust_policy, name="trust policy", kind=PolicyKind.TRUST))
    except PolicySyntaxError:
        return Verdict(lets_in=LetsIn.UNDETERMINED, reason="its trust policy cannot be read")
    decision = _decide(trust, role_arn, who, now, mfa=who.kind)
    lets_in = _lets_in(decision)
    return Verdict(
        lets_in=lets_in,
        reason=None if lets_in is LetsIn.YES else _reason(decision, lets_in),
        demands_mfa=_demands_mfa(trust, role_arn, who, now),
    )


def _decide(
    trust: CompiledPolicy, role_arn: str, who: Trusted, now: datetime, *, mfa: CredentialKind
) -> Decision:
    principal = principal_from_arn(who.arn, role_arn=who.role_arn)
    question = ask(
        Call(action=_ASSUME, resource=role_arn),
        principal,
        mfa,
        PolicySet(identity=(_everything(),), trust=trust),
        known=_known(who, now, mfa),
        service_rules=False,
    )
    return evaluate(question.request, question.policies)


def _known(who: Trusted, now: datetime, kind: CredentialKind) -> Known:
    context: dict[str, ContextValue] = {
        "aws:CurrentTime": written(now),
        "aws:EpochTime": str(int(now.timestamp())),
    }
    if kind is CredentialKind.SESSION_MFA:
        context |= mfa_context(kind, age_seconds=who.mfa_age_seconds)
    if who.role_session_name is not None:
        context["sts:RoleSessionName"] = who.role_session_name
    if who.external_id is not None:
        context["sts:ExternalId"] = who.external_id
    if who.source_identity is not None:
        context["sts:SourceIdentity"] = who.source_identity
    if who.tags:
        context["aws:TagKeys"] = tuple(who.tags)
        context |= {f"aws:RequestTag/{key}": value for key, value in who.tags.items()}
    return Known(context=context, absent=frozenset(_SENT_WHEN_ASKED) - context.keys())


def _demands_mfa(trust: CompiledPolicy, role_arn: str, who: Trusted, now: datetime) -> bool | None:
    """Return whether MFA makes the difference, for the same user; None for others, and when it is unclear."""
    if who.kind is not CredentialKind.SESSION_MFA:
        return None
    with_mfa = _lets_in(_decide(trust, role_arn, who, now, mfa=CredentialKind.SESSION_MFA))
    without = {
        _lets_in(_decide(trust, role_arn, who, now, mfa=kind))
        for kind in (CredentialKind.ACCESS_KEY, CredentialKind.SESSION)
    }
    if LetsIn.NO in without and len(without) == 1:
        return None if with_mfa is LetsIn.NO else True
    return False if without == {LetsIn.YES} else None


def _lets_in(decision: Decision) -> LetsIn:
    match decision.outcome:
        case Outcome.ALLOWED:
            return LetsIn.YES
        case Outcome.UNDETERMINED:
            return LetsIn.UNDETERMINED
        case Outcome.EXPLICIT_DENY | Outcome.IMPLICIT_DENY:
            return LetsIn.NO


def _reason(decision: Decision, lets_in: LetsIn) -> str:
    if lets_in is LetsIn.UNDETERMINED:
        return f"it depends on {', '.join(f'`{key}`' for key in decision.missing)}"
    if decision.outcome is Outcome.EXPLICIT_DENY:
        return "a statement of its trust policy denies it"
    trust = next((layer for layer in decision.trace if layer.layer is Layer.TRUST), None)
    return (
        "; ".join(dict.fromkeys(_failures(trust))) or "its trust policy has no statement for sts:AssumeRole"
    )


def _failures(trust: LayerTrace | None) -> Iterator[str]:
    """Yield why each statement does not apply; those that name somebody else are told only when all do."""
    statements = trust.statements if trust else ()
    near = [each for each in statements if each.failed is not Element.PRINCIPAL]
    for statement in near:
        yield from _conditions(statement)
    if statements and not near:
        yield "its trust policy does not name you"


def _conditions(statement: StatementTrace) -> Iterator[str]:
    for condition in statement.conditions:
        if condition.match is Match.NO:
            yield f"it demands `{condition.operator}` of `{condition.key}`"


@cache
def _everything() -> CompiledPolicy:
    return compile_policy(parse_policy(_ALL, name="everything", kind=PolicyKind.IDENTITY))
