"""A running sandbox, for tests and programs: clients, people, phones, the clock, and what was decided."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from watchword.aws.at_endpoint import client_at, session_at
from watchword.aws.boto3_session import Boto3Session
from watchword.errors import WatchwordError
from watchword.sandbox.answer import Sandbox
from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.decisions import Decisions
from watchword.sandbox.door import ask
from watchword.sandbox.environment import shell_environment
from watchword.sandbox.folder import Door, Folder
from watchword.sandbox.key import Key
from watchword.sandbox.pocket_phone import NoDevice, PocketPhone
from watchword.sandbox.process_environment import environment_changed
from watchword.sandbox.scenario.apply import apply_scenario, client_at_door, enabled_device
from watchword.sandbox.scenario.errors import ScenarioRefused
from watchword.sandbox.scenario.made import Made
from watchword.sandbox.scenario.model import Scenario
from watchword.sandbox.scenario.read import read_scenario

if TYPE_CHECKING:
    from botocore.config import Config

Policy: TypeAlias = str | Mapping[str, Any]
"""A policy document as a mapping or as JSON text, or the ARN of a managed policy."""

REGION: Final = "us-east-1"
_SEE: Final = "docs/sandbox/tests.md"


class NobodyOfThatName(WatchwordError):
    """No key of such a user was made here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedAccount:
    """Another account of the sandbox, and the key of its root."""

    id: str
    root: Key


class LocalAws:
    """A running sandbox. `watchword.sandbox.sandbox` gives one, and so does the fixture `watchword_sandbox`.

    `root` is the key of the root of its own account, whose number is `account`.
    Whatever `account=` is asked for below is the number of another account, or its name in a scenario.
    """

    def __init__(self, *, inner: Sandbox, folder: Folder, door: Door, root: Key) -> None:
        self.inner = inner
        self.folder = folder
        self.door = door
        self.root = root
        self._begin()

    def _begin(self) -> None:
        self._roots = {self.account: self.root}
        self._numbers: dict[str, str] = {}
        self._keys: dict[tuple[str, str], Key] = {}
        self._given: dict[str, set[int]] = {}

    # --- where it is --------------------------------------------------------------------------------

    @property
    def endpoint_url(self) -> str:
        """The URL for AWS_ENDPOINT_URL, `http://127.0.0.1:PORT`."""
        return self.door.endpoint_url

    @property
    def account(self) -> str:
        """The number of the sandbox's own account."""
        return self.door.account

    @property
    def environment(self) -> dict[str, str]:
        """The environment for a program that is to use the sandbox: this process's, without credentials.

        It is what a shell has after `eval "$(watchword sandbox env)"`. With the credentials of somebody:
        `aws.environment | key.environment`.
        """
        wanted = shell_environment(self.folder, self.door, os.environ)
        kept = {name: value for name, value in os.environ.items() if name not in wanted.unset}
        return {**kept, **wanted.set_variables}

    # --- clients --------------------------------------------------------------------------------------

    def client(
        self,
        service: str,
        key: Key | None = None,
        *,
        region: str = REGION,
        config: Config | None = None,
    ) -> Any:  # noqa: ANN401 - boto3 makes its clients' classes while it runs
        """Return a boto3 client of root, or of whoever has `key`; it tries once unless `config` says else."""
        holder = key or self.root
        return client_at(
            self.endpoint_url,
            service,
            region=region,
            access_key_id=holder.access_key_id,
            secret_access_key=holder.secret_access_key,
            session_token=holder.session_token,
            config=config,
        )

    def session(self, key: Key | None = None, *, region: str = REGION) -> Boto3Session:
        """Return a boto3 Session of root, or of whoever has `key`."""
        holder = key or self.root
        return session_at(
            self.endpoint_url,
            region=region,
            access_key_id=holder.access_key_id,
            secret_access_key=holder.secret_access_key,
            session_token=holder.session_token,
        )

    @contextlib.contextmanager
    def acting_as(self, key: Key | None) -> Iterator[None]:
        """Let code that makes its own clients be whoever has `key`; nobody with None.

        The environment of this process is changed for as long as the `with` lasts, and boto3's default
        session is a new one. Clients that were made before are not changed.
        """
        wanted = shell_environment(self.folder, self.door, os.environ)
        credentials = {} if key is None else key.environment
        with environment_changed(set_variables={**wanted.set_variables, **credentials}, unset=wanted.unset):
            yield

    # --- people ---------------------------------------------------------------------------------------

    def user(
        self,
        name: str,
        policies: Policy | Iterable[Policy] | None = None,
        *,
        groups: Iterable[str] = (),
        account: str | None = None,
    ) -> Key:
        """Create a user with an access key, and return the key.

        Documents become inline policies (`inline`, `inline-2`, …), ARNs are attached. The groups must exist.
        """
        iam = self._iam(account)
        iam.create_user(UserName=name)
        documents = 0
        for policy in _each(policies):
            if isinstance(policy, str) and policy.startswith("arn:"):
                iam.attach_user_policy(UserName=name, PolicyArn=policy)
                continue
            documents += 1
            policy_name = "inline" if documents == 1 else f"inline-{documents}"
            text = policy if isinstance(policy, str) else json.dumps(policy, indent=2)
            iam.put_user_policy(UserName=name, PolicyName=policy_name, PolicyDocument=text)
        for group in groups:
            iam.add_user_to_group(UserName=name, GroupName=group)
        key = Key.of(iam.create_access_key(UserName=name)["AccessKey"])
        self._keys[self._number(account), name] = key
        return key

    def key(self, user: str, *, account: str | None = None) -> Key:
        """Return the first key of a user who was made here, by `user` or by a scenario.

        Raises NobodyOfThatName.
        """
        found = self._keys.get((self._number(account), user))
        if found is None:
            known = ", ".join(f"`{name}`" for number, name in self._keys if number == self._number(account))
            raise NobodyOfThatName(
                f"no user `{user}` with a key was made here",
                hint=f"there are {known}" if known else "`aws.user(NAME)` makes one",
                see=_SEE,
            )
        return found

    def device(self, user: str, name: str | None = None, *, account: str | None = None) -> str:
        """Give a user an enabled virtual MFA device, and return its serial number.

        It is called as the user unless `name` says otherwise.
        """
        return enabled_device(self._iam(account), self.door, name or user, user).serial_number

    def add_security_key(self, user: str, name: str = "yubikey", *, account: str | None = None) -> str:
        """Register a FIDO security key for a user, as only the console can, and return its serial number."""
        return self._add_device(kind="security-key", name=name, user=user, account=self._number(account))

    def add_hardware_token(
        self, user: str | None, serial: str = "GAHT12345678", *, account: str | None = None
    ) -> str:
        """Give a user an enabled hardware token, or nobody (None) one to enable; return its serial number."""
        return self._add_device(kind="hardware-token", name=serial, user=user, account=self._number(account))

    def phone(self, wanted: str, *, account: str | None = None) -> PocketPhone:
        """Return the authenticator app of a user, opened at the first device.

        `wanted` may name a device, or be its serial number. Raises NoDevice.
        """
        user = self.inner.accounts.user(self._number(account), wanted)
        user_id = self._number(account) if wanted == "root" else None
        number = self._number(account)
        found = [
            device
            for device in self.inner.phone.find(wanted, user_id=user.user_id if user else user_id)
            if device.account == number or device.serial_number == wanted
        ]
        if not found:
            raise NoDevice(
                f"`{wanted}` has no device that shows codes",
                hint="`aws.device(USER)` gives a user one",
                see=_SEE,
            )
        serial_number = found[0].serial_number
        return PocketPhone(
            serial_number=serial_number,
            phone=self.inner.phone,
            devices=self.inner.devices,
            clock=self.clock,
            given=self._given.setdefault(serial_number, set()),
        )

    def sign_in(self, key: Key, serial_number: str | None = None, *, duration_seconds: int = 43_200) -> Key:
        """Return a session with MFA of whoever has `key`: GetSessionToken with a code of the first device.

        `serial_number` names another device. Raises NoDevice.
        """
        holder = self.inner.accounts.key(key.access_key_id)
        if serial_number is None:
            name = "root" if holder is None or holder.user_name is None else holder.user_name
            phone = self.phone(name, account=None if holder is None else holder.account)
        else:
            phone = self.phone(serial_number)
        answer = self.client("sts", key).get_session_token(
            DurationSeconds=duration_seconds, SerialNumber=phone.serial_number, TokenCode=phone.code()
        )
        return Key.of(answer["Credentials"])

    # --- more accounts, and scenarios -------------------------------------------------------------------

    def add_account(
        self, account_id: str | None = None, *, name: str = "", member: bool = False
    ) -> AddedAccount:
        """Add an account with a root key; without a number it gets a random one.

        A `member` joins the organization of the sandbox's own account, which is made if it is missing.
        """
        made = ask(self.door, "POST", "accounts", {"id": account_id, "name": name, "member": member})
        root = Key(access_key_id=made["access_key_id"], secret_access_key=made["secret_access_key"])
        self._know(made["id"], name, root)
        return AddedAccount(id=made["id"], root=root)

    def apply(self, scenario: str | Path | Scenario) -> Made:
        """Make everything that a scenario file asks for, and return what was made.

        Raises ScenarioInvalid, and nothing was changed; ScenarioRefused when the sandbox refuses something:
        then it has been reset.
        """
        planned = scenario if isinstance(scenario, Scenario) else read_scenario(scenario)
        try:
            made = apply_scenario(planned, self.door, self.root)
        except ScenarioRefused:
            self.reset()
            raise
        for account in made.accounts:
            self._know(account.id, account.name or "", account.root)
            for user in account.users.values():
                if user.key is not None:
                    self._keys[account.id, user.name] = user.key
        return made

    # --- time, decisions, and the beginning --------------------------------------------------------------

    @property
    def clock(self) -> SandboxClock:
        """The sandbox's clock: `now()`, `move(timedelta)`, `set(datetime)`, `reset()`.

        Codes, the ends of sessions and `aws:CurrentTime` follow it.
        """
        return self.inner.clock

    def move_clock(self, by: timedelta | float) -> None:
        """Move the clock by seconds, or by a timedelta."""
        self.clock.move(by if isinstance(by, timedelta) else timedelta(seconds=by))

    @property
    def log(self) -> Decisions:
        """Every decision so far, the oldest first."""
        return Decisions(self.inner.log.after(0))

    def reset(self) -> None:
        """Go back to how it was started: nothing is in it but root, who keeps the key; the clock is right.

        Raises StillAnswering when requests that are being answered do not end within ten seconds.
        """
        self.inner.reset()
        self.write_profiles()
        self._begin()

    def stop(self) -> None:
        """Answer nobody any more, as in an outage."""
        ask(self.door, "POST", "down")

    def write_profiles(self) -> None:
        """Write the config and credentials files of a fresh sandbox."""
        self.folder.write_profiles(
            endpoint_url=self.endpoint_url,
            access_key_id=self.root.access_key_id,
            secret_access_key=self.root.secret_access_key,
        )

    # --- of use above ---------------------------------------------------------------------------------------

    def _iam(self, account: str | None) -> Any:  # noqa: ANN401 - as `client`
        return client_at_door(self.door, "iam", self._roots[self._number(account)])

    def _number(self, account: str | None) -> str:
        return self.account if account is None else self._numbers.get(account, account)

    def _know(self, number: str, name: str, root: Key) -> None:
        self._roots[number] = root
        if name:
            self._numbers[name] = number

    def _add_device(self, **asked: str | None) -> str:
        return str(ask(self.door, "POST", "devices", asked)["serial_number"])


def _each(policies: Policy | Iterable[Policy] | None) -> Iterable[Policy]:
    if policies is None:
        return ()
    return [policies] if isinstance(policies, (str, Mapping)) else policies
