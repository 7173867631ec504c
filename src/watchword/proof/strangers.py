"""An AWS account of the attacker's own: who a role lets in whose trust policy the attacker has written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from watchword.account.model import AccountPrincipal
from watchword.iam import (
    UNKNOWN,
    Assumptions,
    ContextValue,
    CredentialKind,
    MfaState,
    PolicySet,
    Principal,
    PrincipalKind,
    principal_context,
)
from watchword.proof.changes import ANYTHING
from watchword.proof.settle.subject import Subject
from watchword.proof.states import Exists, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watchword.account.accounts import Accounts
    from watchword.account.model import Account

_DIGITS: Final = 12
_STATE: Final = State(
    mfa=MfaState.ABSENT,
    credential=CredentialKind.ACCESS_KEY,
    exists=Exists.YES,
    why="anybody can have an AWS account of their own",
    name="access key",
)
_ORGANIZATION: Final = "o-attackersown"
_NO_ORGANIZATION: Final[dict[str, ContextValue]] = dict.fromkeys(
    ("aws:PrincipalOrgID", "aws:PrincipalOrgMasterAccount", "aws:PrincipalOrgPaths"), ()
)


def strangers(accounts: Accounts, assumptions: Assumptions) -> Iterator[tuple[Subject, AccountPrincipal]]:
    """Give a user of an account that is none of these, who may do everything there.

    Once in no organization, and once in one of the attacker's own: policies may tell them apart.
    """
    number = next(each for each in map(_repeated, range(10)) if each not in accounts.by_id)
    partition = next((each.partition for each in accounts), "aws")
    arn = f"arn:{partition}:iam::{number}:user/attacker"
    user = AccountPrincipal(
        arn=arn,
        account=number,
        kind=PrincipalKind.USER,
        name="attacker",
        path="/",
        unique_id=None,
        tags={},
        entry=None,
    )
    principal = Principal(arn=arn, account=number, kind=PrincipalKind.USER)
    organization: dict[str, ContextValue] = {
        "aws:PrincipalOrgID": _ORGANIZATION,
        "aws:PrincipalOrgMasterAccount": number,
        "aws:PrincipalOrgPaths": (f"{_ORGANIZATION}/r-root/",),
    }
    for keys in (_NO_ORGANIZATION, organization):
        yield (
            Subject(
                principal=principal,
                arn=arn,
                state=_STATE,
                policies=PolicySet(identity=(ANYTHING,)),
                known={**principal_context(principal), **keys},
                assumptions=assumptions,
            ),
            user,
        )


def keys_of_role(account: Account) -> tuple[tuple[str, ContextValue], ...]:
    """Return the keys that say whose a role is, for callers of other accounts."""
    organization = account.snapshot.organization
    found: ContextValue = UNKNOWN
    if organization is not None:
        found = organization.id or ()
    return ("aws:ResourceAccount", account.id), ("aws:ResourceOrgID", found)


def _repeated(digit: int) -> str:
    return str(digit) * _DIGITS
