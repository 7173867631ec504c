"""Credentials as they are found, for somebody who asks for just that: nobody is asked for a code."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace

import botocore.session

from watchword.aws.caller import Caller, Signed, call_as
from watchword.aws.chain import Chain, read_chain
from watchword.aws.endpoints import configured_endpoint
from watchword.aws.errors import ProfileNotFound, UnusableSource
from watchword.aws.profile import AwsProfile, profile_named_by_environment, settings_of
from watchword.aws.source import NOBODY_SAYS, MfaKnowledge, OtherSource
from watchword.aws.source_credentials import as_they_are
from watchword.fastpath.session_file import Credentials

_SEE = "docs/getting-in/sources.md"
# Source: "Standardized credential providers", AWS SDKs and Tools Reference Guide: these go before a profile.
_IN_ENVIRONMENT = ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE")
_NAME = "environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class AsItIs:
    """Somebody who signs with what was found. `chain` says whence; `what` says it in words."""

    chain: Chain
    what: str
    signed: Signed = field(repr=False)


def as_it_is(profile: str | None) -> AsItIs:
    """Return who signs with what a profile holds, or, when none is named, with what the SDK finds.

    In the environment (a key, a session, a web identity) the SDK looks before the profile `default`, and for
    the role of a container or an instance after it. Raises `ProfileNotFound` when there is nothing,
    `UnusableSource` where a role would have to be assumed, and what `OtherSource.credentials` raises.
    """
    named = profile or profile_named_by_environment()
    if named is None and any(os.environ.get(name) for name in _IN_ENVIRONMENT):
        return _found_by_sdk()
    try:
        return _of_profile(read_chain(named))
    except ProfileNotFound:
        if named is not None:
            raise
        found = botocore.session.Session().get_credentials()
        if found is None:
            raise
        return _found_by_sdk()


def _of_profile(chain: Chain) -> AsItIs:
    if chain.hops:
        raise UnusableSource(
            f"profile `{chain.settings.name}` assumes a role, which is more than taking what is there",
            hint="leave out `--key-alone`, or name the profile that it begins with",
            see=_SEE,
        )
    if isinstance(chain.source, AwsProfile):
        return AsItIs(chain=chain, what="an access key", signed=chain.source)
    signed = call_as(chain.settings, chain.source.credentials())
    return AsItIs(chain=chain, what=chain.source.what, signed=signed)


def _found_by_sdk() -> AsItIs:
    session = botocore.session.Session()
    signer = as_they_are(
        "the environment",
        "sts:AssumeRoleWithWebIdentity",
        configured_endpoint(session, "sts") or "AWS STS",
        session.get_credentials,
    )
    settings = replace(settings_of(session), name=_NAME)
    what = "what the environment holds"
    source = OtherSource(
        name=_NAME,
        what=what,
        cache_name=f"{_NAME} {signer.access_key_id}",
        access_key_id=signer.access_key_id,
        mfa=MfaKnowledge.UNKNOWN,
        mfa_says="the credentials in the environment do not say whether a code was given for them",
        _load=lambda: Credentials(
            access_key_id=signer.access_key_id,
            secret_access_key=signer.secret_access_key,
            session_token=signer.session_token or "",
            expires_at=NOBODY_SAYS,
        ),
    )
    return AsItIs(
        chain=Chain(settings=settings, source=source),
        what=what,
        signed=Caller(settings=settings, _signer=signer, _session=session),
    )
