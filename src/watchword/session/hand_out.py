"""A session as environment variables, for programs that know nothing of watchword."""

from __future__ import annotations

from collections.abc import Mapping

from watchword.aws import ProfileSettings
from watchword.fastpath.hand_out import Variables, variables_after_logout, variables_of
from watchword.fastpath.session_file import written
from watchword.session.session import Session

__all__ = ["Variables", "session_variables", "variables_after_logout"]


def session_variables(
    session: Session, profile: ProfileSettings, environment: Mapping[str, str]
) -> Variables:
    """Return the variables that put the session in the place of the profile.

    `environment` is the one that was inherited. What it says of the region goes before the profile, as in
    AWS's own programs, unless an earlier session said it.
    """
    credentials = session.credentials
    return variables_of(
        (
            credentials.access_key_id,
            credentials.secret_access_key,
            credentials.session_token,
            written(credentials.expires_at),
        ),
        profile=profile.name,
        region=profile.region,
        settings=profile.variables,
        environment=environment,
    )
