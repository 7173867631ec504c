"""A small account for tests: a clock that stands still, a directory in memory, and identity over it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp

from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.identity.caller import Caller, Identified, identify_caller
from watchword.sandbox.identity.device import NewDevice
from watchword.sandbox.identity.devices import Devices
from watchword.sandbox.identity.directory import DeviceEvent, LongTermKey, Role, User
from watchword.sandbox.identity.mfa import MfaOperations
from watchword.sandbox.identity.owner import Owner
from watchword.sandbox.identity.sessions import Sessions
from watchword.sandbox.identity.sts import Sts
from watchword.sandbox.wire.protocol import Dialect

ACCOUNT = "123456789012"
START = datetime(2026, 9, 11, 20, 0, 5, tzinfo=UTC)
"""Five seconds into a time step, and into a window of three minutes."""

STEP = timedelta(seconds=30)


class SmallDirectory:
    """Users, keys and roles in dictionaries; it remembers what it heard of devices."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.keys: dict[str, LongTermKey] = {}
        self.roles: dict[str, Role] = {}
        self.heard: list[tuple[str, DeviceEvent, str | None]] = []

    def user(self, account: str, name: str) -> User | None:
        return self.users.get(name)

    def user_by_id(self, account: str, user_id: str) -> User | None:
        return next((user for user in self.users.values() if user.user_id == user_id), None)

    def key(self, access_key_id: str) -> LongTermKey | None:
        return self.keys.get(access_key_id)

    def role(self, account: str, name: str) -> Role | None:
        return self.roles.get(name) if account == ACCOUNT else None

    def device_changed(
        self, *, account: str, serial_number: str, event: DeviceEvent, user: User | None, at: datetime
    ) -> None:
        self.heard.append((serial_number, event, user.name if user else None))


class World:
    """Everything that identity needs, with short ways to say what a test wants."""

    def __init__(self) -> None:
        self.machine_time = START
        self.machine_pause = 0.0
        self.clock = SandboxClock(self.read_machine)
        self.directory = SmallDirectory()
        self.devices = Devices(clock=self.clock, directory=self.directory)
        self.sessions = Sessions(clock=self.clock)
        self.sts = Sts(
            clock=self.clock, directory=self.directory, devices=self.devices, sessions=self.sessions
        )
        self.mfa = MfaOperations(devices=self.devices, directory=self.directory)
        self.assumed: list[dict[str, Any]] = []

    def read_machine(self) -> datetime:
        """Return the time, after a pause in which other threads run."""
        time.sleep(self.machine_pause)
        return self.machine_time

    # --- people ------------------------------------------------------------------------------------

    def add_user(self, name: str, *, path: str = "/") -> User:
        number = len(self.directory.users) + len(self.directory.keys) + 1
        user = User(
            name=name,
            path=path,
            arn=f"arn:aws:iam::{ACCOUNT}:user{path}{name}",
            user_id=f"AIDA{number:016}",
            created_at=START,
        )
        self.directory.users[name] = user
        self.add_key(f"AKIA{name.upper():X<16}", user_name=name)
        return user

    def add_key(self, access_key_id: str, *, user_name: str | None, active: bool = True) -> LongTermKey:
        key = LongTermKey(
            access_key_id=access_key_id,
            secret_access_key=f"secret of {access_key_id}",
            account=ACCOUNT,
            user_name=user_name,
            active=active,
        )
        self.directory.keys[access_key_id] = key
        return key

    def add_role(self, name: str, *, path: str = "/", max_session_seconds: int = 3600) -> Role:
        role = Role(
            name=name,
            path=path,
            arn=f"arn:aws:iam::{ACCOUNT}:role{path}{name}",
            role_id=f"AROA{len(self.directory.roles) + 1:016}",
            account=ACCOUNT,
            max_session_seconds=max_session_seconds,
            trust_policy="{}",
            created_at=START,
        )
        self.directory.roles[name] = role
        return role

    # --- callers -----------------------------------------------------------------------------------

    def identify(
        self, access_key_id: str, token: str | None = None, *, dialect: Dialect = Dialect.QUERY
    ) -> Identified:
        return identify_caller(
            access_key_id, token, directory=self.directory, sessions=self.sessions, dialect=dialect
        )

    def user(self, name: str) -> Caller:
        return self.identify(f"AKIA{name.upper():X<16}").caller

    def root(self) -> Caller:
        self.add_key("AKIAROOT", user_name=None)
        return self.identify("AKIAROOT").caller

    def holder(self, result: Mapping[str, Any]) -> Caller:
        """Return the caller who holds the credentials in a result of STS."""
        credentials = result["Credentials"]
        return self.identify(credentials["AccessKeyId"], credentials["SessionToken"]).caller

    # --- devices -----------------------------------------------------------------------------------

    def enrolled(self, user: User, name: str = "phone") -> NewDevice:
        """Return a device that is enabled for the user, by the codes of the last step and this one."""
        device = self.devices.create_virtual(account=ACCOUNT, name=name)
        self.enable(Owner.of(user), device)
        return device

    def enable(self, owner: Owner, device: NewDevice, *, offset: int = 0, guarded: bool = False) -> None:
        pair = self.code(device, offset - 1), self.code(device, offset)
        self.devices.enable(owner, device.serial_number, *pair, guarded=guarded)

    def resync(self, owner: Owner, device: NewDevice, *, offset: int) -> None:
        pair = self.code(device, offset - 1), self.code(device, offset)
        self.devices.resync(owner, device.serial_number, *pair)

    def code(self, device: NewDevice, offset: int = 0) -> str:
        """Return the code that an authenticator app shows `offset` steps from now."""
        return pyotp.TOTP(device.seed).at(self.clock.now() + offset * STEP)

    def wrong_code(self, device: NewDevice) -> str:
        near = {self.code(device, offset) for offset in range(-3, 4)}
        return next(code for code in ("000000", "000001", "000002", "000003") if code not in near)

    # --- STS ---------------------------------------------------------------------------------------

    def call(self, operation: str, caller: Caller, **params: object) -> dict[str, Any]:
        """Call STS; every role may be assumed, and what was asked is kept in `assumed`."""
        return self.sts.call(operation, caller, params, may_assume=self.note_assumption)

    def note_assumption(self, **what: Any) -> None:  # noqa: ANN401 -- whatever AssumeRole passes
        self.assumed.append(what)

    def iam(self, operation: str, caller: Caller, **params: object) -> dict[str, Any]:
        return self.mfa.call(operation, caller, params)
