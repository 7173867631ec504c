"""A role assumed with a web identity (`web_identity_token_file`) as the beginning of a chain of roles.

Source: "Assume role credential provider", AWS SDKs and Tools Reference Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import botocore.session

from watchword.aws.endpoints import configured_endpoint
from watchword.aws.errors import SEE_SOURCES, UnusableSource
from watchword.aws.source_credentials import OtherSource, provider, sdk_session, short_lived
from watchword.aws.source_mfa import MfaKnowledge, mfa_of_identity_provider
from watchword.fastpath.session_file import Credentials

_SAYS: Mapping[MfaKnowledge, str] = {
    MfaKnowledge.NO: "roles assumed with a web identity carry `aws:MultiFactorAuthPresent` false (observed;"
    " AWS does not say)",
    MfaKnowledge.YES: "roles assumed with a web identity carry `aws:MultiFactorAuthPresent` true",
    MfaKnowledge.UNKNOWN: "nobody has said whether roles assumed with a web identity carry MFA",
}


def web_identity(name: str, settings: Mapping[str, Any]) -> OtherSource:
    """Return the source that profile `name` is, whose settings are `settings`."""
    keys = ("role_arn", "role_session_name", "web_identity_token_file")
    mfa = mfa_of_identity_provider()
    return OtherSource(
        name=name,
        what="a web identity",
        cache_name=" ".join(["web-identity", *(str(settings.get(key)) for key in keys)]),
        mfa=mfa,
        mfa_says=_SAYS[mfa],
        _load=lambda: _credentials(name),
    )


def _credentials(name: str) -> Credentials:
    session = sdk_session(name)
    return short_lived(
        f"profile `{name}`",
        "sts:AssumeRoleWithWebIdentity",
        configured_endpoint(session, "sts") or "AWS STS",
        lambda: _assumed(session, name),
    )


def _assumed(session: botocore.session.Session, name: str) -> Any:  # noqa: ANN401 the SDK has no types
    credentials = provider(session, "assume-role-with-web-identity").load()
    try:
        credentials.get_frozen_credentials()
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise UnusableSource(
            f"the web identity token of profile `{name}` cannot be read: {error.strerror}",
            hint="check `web_identity_token_file`",
            see=SEE_SOURCES,
        ) from None
    return credentials
