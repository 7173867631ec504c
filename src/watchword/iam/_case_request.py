"""The request of a case: who asks, with what its context says and what its credential fills in."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from watchword.errors import short
from watchword.iam._case_fields import Fields
from watchword.iam.context import UNKNOWN, ContextValue
from watchword.iam.credential import Assumptions, CredentialKind, assume_role_keys, mfa_context, mfa_state
from watchword.iam.decision import Request
from watchword.iam.principal import Principal, PrincipalKind, principal_from_arn

Said: TypeAlias = Mapping[str, ContextValue | None]
"""The context as a case has it: None is said to be absent."""

_DOMAIN: Final = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/.*)?")
_WITH_WEB_IDENTITY: Final = "sts:assumerolewithwebidentity"
_UNIQUE_ID: Final = re.compile(r"(A(?:ID|RO)A[A-Z0-9]+)(?::.*)?", re.DOTALL)


def read_request(fields: Fields, assumptions: Assumptions) -> Request | None:
    """Return the question, or None when a field of it is wrong."""
    action, resource = fields.action(), fields.resource()
    said = fields.context()
    unknown = fields.unknown(known={key.lower() for key, value in said.items() if value is not None})
    credential, account = fields.credential(), fields.resource_account()
    service_rules = fields.flag("service_rules", default=True)
    filled_in = _filled_in(fields, action or "", credential, assumptions)
    principal = _principal(fields, action or "", said)
    if action is None or resource is None or principal is None:
        return None
    own, trust = (_context(said, keys, unknown) for keys in filled_in)
    return Request(
        principal=principal,
        action=action,
        resource=resource,
        context=own,
        credential=credential if service_rules else None,
        trust_context=None if trust == own else trust,
        resource_account=account,
        assumptions=assumptions,
    )


# -- the context


def _filled_in(
    fields: Fields, action: str, credential: CredentialKind | None, assumptions: Assumptions
) -> tuple[dict[str, ContextValue], dict[str, ContextValue]]:
    """Return the MFA keys that follow from the credential, for the caller's side and the trust policy."""
    code = fields.flag("code", default=False)
    if code and action.lower() != "sts:assumerole":
        fields.complain("code", "expected a `code` only with the action `sts:AssumeRole`")
    if code and credential is None:
        fields.complain("code", "expected a `credential` beside the `code`: without it, `context` says all")
    if credential is None:
        return {}, {}
    if not code:
        keys = mfa_context(credential, assumptions=assumptions)
        return keys, keys
    both = assume_role_keys(
        mfa_state(credential, assumptions), age_seconds=None, with_code=True, assumptions=assumptions
    )
    return both.own_policies, both.trust_policy


def _context(
    said: Said, filled_in: Mapping[str, ContextValue], unknown: Iterable[str]
) -> dict[str, ContextValue]:
    """Return the context of the request: what the case names goes before what the credential fills in."""
    named = {key.lower() for key in said} | {key.lower() for key in unknown}
    context = {key: value for key, value in filled_in.items() if key.lower() not in named}
    context.update({key: value for key, value in said.items() if value is not None})
    return {**context, **dict.fromkeys(unknown, UNKNOWN)}


# -- who asks


def _principal(fields: Fields, action: str, said: Said) -> Principal | None:
    """Return who asks, with what the case tells beyond the ARN."""
    text = fields.text("principal")
    if text is None:
        return None
    principal = _named(text)
    if principal is None:
        fields.complain(
            "principal",
            f"expected the ARN of a principal, a service's name or `anonymous`, found `{short(text)}`",
        )
        return None
    if action.lower() == _WITH_WEB_IDENTITY and principal.kind is PrincipalKind.SERVICE:
        # `cognito-identity.amazonaws.com` looks like a service, and vouches for others here.
        principal = dataclasses.replace(principal, kind=PrincipalKind.IDENTITY_PROVIDER)
    return _with_context(_with_owner(fields, principal), {key.lower(): value for key, value in said.items()})


def _named(text: str) -> Principal | None:
    if "*" in text and text != "*":
        return None
    try:
        return principal_from_arn(text)
    except ValueError:
        # Policies name some providers by their domain: `accounts.google.com`.
        if _DOMAIN.fullmatch(text) is None:
            return None
        return Principal(arn=text, account="", kind=PrincipalKind.IDENTITY_PROVIDER)


def _with_owner(fields: Fields, principal: Principal) -> Principal:
    """Add whose session it is, when the case says so: a session's ARN does not, but for the role's name."""
    if fields.get("session_of") is None:
        return principal
    owner = fields.text("session_of") or ""
    if principal.kind is PrincipalKind.ROLE_SESSION and _is_role_of(owner, principal):
        return dataclasses.replace(principal, role_arn=owner)
    if principal.kind is PrincipalKind.FEDERATED_USER and _is_user_of(owner, principal):
        return dataclasses.replace(principal, user_arn=owner)
    expected = {
        PrincipalKind.ROLE_SESSION: "the ARN of the session's role",
        PrincipalKind.FEDERATED_USER: "the ARN of a user of the same account",
    }.get(principal.kind, "`session_of` only where `principal` is a session")
    fields.complain("session_of", f"expected {expected}, found `{short(owner)}`")
    return principal


def _is_role_of(arn: str, session: Principal) -> bool:
    head, _, name = (session.role_arn or "").rpartition("/")
    head = head.partition("/")[0]
    return arn.startswith(f"{head}/") and arn.rpartition("/")[2] == name


def _is_user_of(arn: str, session: Principal) -> bool:
    named = _named(arn)
    return named is not None and named.kind is PrincipalKind.USER and named.account == session.account


def _with_context(principal: Principal, said: Said) -> Principal:
    """Add what the context tells of the principal: the role's ARN with its path, and the unique ID.

    Source: IAM User Guide, reference_policies_condition-keys (`aws:PrincipalArn` of a session is the role's
    ARN) and reference_policies_variables (`aws:userid`).
    """
    role, user_id = said.get("aws:principalarn"), said.get("aws:userid")
    if (
        principal.kind is PrincipalKind.ROLE_SESSION
        and isinstance(role, str)
        and _is_role_of(role, principal)
    ):
        principal = dataclasses.replace(principal, role_arn=role)
    found = _UNIQUE_ID.fullmatch(user_id) if isinstance(user_id, str) else None
    return principal if found is None else dataclasses.replace(principal, unique_id=found[1])
