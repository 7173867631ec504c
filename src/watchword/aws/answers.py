"""What AWS answers, as values in AWS's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from watchword.fastpath.session_file import Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSettings:
    """What a profile says about how to call AWS, beside who one is. Nothing in it is secret.

    `region` is None when nothing names one; `endpoint_url` is the configured STS endpoint, None for
    AWS's own. `variables` are its endpoint settings as environment variables, for programs that will not
    read the profile.
    """

    name: str
    region: str | None
    endpoint_url: str | None
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a credential belongs to: the answer of GetCallerIdentity."""

    arn: str
    account: str
    user_id: str

    @property
    def partition(self) -> str:
        """Return the partition, such as `aws` or `aws-cn`."""
        return self.arn.split(":")[1]

    @property
    def is_root(self) -> bool:
        """Return whether this is the root user of the account."""
        return self.arn.endswith(":root")

    @property
    def name(self) -> str:
        """Return the user's name without its path; `root` for the root user."""
        return self.arn.rpartition(":")[2].rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class MfaDevice:
    """A device of a user: an entry of ListMFADevices."""

    serial_number: str
    user_name: str
    enabled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVirtualDevice:
    """An entry of ListVirtualMFADevices; `user_arn` is None for a device that belongs to nobody."""

    serial_number: str
    user_arn: str | None
    enabled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualMfaDevice:
    """A new virtual device: the answer of CreateVirtualMFADevice. Its seed is never shown again.

    `seed` is base32 text; `qr_png` is a picture of the same secret.
    """

    serial_number: str
    seed: str = field(repr=False)
    qr_png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionToken:
    """The answer of GetSessionToken, with the server's clock when it was given."""

    credentials: Credentials
    server_time: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSession:
    """The answer of AssumeRole, with the server's clock when it was given.

    `arn` is the session's own, `arn:aws:sts::ACCOUNT:assumed-role/ROLE/NAME`; `source_identity` is what the
    session carries, asked for or inherited.
    """

    credentials: Credentials
    arn: str
    source_identity: str | None
    server_time: datetime | None


def credentials_of(entry: Mapping[str, Any]) -> Credentials:
    """Return the `Credentials` of an answer of STS."""
    return Credentials(
        access_key_id=entry["AccessKeyId"],
        secret_access_key=entry["SecretAccessKey"],
        session_token=entry["SessionToken"],
        expires_at=entry["Expiration"].astimezone(UTC),
    )
