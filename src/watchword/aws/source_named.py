"""`credential_source`: the environment, an instance or a container as the beginning of a chain of roles.

Source: "Assume role credential provider", AWS SDKs and Tools Reference Guide.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from typing import Any

from botocore.credentials import EnvProvider

from watchword.aws.errors import SEE_SOURCES, UnusableSource
from watchword.aws.source_credentials import OtherSource, provider, sdk_session, short_lived
from watchword.aws.source_mfa import MfaKnowledge, mfa_of
from watchword.aws.spelling import named
from watchword.fastpath.session_file import Credentials

_CONTAINER = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
_MACHINE_SAYS: Mapping[MfaKnowledge, str] = {
    MfaKnowledge.NO: "the role of {} carries `aws:MultiFactorAuthPresent` false: nobody gave it a code",
    MfaKnowledge.YES: "the role of {} carries `aws:MultiFactorAuthPresent` true",
    MfaKnowledge.UNKNOWN: "nobody has said whether the role of {} carries MFA",
}


def credential_source(profile: str, settings: Mapping[str, Any]) -> OtherSource:
    """Return the source that the `credential_source` of `profile` names; raise `UnusableSource`."""
    match str(settings["credential_source"]).lower():
        case "environment":
            return _environment()
        case "ec2instancemetadata":
            return _machine(profile, "instance", "an instance", "iam-role", platform.node())
        case "ecscontainer":
            uri = next((os.environ[name] for name in _CONTAINER if name in os.environ), "")
            return _machine(profile, "container", "a container", "container-role", f"{platform.node()} {uri}")
        case _:
            raise UnusableSource(
                f"profile `{profile}` has a `credential_source` that does not exist:"
                f" `{settings['credential_source']}`",
                hint="Environment, Ec2InstanceMetadata or EcsContainer",
                see=SEE_SOURCES,
            )


def _environment() -> OtherSource:
    return OtherSource(
        name="environment",
        what="the session in the environment",
        cache_name=f"environment {os.environ.get(EnvProvider.ACCESS_KEY, '')}",
        access_key_id=os.environ.get(EnvProvider.ACCESS_KEY),
        mfa=MfaKnowledge.UNKNOWN,
        mfa_says="the session in the environment does not say whether a code was given for it",
        _load=_from_environment,
    )


def _from_environment() -> Credentials:
    provider_ = EnvProvider()
    if not os.environ.get(provider_.ACCESS_KEY):
        raise UnusableSource(
            f"there is no session in the environment ({provider_.ACCESS_KEY})",
            hint=f"`watchword exec {named('USER')} -- …` puts the session of a profile there",
            see=SEE_SOURCES,
        )
    return short_lived("the environment", "credential_source", "the environment", provider_.load)


def _machine(profile: str, name: str, what: str, method: str, which: str) -> OtherSource:
    from watchword.iam import CredentialKind

    mfa = mfa_of(CredentialKind.SERVICE_ROLE)
    return OtherSource(
        name=name,
        what=f"the role of {what}",
        cache_name=f"{name} {which}",
        mfa=mfa,
        mfa_says=_MACHINE_SAYS[mfa].format(what),
        _load=lambda: _from_machine(profile, name, method),
    )


def _from_machine(profile: str, name: str, method: str) -> Credentials:
    return short_lived(
        f"the {name}",
        "credential_source",
        f"the metadata of the {name}",
        lambda: provider(sdk_session(profile), method).load(),
    )
