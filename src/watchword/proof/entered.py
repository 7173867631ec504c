"""Who enters a role from outside: accounts that are not looked at, everybody, providers, services."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from watchword.iam import (
    UNKNOWN,
    ContextValue,
    Outcome,
    PolicySet,
    Principal,
    PrincipalKind,
    PrincipalType,
    Request,
    StatementRef,
    compile_policy,
    evaluate,
    parse_policy,
    principal_context,
    principal_from_arn,
)
from watchword.iam.keys_read import keys_read
from watchword.proof.first_device import Answer

if TYPE_CHECKING:
    from watchword.account.model import Account, InForce
    from watchword.iam import NamedPrincipal, Statement
    from watchword.proof.reach import Reacher

_SOMEBODY: Final = "000000000000"
"""An account that is none of those looked at, to stand for all others."""
_MFA: Final = "aws:multifactorauth"
_ANYTHING: Final = compile_policy(
    parse_policy(
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}',
        name="the policies of the other account",
    )
)


class EntryKind(enum.StrEnum):
    """Who enters a role from outside."""

    ANYONE = "anyone"
    OTHER_ACCOUNT = "other-account"
    IDENTITY_PROVIDER = "identity-provider"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One principal outside the snapshots that a role's trust policy names.

    `without_mfa`: whether the trust policy lets it in without MFA; `UNDETERMINED` when that hangs on what
    `missing` names (an external ID, say). `statements` are those that let it in.
    """

    kind: EntryKind
    principal: str
    without_mfa: Answer
    missing: tuple[str, ...]
    statements: tuple[StatementRef, ...]


def entries(reacher: Reacher, arn: str) -> tuple[Entry, ...]:
    """Return who of outside is named by a role's trust policy, in the order of the policy.

    Raises KeyError when no account has the role.
    """
    account = reacher.accounts.account_of(arn)
    if account is None:
        raise KeyError(arn)
    trust = account.attached(arn).trust
    if trust is None:
        return ()
    found: dict[tuple[EntryKind, str], Entry] = {}
    for statement in trust.compiled.policy.statements:
        for named in _allowed(statement):
            kind = _kind(named, reacher)
            if kind is not None and (kind, named.name.text) not in found:
                found[kind, named.name.text] = _entry(account, arn, trust, kind, named.name.text)
    return tuple(each for each in found.values() if each.without_mfa is not Answer.NO or each.statements)


def _allowed(statement: Statement) -> Iterator[NamedPrincipal]:
    if statement.effect.value == "Allow" and not statement.not_principal:
        yield from statement.principals or ()


def _kind(named: NamedPrincipal, reacher: Reacher) -> EntryKind | None:
    match named.type:
        case PrincipalType.ANYONE:
            return EntryKind.ANYONE
        case PrincipalType.AWS:
            if named.name.text == "*":
                return EntryKind.ANYONE
            return None if _account(named.name.text) in reacher.accounts.by_id else _outside(named.name.text)
        case PrincipalType.SERVICE:
            return EntryKind.SERVICE
        case PrincipalType.FEDERATED:
            return EntryKind.IDENTITY_PROVIDER
        case PrincipalType.CANONICAL_USER:
            return EntryKind.OTHER_ACCOUNT


def _outside(text: str) -> EntryKind | None:
    """A unique ID (`AIDA…`) is that of a principal that is gone: nobody has it any more."""
    return EntryKind.OTHER_ACCOUNT if _account(text) else None


def _account(text: str) -> str:
    if text.isdigit():
        return text
    parts = text.split(":", 5)
    return parts[4] if len(parts) == 6 else ""


# -- whether without MFA


def _entry(account: Account, role: str, trust: InForce, kind: EntryKind, text: str) -> Entry:
    asked = _asked(account, role, trust, kind, text)
    decisions = [evaluate(each, _policies(trust)) for each in asked]
    allowed = next((each for each in decisions if each.outcome is Outcome.ALLOWED), None)
    if allowed is not None:
        return _of(kind, text, Answer.YES, (), _granting(trust, text))
    open_ = next((each for each in decisions if each.outcome is Outcome.UNDETERMINED), None)
    if open_ is not None:
        return _of(kind, text, Answer.UNDETERMINED, open_.missing, open_.statements)
    return _of(kind, text, Answer.NO, (), _granting(trust, text))


def _of(
    kind: EntryKind,
    text: str,
    answer: Answer,
    missing: tuple[str, ...],
    statements: tuple[StatementRef, ...],
) -> Entry:
    return Entry(kind=kind, principal=text, without_mfa=answer, missing=missing, statements=statements)


def _granting(trust: InForce, text: str) -> tuple[StatementRef, ...]:
    """Return the statements that name somebody and allow."""
    return tuple(
        rule.ref
        for rule in trust.compiled.rules
        if not rule.deny
        and any(
            each.name.text == text
            for each in trust.compiled.policy.statements[rule.ref.index].principals or ()
        )
    )


def _policies(trust: InForce) -> PolicySet:
    return PolicySet(identity=(_ANYTHING,), trust=trust.compiled)


def _asked(account: Account, role: str, trust: InForce, kind: EntryKind, text: str) -> Iterator[Request]:
    """Give the requests of somebody without MFA: with a key, and with a session."""
    principal = _principal(kind, text)
    actions = _ACTIONS[kind]
    for action in actions:
        for present in ((), "false"):
            context: dict[str, ContextValue] = {
                key: UNKNOWN for key in keys_read(trust.compiled.policy) if not key.lower().startswith(_MFA)
            }
            known = {key.lower(): value for key, value in principal_context(principal).items()}
            context = {key: value for key, value in context.items() if key.lower() not in known}
            if kind in {EntryKind.ANYONE, EntryKind.OTHER_ACCOUNT} and not text.startswith("arn:"):
                known = dict.fromkeys(known, UNKNOWN)
                known["aws:principalisawsservice"] = "false"
            yield Request(
                principal=principal,
                action=action,
                resource=role,
                context={**context, **known, "aws:MultiFactorAuthPresent": present},
                resource_account=account.id,
            )


_ACTIONS: Final = {
    EntryKind.ANYONE: ("sts:AssumeRole",),
    EntryKind.OTHER_ACCOUNT: ("sts:AssumeRole",),
    EntryKind.IDENTITY_PROVIDER: ("sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"),
    EntryKind.SERVICE: ("sts:AssumeRole",),
}


def _principal(kind: EntryKind, text: str) -> Principal:
    match kind:
        case EntryKind.SERVICE:
            return Principal(arn=text, account="", kind=PrincipalKind.SERVICE)
        case EntryKind.IDENTITY_PROVIDER:
            return Principal(arn=text, account=_account(text), kind=PrincipalKind.IDENTITY_PROVIDER)
        case EntryKind.ANYONE:
            return principal_from_arn(f"arn:aws:iam::{_SOMEBODY}:user/somebody")
        case EntryKind.OTHER_ACCOUNT:
            return _of_account(text)


def _of_account(text: str) -> Principal:
    try:
        found = principal_from_arn(text)
    except ValueError:
        found = None
    if found is None or found.kind is PrincipalKind.ROOT:
        return principal_from_arn(f"arn:aws:iam::{_account(text) or _SOMEBODY}:user/somebody")
    return found
