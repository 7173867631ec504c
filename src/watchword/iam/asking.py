"""A question put together from what somebody knows: what follows is filled in, the rest is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from watchword.iam._arn import account_of
from watchword.iam.change import Question
from watchword.iam.compile import CompiledPolicy
from watchword.iam.context import UNKNOWN, ContextValue
from watchword.iam.credential import (
    DEFAULT_ASSUMPTIONS,
    Assumptions,
    CredentialKind,
    assume_role_keys,
    mfa_state,
)
from watchword.iam.decision import Request
from watchword.iam.keys_read import keys_read
from watchword.iam.policy_set import PolicySet
from watchword.iam.principal import Principal, principal_context
from watchword.iam.signing import KEYS_OF_THE_CREDENTIAL, credential_context

_KEYS_OF_THE_PRINCIPAL: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:principaltype",
        "aws:userid",
        "aws:username",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a request's condition keys.

    `context` holds keys with their values, `UNKNOWN` among them, and `absent` keys that are certainly not
    there. Both go before what follows from the principal and the credential.
    """

    context: Mapping[str, ContextValue] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()


NOTHING_KNOWN: Final = Known()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call: the action, the resource and its owner, and whether it carries a code (AssumeRole only)."""

    action: str
    resource: str
    resource_account: str | None = None
    with_code: bool = False


def ask(
    call: Call,
    principal: Principal,
    signed_with: CredentialKind | None,
    policies: PolicySet,
    *,
    known: Known = NOTHING_KNOWN,
    assumptions: Assumptions = DEFAULT_ASSUMPTIONS,
    service_rules: bool = True,
) -> Question:
    """Return the question whether a call goes through.

    The keys that follow from the principal and from the kind of credential are filled in; every other key
    that the policies read and that `known` does not settle is `UNKNOWN`, so that the answer is
    undetermined where it hangs on one. `signed_with` is None for a caller without a credential.

    Raises ValueError when the action has no colon.
    """
    context = _context(principal, signed_with, policies, known, assumptions)
    trust = None
    if call.with_code and signed_with is not None:
        keys = assume_role_keys(
            mfa_state(signed_with, assumptions), age_seconds=None, with_code=True, assumptions=assumptions
        )
        context, trust = ({**context, **side} for side in (keys.own_policies, keys.trust_policy))
    request = Request(
        principal=principal,
        action=call.action,
        resource=call.resource,
        context=context,
        credential=signed_with if service_rules else None,
        trust_context=trust,
        resource_account=call.resource_account,
        assumptions=assumptions,
    )
    return Question(request=request, policies=policies, signed_with=signed_with)


def all_keys_read(policies: PolicySet) -> tuple[str, ...]:
    """Return the condition keys that any of the policies reads, each once, as it is first written."""
    found: dict[str, str] = {}
    for each in every_policy(policies):
        for key in keys_read(each.policy):
            found.setdefault(key.lower(), key)
    return tuple(found.values())


def every_policy(policies: PolicySet) -> Iterator[CompiledPolicy]:
    """Yield every policy of a set, whatever its layer."""
    yield from policies.identity
    yield from policies.session or ()
    yield from policies.endpoint or ()
    for level in (*policies.service_control, *policies.resource_control):
        yield from level
    for single in (policies.permissions_boundary, policies.trust, policies.resource):
        if single is not None:
            yield single


def accounts_named(policies: PolicySet) -> tuple[str, ...]:
    """Return the accounts that the resources of the identity policies name, each once, in order."""
    return accounts_in(
        resource.text
        for policy in policies.identity
        for statement in policy.policy.statements
        for resource in statement.resources or ()
    )


def accounts_in(resources: Iterable[str]) -> tuple[str, ...]:
    """Return the accounts in ARNs, each once, in order; those that are patterns are left out."""
    accounts = map(account_of, resources)
    return tuple(dict.fromkeys(account for account in accounts if account and account.isdigit()))


def _context(
    principal: Principal,
    signed_with: CredentialKind | None,
    policies: PolicySet,
    known: Known,
    assumptions: Assumptions,
) -> dict[str, ContextValue]:
    follows = dict(principal_context(principal))
    settled = set(_KEYS_OF_THE_PRINCIPAL)
    if signed_with is not None:
        follows |= credential_context(signed_with, assumptions=assumptions)
        settled |= KEYS_OF_THE_CREDENTIAL
    context: dict[str, ContextValue] = {
        key: UNKNOWN for key in all_keys_read(policies) if key.lower() not in settled
    }
    said = {key.lower() for key in known.context} | {key.lower() for key in known.absent}
    taken = said | {key.lower() for key in follows}
    context = {key: value for key, value in context.items() if key.lower() not in taken}
    context |= {key: value for key, value in follows.items() if key.lower() not in said}
    return {**context, **known.context}
