"""What AWS answers, as values in AWS's own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from watchword.fastpath.session_file import Credentials


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
