"""IAM Identity Center as the beginning of a chain of roles: `sso_session`, or the older `sso_start_url`.

The sign-in is the AWS CLI's (`aws sso login`), and so are its tokens in `~/.aws/sso/cache`; here they are
used, and renewed where they can be. No browser is ever opened.
Source: "IAM Identity Center credential provider", AWS SDKs and Tools Reference Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore import exceptions

from watchword.aws.endpoints import configured_endpoint
from watchword.aws.errors import SEE_SOURCES, SignInElsewhere
from watchword.aws.source_credentials import OtherSource, provider, sdk_session, short_lived
from watchword.aws.source_mfa import MfaKnowledge, mfa_of_identity_provider
from watchword.aws.spelling import as_option
from watchword.fastpath.session_file import Credentials

_ROLE = ("sso_account_id", "sso_role_name")
_SAYS: Mapping[MfaKnowledge, str] = {
    MfaKnowledge.NO: "sessions of Identity Center carry `aws:MultiFactorAuthPresent` false,"
    " even if its sign-in asked for MFA (observed; AWS does not say)",
    MfaKnowledge.YES: "sessions of Identity Center carry `aws:MultiFactorAuthPresent` true",
    MfaKnowledge.UNKNOWN: "nobody has said whether sessions of Identity Center carry MFA",
}


def names_identity_center(settings: Mapping[str, Any]) -> bool:
    """Return whether a profile gets a role from Identity Center (with either of the two, the SDK says so)."""
    return any(name in settings for name in _ROLE)


def identity_center(name: str, settings: Mapping[str, Any]) -> OtherSource:
    """Return the source that profile `name` is, whose settings are `settings`."""
    where = settings.get("sso_session") or settings.get("sso_start_url")
    mfa = mfa_of_identity_provider()
    return OtherSource(
        name=name,
        what="IAM Identity Center",
        cache_name=" ".join(["identity-center", str(where), *(str(settings.get(key)) for key in _ROLE)]),
        mfa=mfa,
        mfa_says=_SAYS[mfa],
        _load=lambda: _credentials(name),
    )


def _credentials(name: str) -> Credentials:
    session = sdk_session(name)
    endpoint = configured_endpoint(session, "sso") or "IAM Identity Center"
    return short_lived(
        f"profile `{name}`", "sso:GetRoleCredentials", endpoint, lambda: _signed_in(session, name)
    )


def _signed_in(session: botocore.session.Session, name: str) -> Any:  # noqa: ANN401 the SDK has no types
    try:
        credentials = provider(session, "sso").load()
        if credentials:
            credentials.get_frozen_credentials()
    except (exceptions.SSOError, exceptions.TokenRetrievalError, KeyError, TypeError):
        raise SignInElsewhere(
            f"nobody is signed in to IAM Identity Center for profile `{name}`, or not any more",
            hint=f"`aws sso login {as_option(name)}`",
            see=SEE_SOURCES,
        ) from None
    return credentials
