"""Whether a role's trust policy lets a service have a session of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from watchword.iam import (
    UNKNOWN,
    ContextValue,
    Outcome,
    PolicySet,
    Principal,
    PrincipalKind,
    Request,
    evaluate,
    principal_context,
)
from watchword.iam.keys_read import keys_read

if TYPE_CHECKING:
    from watchword.account.model import Account, AccountPrincipal

_BY_TOKEN: Final = frozenset({"cognito-identity.amazonaws.com"})
"""Services that are identity providers: they hand out tokens, and the trust policy names them as such."""


@dataclass(slots=True)
class ServiceTrust:
    """Answers are kept by the text of the trust policy."""

    _known: dict[tuple[str, str, str], bool | str] = field(default_factory=dict)

    def of(self, account: Account, role: AccountPrincipal, services: Sequence[str]) -> bool | str:
        """Return whether one of the services is trusted; a text when that hangs on what is not known."""
        found: bool | str = False
        for service in services:
            answer = self._of(account, role, service)
            if answer is True:
                return True
            found = answer or found
        return found

    def _of(self, account: Account, role: AccountPrincipal, service: str) -> bool | str:
        text = getattr(role.entry, "trust", "")
        if service.partition(".")[0] not in text and "*" not in text:
            return False  # almost every role: nothing needs to be read
        key = (account.id, text, service)
        if key not in self._known:
            self._known[key] = _asked(account, role, service)
        return self._known[key]


def _asked(account: Account, role: AccountPrincipal, service: str) -> bool | str:
    trust = account.attached(role.arn).trust
    if trust is None:
        return f"the trust policy of `{role.name}` cannot be read"
    open_to: str | bool = False
    for name in (service, f"{service}.cn") if account.partition == "aws-cn" else (service,):
        by_token = name in _BY_TOKEN
        decision = evaluate(
            Request(
                principal=_principal(name, by_token=by_token),
                action="sts:AssumeRoleWithWebIdentity" if by_token else "sts:AssumeRole",
                resource=role.arn,
                context=_context(account, name, by_token=by_token, reads=keys_read(trust.compiled.policy)),
            ),
            PolicySet(trust=trust.compiled),
        )
        if decision.outcome is Outcome.ALLOWED:
            return True
        if decision.outcome is Outcome.UNDETERMINED:
            keys = ", ".join(f"`{each}`" for each in decision.missing)
            open_to = f"whether `{role.name}` trusts `{name}` hangs on {keys}"
    return open_to


def _principal(name: str, *, by_token: bool) -> Principal:
    kind = PrincipalKind.IDENTITY_PROVIDER if by_token else PrincipalKind.SERVICE
    return Principal(arn=name, account="", kind=kind)


def _context(account: Account, name: str, *, by_token: bool, reads: Sequence[str]) -> dict[str, ContextValue]:
    """A service calls for a resource of the account; which one it is, nobody knows yet.

    Source: IAM User Guide, confused-deputy: `aws:SourceAccount` is the account of that resource.
    """
    context: dict[str, ContextValue] = dict.fromkeys(reads, UNKNOWN)
    context.update(principal_context(_principal(name, by_token=by_token)))
    if not by_token:
        context = {key: value for key, value in context.items() if key.lower() != "aws:sourceaccount"}
        context["aws:SourceAccount"] = account.id
    return context
