"""What a proof takes to be true without having seen it: it stands in the result."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from watchword.account.accounts import Accounts
from watchword.iam import Assumptions, MfaState, Unknown
from watchword.proof.result import Assumption

_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_STS: Final = "https://docs.aws.amazon.com/STS/latest/APIReference/"

_WHY: Final = {
    "console_with_mfa": (
        "inferred: no page of AWS says it of the console",
        "reference_policies_condition-keys.html",
    ),
    "role_session_from_mfa_session": (
        "AWS's page says that a role session holds no MFA information; authors of tools report `true`",
        "id_credentials_mfa_configure-api-require.html",
    ),
    "role_session_from_role_session": (
        "follows from the others",
        "id_credentials_mfa_configure-api-require.html",
    ),
    "role_session_from_identity_provider": (
        "observed of SAML, OIDC and Identity Center: the provider's own sign-in decides who gets in",
        "reference_policies_condition-keys.html",
    ),
    "own_policy_at_assume_role_with_code": (
        "one call has one context; AWS's pages speak of the trust policy only",
        "id_credentials_mfa_configure-api-require.html",
    ),
    "session_with_mfa_is_limited": (
        "the API reference says so, the User Guide implies that MFA lifts it",
        f"{_STS}API_GetSessionToken.html",
    ),
    "session_passes_roles": (
        "AWS keeps such sessions from the API of IAM, and `iam:PassRole` is no call of it: no page says more",
        "id_roles_use_passrole.html",
    ),
}
"""The fields of `Assumptions` that a proof looks at: why each is one, and the page that it rests on."""


def assumptions_made(accounts: Accounts, assumptions: Assumptions) -> tuple[Assumption, ...]:
    """Return what was assumed of AWS, and of each account."""
    of_aws = [
        Assumption(
            name=each.name,
            value=_word(getattr(assumptions, each.name)),
            why=_WHY[each.name][0],
            source=_page(_WHY[each.name][1]),
        )
        for each in fields(Assumptions)
        if each.name in _WHY
    ]
    of_accounts = [
        Assumption(name=each.name, value=each.value, why=each.why)
        for account in accounts
        for each in account.assumptions
    ]
    return (*of_aws, *dict.fromkeys(of_accounts))


def _page(name: str) -> str:
    return name if name.startswith("https:") else f"{_GUIDE}{name}"


def _word(value: MfaState | bool | Unknown) -> str:
    match value:
        case MfaState():
            return value.value
        case bool():
            return str(value).lower()
        case _:
            return "unknown"
