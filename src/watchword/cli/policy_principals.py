"""Who signs a request that is asked about: the principal that was named, or one that stands for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from watchword.errors import UsageError
from watchword.iam import CredentialKind, PolicySet, Principal, principal_from_arn
from watchword.iam.asking import accounts_in, accounts_named
from watchword.iam.signing import kinds_of, signer, usual_kind

_SEE: Final = "docs/policy/index.md"

EXAMPLE_ACCOUNT: Final = "123456789012"
EXAMPLE_USER: Final = f"arn:aws:iam::{EXAMPLE_ACCOUNT}:user/alice"
_ROOT: Final = f"arn:aws:iam::{EXAMPLE_ACCOUNT}:root"
_ROLE: Final = f"arn:aws:iam::{EXAMPLE_ACCOUNT}:role/example"
_SERVICE: Final = "s3.amazonaws.com"
_EXAMPLES: Final = {
    CredentialKind.ROOT_KEY: _ROOT,
    CredentialKind.ROLE_SESSION: _ROLE,
    CredentialKind.SERVICE_ROLE: _ROLE,
    CredentialKind.SERVICE_LINKED_ROLE: _ROLE,
    CredentialKind.SERVICE: _SERVICE,
}


def examples(policies: PolicySet, resources: Sequence[str]) -> list[Principal]:
    """Return one principal of each kind, the user first: of the account that it is about."""
    arns = (EXAMPLE_USER, _ROLE, _ROOT, _SERVICE)
    return [principal_from_arn(_in_account(arn, policies, resources)) for arn in arns]


def _in_account(arn: str, policies: PolicySet, resources: Sequence[str]) -> str:
    """The one account whose resources the identity policies name, or that are asked about.

    Else AWS's own example account.
    """
    for accounts in (accounts_named(policies), accounts_in(resources)):
        if len(accounts) == 1:
            return arn.replace(EXAMPLE_ACCOUNT, accounts[0])
    return arn


def read_principal(arn: str) -> Principal:
    """Return the principal of an ARN, a service's name or `anonymous`; raise `UsageError` for others."""
    try:
        return principal_from_arn(arn)
    except ValueError:
        raise UsageError(
            f"`{arn}` is not the ARN of a principal",
            hint=f"a user's looks like {EXAMPLE_USER}; `anonymous` is nobody",
            see=_SEE,
        ) from None


def who_signs(
    arn: str | None, credential: CredentialKind | None, policies: PolicySet, resource: str
) -> tuple[Principal, CredentialKind | None, list[str]]:
    """Return who signs with what, and what was taken to be so where it was not said.

    Raises `UsageError` when the principal cannot have such a credential.
    """
    named = read_principal(arn or _example_for(credential, policies, resource))
    notes = [] if arn else [f"no principal was named: {named.arn} stands for it"]
    kind = credential or usual_kind(named)
    if kind is None:
        return named, None, notes
    who = signer(named, kind)
    if who is None:
        kinds = ", ".join(kinds_of(named)) or "none"
        raise UsageError(
            f"`{named.arn}` cannot sign with `{kind}`", hint=f"what it can sign with: {kinds}", see=_SEE
        )
    if who.arn != named.arn:
        notes.append(f"{named.arn} signs as {who.arn}")
    return who, kind, notes


def _example_for(credential: CredentialKind | None, policies: PolicySet, resource: str) -> str:
    """The principal that stands for one nobody named: a user, where a user can sign with it."""
    arn = EXAMPLE_USER if credential is None else _EXAMPLES.get(credential, EXAMPLE_USER)
    return _in_account(arn, policies, [resource])
