"""A source of roles as a value, and the SDK's credentials as ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import botocore.session
from botocore import exceptions

from watchword.aws.call import config, perform
from watchword.aws.caller import KeyPair
from watchword.aws.errors import SEE_SOURCES, SignInElsewhere, UnusableSource
from watchword.aws.source_mfa import MfaKnowledge
from watchword.fastpath.session_file import Credentials

NOBODY_SAYS: Final = datetime.max.replace(tzinfo=UTC)
"""The `expires_at` of credentials of which nobody says when they end."""

_TWICE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSource:
    """Short-lived credentials that somebody else looks after; a chain of roles can begin with them.

    `name` is a profile, or `environment`, `instance`, `container`; `what` says in words what it is.
    `cache_name` is what makes two sources the same (start URL, account and role, …) and never secret.
    `mfa_says` is a sentence on what is known of their MFA: lower case, no full stop. `access_key_id` is that
    of a session which is known without asking anybody for it. `asks_for_mfa`: the profile says `mfa_serial`.
    """

    name: str
    what: str
    cache_name: str
    mfa: MfaKnowledge
    mfa_says: str
    access_key_id: str | None = None
    asks_for_mfa: bool = False
    _load: Callable[[], Credentials] = field(repr=False, compare=False)

    def credentials(self) -> Credentials:
        """Return credentials that are live by this machine's clock.

        Where nobody says when they end, `expires_at` is `NOBODY_SAYS`.
        Raises `SignInElsewhere` when somebody must sign in first (its hint is the command to type),
        `UnusableSource`, `Refusal`, `Unreachable`, `UnusableSettings`.
        """
        return self._load()


def sdk_session(profile: str) -> botocore.session.Session:
    """Return a session of the SDK in which every call is short."""
    session = botocore.session.Session(profile=profile)
    session.set_default_client_config(config(attempts=_TWICE))
    return session


def provider(session: botocore.session.Session, method: str) -> Any:  # noqa: ANN401 the SDK has no types
    """Return the SDK's own provider of one kind of credentials, such as `sso`."""
    return session.get_component("credential_provider").get_provider(method)


def short_lived(whose: str, operation: str, endpoint: str, load: Callable[[], Any]) -> Credentials:
    """Return what `load` gives, a value of the SDK, as credentials.

    `whose` begins sentences, such as "profile `x`"; `operation` and `endpoint` are what is called for them.
    Raises what `OtherSource.credentials` does.
    """
    found = perform(operation, endpoint, lambda: _frozen(whose, load))
    if not found["token"]:
        raise UnusableSource(
            f"{whose} gives a long-term key, and no role is assumed with a key alone",
            hint="put the key into a profile (`aws configure`) and name that as the `source_profile`:"
            " then a code is asked",
            see=SEE_SOURCES,
        )
    return Credentials(
        access_key_id=found["access_key"],
        secret_access_key=found["secret_key"],
        session_token=found["token"],
        expires_at=found["expires_at"],
    )


def as_they_are(whose: str, operation: str, endpoint: str, load: Callable[[], Any]) -> KeyPair:
    """Return what `load` gives, a value of the SDK, to sign with: short-lived, or a key alone.

    Raises as `short_lived`, but for a key alone.
    """
    found = perform(operation, endpoint, lambda: _frozen(whose, load))
    return KeyPair(
        access_key_id=found["access_key"],
        secret_access_key=found["secret_key"],
        session_token=found["token"],
    )


def _frozen(whose: str, load: Callable[[], Any]) -> dict[str, Any]:
    try:
        credentials = load()
        if credentials is None:
            raise UnusableSource(f"{whose} gives no credentials", see=SEE_SOURCES)
        frozen = credentials.get_frozen_credentials()
    except (
        exceptions.InvalidConfigError,
        exceptions.PartialCredentialsError,
        exceptions.NoRegionError,
    ) as error:
        raise UnusableSource(f"{whose} cannot be used: {str(error).rstrip('.')}", see=SEE_SOURCES) from None
    except RuntimeError:
        # The SDK's word for credentials that are over and that nobody renews.
        raise SignInElsewhere(
            f"the session of {whose} is over", hint="renew it where it was made", see=SEE_SOURCES
        ) from None
    ends = getattr(credentials, "_expiry_time", None)
    return {**frozen._asdict(), "expires_at": ends.astimezone(UTC) if ends else NOBODY_SAYS}
