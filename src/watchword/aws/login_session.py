"""`aws login` (a sign-in to the console, for programs) as the beginning of a chain of roles.

The sign-in is the AWS CLI's, and so are its tokens in `~/.aws/login/cache`; here they are used and
renewed, which needs `awscrt`: each renewal is signed with a key of its own (DPoP, RFC 9449).
Source: "Login credentials provider", AWS SDKs and Tools Reference Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore import exceptions

from watchword.aws.endpoints import configured_endpoint
from watchword.aws.errors import SEE_SOURCES, SignInElsewhere, UnusableSource
from watchword.aws.source_credentials import OtherSource, provider, sdk_session, short_lived
from watchword.aws.source_mfa import MfaKnowledge, mfa_of
from watchword.aws.spelling import as_option
from watchword.fastpath.session_file import Credentials

_ASSUME_ROLE = "sts:AssumeRole"


def login_session(name: str, settings: Mapping[str, Any]) -> OtherSource:
    """Return the source that profile `name` is, whose settings are `settings`."""
    from watchword.iam import CredentialKind

    arn = str(settings["login_session"])
    with_password, with_mfa = mfa_of(CredentialKind.LOGIN), mfa_of(CredentialKind.LOGIN_MFA)
    return OtherSource(
        name=name,
        what="a sign-in of `aws login`",
        cache_name=f"login {arn}",
        mfa=with_password if with_password is with_mfa else MfaKnowledge.UNKNOWN,
        mfa_says="whether credentials of `aws login` carry the MFA of the console sign-in, AWS does not say",
        _load=lambda: _credentials(name, arn),
    )


def _credentials(name: str, arn: str) -> Credentials:
    from watchword.iam import CredentialKind, service_rules

    if arn.endswith(":root") and (rule := service_rules(_ASSUME_ROLE, CredentialKind.LOGIN, root=True)):
        raise UnusableSource(
            f"profile `{name}` signs in as the root user, and AWS refuses: {rule.aws_message.rstrip('.')}",
            hint=f"`aws login {as_option(name)}` as a user who may assume the role",
            see=SEE_SOURCES,
        )
    session = sdk_session(name)
    endpoint = configured_endpoint(session, "signin") or "AWS Sign-In"
    return short_lived(
        f"profile `{name}`", "signin:CreateOAuth2Token", endpoint, lambda: _signed_in(session, name)
    )


def _signed_in(session: botocore.session.Session, name: str) -> Any:  # noqa: ANN401 the SDK has no types
    try:
        credentials = provider(session, "login").load()
        if credentials:
            credentials.get_frozen_credentials()
    except (exceptions.MissingDependencyException, exceptions.UnknownCredentialError):
        raise UnusableSource(
            f"profile `{name}` signs in with `aws login`, and what renews such a session is not installed",
            hint="install watchword with its extra: `pip install '.[login]'` in a clone of it",
            see=SEE_SOURCES,
        ) from None
    except exceptions.LoginInsufficientPermissions:
        raise UnusableSource(
            f"the session of profile `{name}` may not be renewed",
            hint="its user needs the permission `signin:CreateOAuth2Token`",
            see=SEE_SOURCES,
        ) from None
    except (exceptions.LoginError, KeyError, TypeError):
        raise SignInElsewhere(
            f"the sign-in of profile `{name}` is over, or was never made",
            hint=f"`aws login {as_option(name)}`",
            see=SEE_SOURCES,
        ) from None
    except RuntimeError:
        # awscrt cannot read one in 256 of the keys that it writes: those that begin with a zero.
        raise SignInElsewhere(
            f"the sign-in of profile `{name}` cannot be renewed: its key cannot be read",
            hint=f"`aws login {as_option(name)}` makes another",
            see=SEE_SOURCES,
        ) from None
    return credentials
