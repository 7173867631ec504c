"""A scenario as values: what a sandbox is to begin with."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A policy as JSON text, and `where` it stands in the files of the scenario (`file:line:column`)."""

    text: str
    where: str


class DeviceKind(enum.StrEnum):
    """What kind of MFA device. The values are the keys of the file."""

    VIRTUAL = "virtual"
    SECURITY_KEY = "security_key"
    HARDWARE_TOKEN = "hardware_token"  # noqa: S105 - the kind of a device


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDevice:
    """An enabled device: a name, or the serial number of a hardware token."""

    kind: DeviceKind
    name: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """What groups, users and roles have in common. `policies` are names of the scenario, or ARNs."""

    name: str
    where: str
    path: str = "/"
    policies: tuple[str, ...] = ()
    inline: Mapping[str, Document] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedUser(Holder):
    """A user. `boundary` is a name of the scenario, or an ARN."""

    groups: tuple[str, ...] = ()
    boundary: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    password: str | None = field(default=None, repr=False)
    password_reset_required: bool = False
    access_keys: int = 1
    devices: tuple[PlannedDevice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRole(Holder):
    """A role. `boundary` is as a user's."""

    trust: Document
    boundary: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    max_session_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAccount:
    """An account and who is in it. `id` and `name` are None for the sandbox's own."""

    name: str | None = None
    id: str | None = None
    where: str = ""
    unit: str | None = None
    service_control_policies: tuple[str, ...] = ()
    policies: Mapping[str, Document] = field(default_factory=dict)
    groups: tuple[Holder, ...] = ()
    users: tuple[PlannedUser, ...] = ()
    roles: tuple[PlannedRole, ...] = ()
    root_devices: tuple[PlannedDevice, ...] = ()

    def profile(self, user: str, number: int = 1) -> str:
        """Return what the AWS profile of a user's key is called: `alice`, `alice-2`, `production-alice`."""
        own = user if self.name is None else f"{self.name}-{user}"
        return own if number == 1 else f"{own}-{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """An organizational unit, and the one that it belongs to (None: the root of the organization)."""

    name: str
    where: str
    parent: str | None = None
    service_control_policies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Everything in a scenario file: the sandbox's own account is `home`. Made by `read_scenario`."""

    file: str
    home: PlannedAccount
    accounts: tuple[PlannedAccount, ...] = ()
    units: tuple[Unit, ...] = ()
    root_service_control_policies: tuple[str, ...] = ()
    service_control_policies: Mapping[str, Document] = field(default_factory=dict)
    has_organization: bool = False

    @property
    def all_accounts(self) -> tuple[PlannedAccount, ...]:
        """The sandbox's own account, then the others."""
        return (self.home, *self.accounts)
