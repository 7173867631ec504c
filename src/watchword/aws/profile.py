"""A profile of the user's AWS files that holds an access key, and the calls made with it."""

from __future__ import annotations

import configparser
import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import botocore.session
from botocore import exceptions

from watchword.aws.answers import (
    Identity,
    ProfileSettings,
    SessionToken,
    credentials_of,
)
from watchword.aws.call import server_time
from watchword.aws.caller import ONCE, TWICE, KeyPair, Signing, caller_identity, signed_call
from watchword.aws.dead_sandbox import if_files_are_gone
from watchword.aws.endpoints import configured_endpoint, endpoint_variables
from watchword.aws.errors import ProfileNotFound
from watchword.aws.inherited import forget_settings_of_a_session
from watchword.aws.long_term_key import long_term_key
from watchword.fastpath.session_file import Credentials

_NAMED_BY = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "WATCHWORD_PROFILE")
_SEE = "docs/rooms/aws.md"
_FEW = 6
_FILES = "docs/getting-in/files.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsProfile:
    """A profile with a long-term access key. Its secret is used, and never shown.

    `region` is None when nothing names one; `endpoint_url` is the configured STS
    endpoint, None for AWS's own.
    `mfa_process` is a command that prints a code, a setting of aws-vault's that watchword reads too.
    `variables` are the endpoint settings of the profile as environment variables, for programs that
    will no longer read the profile. Every call raises `Refusal`, `Unreachable` or
    `UnusableSettings`.
    """

    name: str
    region: str | None
    access_key_id: str
    mfa_serial: str | None
    endpoint_url: str | None
    variables: Mapping[str, str]
    mfa_process: str | None
    _secret_access_key: str = field(repr=False)
    _session: botocore.session.Session = field(repr=False, compare=False)
    _signer: Credentials | None = field(default=None, repr=False)

    @property
    def settings(self) -> ProfileSettings:
        """Return what the profile says about how to call AWS."""
        return ProfileSettings(
            name=self.name, region=self.region, endpoint_url=self.endpoint_url, variables=self.variables
        )

    def signed_with(self, credentials: Credentials) -> AwsProfile:
        """Return the same profile, whose calls are signed with a session instead of the key."""
        return replace(self, _signer=credentials)

    def caller_identity(self) -> Identity:
        """Return who the key (or the session) belongs to. No policy can forbid this call."""
        return caller_identity(self)

    def get_session_token(
        self, *, serial_number: str, token_code: str, duration_seconds: int
    ) -> SessionToken:
        """Mint a session. Sent once, whatever happens: a code serves once.

        Source: GetSessionToken, AWS STS API Reference (900 to 129 600 seconds; root 3 600).
        """
        answer = self.call(
            "sts",
            "GetSessionToken",
            _attempts=ONCE,
            SerialNumber=serial_number,
            TokenCode=token_code,
            DurationSeconds=duration_seconds,
        )
        return SessionToken(
            credentials=credentials_of(answer["Credentials"]), server_time=server_time(answer)
        )

    def call(self, service: str, operation: str, *, _attempts: int = TWICE, **params: Any) -> dict[str, Any]:  # noqa: ANN401 AWS's own shapes
        """Call any operation by AWS's names, such as `call("iam", "ListVirtualMFADevices")`."""
        signing = self.signing
        return signed_call(
            signing.session,
            signing.signer,
            service,
            operation,
            region=signing.region,
            attempts=_attempts,
            params=params,
        )

    @property
    def signing(self) -> Signing:
        """Return what signs, for clients that are kept."""
        signer = self._signer
        pair = KeyPair(
            access_key_id=signer.access_key_id if signer else self.access_key_id,
            secret_access_key=signer.secret_access_key if signer else self._secret_access_key,
            session_token=signer.session_token if signer else None,
        )
        return Signing(session=self._session, signer=pair, region=self.region)


def profile_in_use(name: str | None) -> str:
    """Return the profile that is meant: `name`, or the one the environment names, or `default`.

    WATCHWORD_PROFILE is what `watchword env` and `exec` leave in the place of AWS_PROFILE.
    """
    return name or profile_named_by_environment() or "default"


def profile_named_by_environment() -> str | None:
    """Return the profile that the environment names; None when it names none."""
    return next((os.environ[variable] for variable in _NAMED_BY if os.environ.get(variable)), None)


def read_profile(name: str) -> tuple[botocore.session.Session, Mapping[str, Any]]:
    """Return the SDK's session for a profile, and what the AWS files say of it.

    Credentials in environment variables are not used, and what an earlier session brought into this
    environment (its region, its endpoints) is taken out of it. Raises `ProfileNotFound` when there is no such
    profile or the files cannot be read.
    """
    forget_settings_of_a_session(os.environ)
    session = botocore.session.Session(profile=name)
    try:
        return session, session.get_scoped_config()
    except exceptions.ProfileNotFound:
        raise _not_found(name, session.available_profiles) from None
    except exceptions.ConfigParseError as error:
        raise _unreadable(error) from None


def settings_of(session: botocore.session.Session) -> ProfileSettings:
    """Return what the profile of the SDK's session says about how to call AWS."""
    return ProfileSettings(
        name=session.get_config_variable("profile"),
        region=session.get_config_variable("region") or None,
        endpoint_url=configured_endpoint(session, "sts"),
        variables=endpoint_variables(session),
    )


def profile_with_key(session: botocore.session.Session, settings: Mapping[str, Any]) -> AwsProfile:
    """Return the profile whose key is in `settings`; raise `NotALongTermKey`."""
    about = settings_of(session)
    key = long_term_key(about.name, settings)
    return AwsProfile(
        name=about.name,
        region=about.region,
        access_key_id=key.access_key_id,
        mfa_serial=settings.get("mfa_serial"),
        mfa_process=settings.get("mfa_process"),
        endpoint_url=about.endpoint_url,
        variables=about.variables,
        _secret_access_key=key.secret_access_key,
        _session=session,
    )


def _unreadable(error: exceptions.ConfigParseError) -> ProfileNotFound:
    """Return the error for a file that the SDK cannot read: which line, and never what stands there."""
    cause = error.kwargs.get("error")
    line = getattr(cause, "lineno", None)
    if isinstance(cause, configparser.ParsingError) and not line and cause.errors:
        line = cause.errors[0][0]
    where = f"{error.kwargs.get('path')}{f':{line}' if line else ''}"
    hint = "put the line right, or a `#` before it" if line else "`watchword profile list` says where"
    return ProfileNotFound(f"cannot understand `{where}`: no AWS program can", hint=hint, see=_FILES)


def _not_found(wanted: str, existing: list[str]) -> ProfileNotFound:
    names = ", ".join(f"`{name}`" for name in existing)
    choose = f"there is {names}; name one: `--profile NAME`, or AWS_PROFILE for the whole shell"
    if len(existing) > _FEW:
        near = difflib.get_close_matches(wanted, existing, n=1)
        choose = (
            f"{f'is it `{near[0]}`? ' if near else ''}`watchword profile list` shows those that there are"
        )
    make = if_files_are_gone(os.environ) or "`aws configure` makes one from an access key"
    return ProfileNotFound(
        f"there is no profile `{wanted}` in the AWS files",
        hint=choose if names else make,
        see=_SEE,
    )
