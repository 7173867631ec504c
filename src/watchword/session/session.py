"""A session: who, with which device, in which role, until when."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from watchword.fastpath.session_file import Credentials, written

# With less than this left, a command would lose its credentials under its hands.
TOO_LITTLE_SECONDS = 60
# The SDKs ask for new credentials with each request once a quarter of an hour or less is left, the one for
# Python earliest. Source: botocore.credentials, `_advisory_refresh_timeout`.
_AHEAD_SECONDS = 16 * 60


class MfaCarried(enum.StrEnum):
    """What `aws:MultiFactorAuthPresent` is in the requests of a session."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


class How(enum.StrEnum):
    """How a session was opened."""

    CODE = "code"
    """With a code, from the long-term key."""
    CHAINED = "chained"
    """From another session, by AssumeRole: AWS gives an hour at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionKey:
    """What makes two sessions the same: where, for which key, with which device, in which role.

    `endpoint` is the STS endpoint, `aws` for AWS's own. `access_key_id` is the long-term key's, or what is
    said of another source, which has no device: `serial_number` is empty then. `role` is empty for a session
    of the user, else a digest of all the roles on the way and of what was asked for with each.
    """

    endpoint: str
    access_key_id: str
    serial_number: str
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleOfSession:
    """The role that a session is in. `source` is the profile, or the other source, that it began with."""

    arn: str
    session_name: str
    source: str
    source_identity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session. `credentials` are secret; times are aware UTC.

    `role` is None for a session of a user. `mfa` is what `aws:MultiFactorAuthPresent` is in its requests;
    `contested` names the assumption (of `watchword.iam.Assumptions`) that this rests on, None when it is
    known.
    """

    profile: str
    key: SessionKey
    account: str
    arn: str
    issued_at: datetime
    credentials: Credentials = field(repr=False)
    how: How = How.CODE
    role: RoleOfSession | None = None
    mfa: MfaCarried = MfaCarried.TRUE
    contested: str | None = None

    @property
    def role_arn(self) -> str | None:
        """Return the ARN of the role; None for a session of a user."""
        return self.role.arn if self.role else None

    @property
    def role_session_name(self) -> str | None:
        """Return what CloudTrail calls the session of a role; None for a session of a user."""
        return self.role.session_name if self.role else None

    @property
    def expires_at(self) -> datetime:
        """Return when AWS will refuse it."""
        return self.credentials.expires_at

    def seconds_left(self, now: datetime) -> int:
        """Return the whole seconds of life left, 0 when it is over."""
        return max(0, int((self.expires_at - now).total_seconds()))

    def is_live(self, now: datetime) -> bool:
        """Return whether there is life left in it, by this machine's clock."""
        return self.expires_at > now

    def is_worth_using(self, now: datetime) -> bool:
        """Return whether enough life is left to start something."""
        return self.seconds_left(now) >= TOO_LITTLE_SECONDS

    @property
    def ahead_seconds(self) -> int:
        """Return with how much life left it is renewed: early, when that needs no code.

        A third of its life at most, or a short session would be renewed all the time.
        """
        if self.how is not How.CHAINED:
            return TOO_LITTLE_SECONDS
        life = int((self.expires_at - self.issued_at).total_seconds())
        return max(TOO_LITTLE_SECONDS, min(_AHEAD_SECONDS, life // 3))

    def about(self) -> dict[str, str]:
        """Return what is kept beside the credentials; nothing secret."""
        known = {
            "profile": self.profile,
            "endpoint": self.key.endpoint,
            "access_key_id": self.key.access_key_id,
            "serial_number": self.key.serial_number,
            "account": self.account,
            "arn": self.arn,
            "issued_at": written(self.issued_at),
            "how": self.how.value,
            "mfa": self.mfa.value,
        }
        if self.contested:
            known["contested"] = self.contested
        if self.role is None:
            return known
        known |= {
            "role": self.key.role,
            "role_arn": self.role.arn,
            "role_session_name": self.role.session_name,
            "source": self.role.source,
        }
        return known | ({"source_identity": self.role.source_identity} if self.role.source_identity else {})


def session_from(credentials: Credentials, about: dict[str, str]) -> Session:
    """Return the session that a file holds; raise KeyError or ValueError when something is missing."""
    return Session(
        profile=about["profile"],
        key=SessionKey(
            endpoint=about["endpoint"],
            access_key_id=about["access_key_id"],
            serial_number=about["serial_number"],
            role=about.get("role", ""),
        ),
        account=about["account"],
        arn=about["arn"],
        issued_at=_aware(about["issued_at"]),
        credentials=credentials,
        how=How(about.get("how", How.CODE)),
        role=_role(about) if "role" in about else None,
        mfa=MfaCarried(about.get("mfa", MfaCarried.TRUE)),
        contested=about.get("contested"),
    )


def _role(about: dict[str, str]) -> RoleOfSession:
    return RoleOfSession(
        arn=about["role_arn"],
        session_name=about["role_session_name"],
        source=about["source"],
        source_identity=about.get("source_identity"),
    )


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment
