"""A session: who, with which device, until when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from watchword.fastpath.session_file import Credentials, written

# With less than this left, a command would lose its credentials under its hands.
_TOO_LITTLE_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionKey:
    """What makes two sessions the same: where, for which key, with which device.

    `endpoint` is the STS endpoint, `aws` for AWS's own.
    """

    endpoint: str
    access_key_id: str
    serial_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session with MFA. `credentials` are secret; times are aware UTC."""

    profile: str
    key: SessionKey
    account: str
    arn: str
    issued_at: datetime
    credentials: Credentials = field(repr=False)

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
        return self.seconds_left(now) >= _TOO_LITTLE_SECONDS

    def about(self) -> dict[str, str]:
        """Return what is kept beside the credentials; nothing secret."""
        return {
            "profile": self.profile,
            "endpoint": self.key.endpoint,
            "access_key_id": self.key.access_key_id,
            "serial_number": self.key.serial_number,
            "account": self.account,
            "arn": self.arn,
            "issued_at": written(self.issued_at),
        }


def session_from(credentials: Credentials, about: dict[str, str]) -> Session:
    """Return the session that a file holds; raise KeyError or ValueError when something is missing."""
    return Session(
        profile=about["profile"],
        key=SessionKey(
            endpoint=about["endpoint"],
            access_key_id=about["access_key_id"],
            serial_number=about["serial_number"],
        ),
        account=about["account"],
        arn=about["arn"],
        issued_at=_aware(about["issued_at"]),
        credentials=credentials,
    )


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment
