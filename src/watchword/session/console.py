"""A session becomes a URL that signs in to the console."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from watchword.aws import AwsProfile, ProfileSettings, named
from watchword.aws.federation import SIGNIN_TOKEN_SECONDS, console_of
from watchword.fastpath.session_file import written
from watchword.local.audit_log import record, refuse_unsafe_log
from watchword.session.entrance import Entrance
from watchword.session.errors import BadDestination, NotForConsole
from watchword.session.session import How, Session

SEE: Final = "docs/getting-in/console.md"
# Source: IAM User Guide, id_roles_providers_enable-console-custom-url (`SessionDuration`).
LONGEST_SECONDS: Final = 43_200

_AS_GOOD_AS_ASKED_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A way into the console. `url` is a secret until `url_valid_until`.

    `expires_at` is when the console session ends; `session` says who is signed in, and with which MFA keys.
    `note` is why it does not last as long as was asked; None when it does.
    """

    session: Session
    url: str = field(repr=False)
    url_valid_until: datetime
    destination: str
    expires_at: datetime
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Duration:
    """What is asked of AWS (None: nothing, and the console session ends with the credentials)."""

    seconds: int | None
    note: str | None = None


def refuse_users(entrance: Entrance) -> None:
    """Raise `NotForConsole` when the way in leads to no role. Nothing is asked or sent.

    AWS signs in with sessions of AssumeRole and GetFederationToken only. The latter is called with the bare
    long-term key and no code goes with it, so it is not done here. Source: the page above.
    """
    chain = entrance.chain
    if chain.hops or not isinstance(chain.source, AwsProfile):
        return
    profile = named(chain.settings.name)
    raise NotForConsole(
        f"profile `{chain.settings.name}` is a user, and AWS opens its console to the sessions of roles only",
        hint=f"`watchword console {profile} --role ROLE` goes in as a role that this user may assume;"
        " as the user, sign in with password and code in the browser",
        see=SEE,
    )


def sign_in(
    session: Session,
    settings: ProfileSettings,
    *,
    service: str | None,
    destination: str | None,
    duration_seconds: int | None,
    now: datetime,
) -> SignIn:
    """Return a way into the console for the session of a role.

    `service` is a page by its place in the console's own addresses (`ec2`, `s3/buckets/NAME`), `destination`
    a whole address; neither is the first page. `duration_seconds` is how long to stay in, None as long as
    the session lives. Raises `NotForConsole`, `Refusal`, `Unreachable`, `UnusableSettings`,
    `UnsafeAuditLog`.
    """
    if session.role is None:
        raise NotForConsole("AWS opens its console to the sessions of roles only", see=SEE)
    console = console_of(settings.name, session.arn.split(":")[1])
    wanted = destination or console.page(service, settings.region)
    duration = _duration(session, duration_seconds, now)
    refuse_unsafe_log()
    token = console.signin_token(session.credentials, duration_seconds=duration.seconds)
    ends = session.expires_at if duration.seconds is None else now + timedelta(seconds=duration.seconds)
    _record(session, now, ends)
    return SignIn(
        session=session,
        url=console.login_url(token, wanted),
        url_valid_until=now + timedelta(seconds=SIGNIN_TOKEN_SECONDS),
        destination=wanted,
        expires_at=ends,
        note=duration.note,
    )


def _record(session: Session, now: datetime, ends: datetime) -> None:
    """Add a line to the audit log. The console session may get a key of its own, which nobody is told."""
    record(
        {
            "time": written(now),
            "profile": session.profile,
            "account": session.account,
            "who": session.arn,
            "role_arn": session.role_arn,
            "role_session_name": session.role_session_name,
            "duration_seconds": round((ends - now).total_seconds()),
            "expires_at": written(ends),
            "source_access_key_id": session.credentials.access_key_id,
            "how": "console",
            "endpoint": session.key.endpoint,
        }
    )


def _duration(session: Session, asked: int | None, now: datetime) -> _Duration:
    """Return what AWS is asked for: a duration only where it takes one.

    Source: AWS re:Post, "invalid-credentials-parameter": for a role that was assumed with temporary
    credentials a SessionDuration is refused, whatever it says.
    """
    if asked is None:
        return _Duration(seconds=None)
    match session.how:
        case How.CHAINED if abs(asked - session.seconds_left(now)) < _AS_GOOD_AS_ASKED_SECONDS:
            return _Duration(seconds=None)
        case How.CHAINED:
            note = (
                "the role was assumed from a session, and so its console ends with the role's own session;"
                " `watchword login` with `--force` and `--duration` opens a longer one with a code"
            )
            return _Duration(seconds=None, note=note)
        case How.CODE if asked > LONGEST_SECONDS:
            return _Duration(seconds=LONGEST_SECONDS, note="a console session lasts 12 hours at most")
        case How.CODE:
            return _Duration(seconds=asked)


def refuse_no_address(destination: str) -> None:
    """Raise `BadDestination` when this is not an address that a browser can be sent to over TLS."""
    try:
        parts = urlsplit(destination)
        if parts.scheme == "https" and parts.hostname:
            return
    except ValueError:
        pass
    raise BadDestination(
        f"`{destination}` is not an address to go to",
        hint="write it as it stands in the browser, beginning with `https://`; or `--service ec2`",
        see=SEE,
    )
