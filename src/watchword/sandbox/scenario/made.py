"""What a scenario made: accounts, keys and devices, for those who are to use them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from watchword.sandbox.key import Key
from watchword.sandbox.scenario.model import DeviceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeDevice:
    """An enabled device. `seed` is the base32 text of a virtual one, for an authenticator app; else None."""

    serial_number: str
    kind: DeviceKind
    seed: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUser:
    """A user of a scenario, with the AWS profile of each key."""

    name: str
    keys: Mapping[str, Key]
    devices: tuple[MadeDevice, ...]

    @property
    def key(self) -> Key | None:
        """The first access key, if there is one."""
        return next(iter(self.keys.values()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeAccount:
    """An account of a scenario. `name` is None for the sandbox's own.

    `root_profile` is the AWS profile of its root.
    """

    id: str
    name: str | None
    root: Key
    root_profile: str
    root_devices: tuple[MadeDevice, ...]
    users: Mapping[str, MadeUser]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Everything that a scenario made: the sandbox's own account first."""

    accounts: tuple[MadeAccount, ...]

    @property
    def home(self) -> MadeAccount:
        """The sandbox's own account."""
        return self.accounts[0]

    def account(self, name: str) -> MadeAccount:
        """Return an account by its name in the scenario, or by its number. Raises KeyError."""
        for account in self.accounts:
            if name in (account.name, account.id):
                return account
        raise KeyError(name)
