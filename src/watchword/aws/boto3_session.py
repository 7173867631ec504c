"""A real boto3 Session whose credentials are renewed by somebody else."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

import botocore.session
from botocore.credentials import CredentialProvider, CredentialResolver, DeferredRefreshableCredentials

from watchword import __version__
from watchword.aws.answers import ProfileSettings
from watchword.fastpath.session_file import Credentials, written

if TYPE_CHECKING:
    import boto3

Boto3Session: TypeAlias = "boto3.Session"
METHOD: Final = "watchword"


def renewing_session(
    settings: ProfileSettings,
    renew: Callable[[], Credentials],
    *,
    region_name: str | None,
    renewed_when_left_seconds: int,
) -> Boto3Session:
    """Return a session with the region and endpoints of a profile, and credentials that `renew` gives.

    `renew` is called when the first client is made, and whenever less than `renewed_when_left_seconds` of
    what it gave is left, by one thread at a time; what it raises is raised by the call that needed it.
    `region_name` goes before the profile's region.
    """
    import boto3

    core = botocore.session.Session(profile=settings.name)
    core.user_agent_extra = f"watchword/{__version__}"
    provider = _Renewed(renew, renewed_when_left_seconds)
    core.register_component("credential_provider", CredentialResolver([provider]))
    return boto3.Session(botocore_session=core, region_name=region_name or settings.region)


class _Renewed(CredentialProvider):
    """The only place where the session looks for credentials: not the environment, not the AWS files."""

    METHOD = METHOD
    CANONICAL_NAME = METHOD

    def __init__(self, renew: Callable[[], Credentials], left_seconds: int) -> None:
        super().__init__()
        self._renewing = _Renewing(renew, left_seconds)

    def load(self) -> DeferredRefreshableCredentials:
        self._renewing.get_frozen_credentials()
        return self._renewing


class _Renewing(DeferredRefreshableCredentials):
    """Credentials that are renewed before they end: only then, for a person may be asked for it.

    botocore would begin a quarter of an hour before, which is the whole life of the shortest sessions.
    """

    def __init__(self, renew: Callable[[], Credentials], left_seconds: int) -> None:
        super().__init__(refresh_using=lambda: _as_metadata(renew()), method=METHOD)
        self._advisory_refresh_timeout = left_seconds
        self._mandatory_refresh_timeout = left_seconds
        _alive.add(self)

    def begin_in_child(self) -> None:
        """Forget the lock of a thread that a forked child does not have."""
        self._refresh_lock = threading.Lock()


_alive: weakref.WeakSet[_Renewing] = weakref.WeakSet()


def _begin_in_child() -> None:
    for each in list(_alive):
        each.begin_in_child()


os.register_at_fork(after_in_child=_begin_in_child)


def _as_metadata(credentials: Credentials) -> dict[str, str]:
    return {
        "access_key": credentials.access_key_id,
        "secret_key": credentials.secret_access_key,
        "token": credentials.session_token,
        "expiry_time": written(credentials.expires_at),
    }
