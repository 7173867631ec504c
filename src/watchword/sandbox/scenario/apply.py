"""A scenario, made in a running sandbox: by the calls of AWS's own API, as root of each account.

What no call of AWS makes (accounts with a root key, security keys, tokens that come by post) goes through the
control door.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from watchword.aws.at_endpoint import client_at
from watchword.sandbox.door import DoorClosed, ask
from watchword.sandbox.folder import Door
from watchword.sandbox.identity.codes import code_at, step_at
from watchword.sandbox.key import Key
from watchword.sandbox.scenario.errors import SEE, ScenarioRefused
from watchword.sandbox.scenario.made import Made, MadeAccount, MadeDevice, MadeUser
from watchword.sandbox.scenario.model import (
    DeviceKind,
    Holder,
    PlannedAccount,
    PlannedDevice,
    PlannedRole,
    PlannedUser,
    Scenario,
)
from watchword.sandbox.scenario.organize import organize

_REGION: Final = "us-east-1"
# Trusts nobody but the account itself, until all roles are there that others may name.
_CLOSED: Final = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}]}'
)


def apply_scenario(scenario: Scenario, door: Door, root: Key) -> Made:
    """Make everything in a sandbox, whose own account's root has the key `root`, and return what was made.

    Raises ScenarioRefused at the first call that is refused: what was made by then is there, and whoever
    asked has to reset or stop the sandbox.
    """
    organizations = client_at_door(door, "organizations", root)
    if scenario.has_organization:
        with contextlib.suppress(organizations.exceptions.AlreadyInOrganizationException):
            organizations.create_organization(FeatureSet="ALL")
    accounts = [(scenario.home, door.account, root)]
    for planned in scenario.accounts:
        with _at(planned.where):
            accounts.append((planned, planned.id or "", _add_account(door, planned, scenario)))
    making = [_Making(door, planned, number, key) for planned, number, key in accounts]
    # Users first, in all accounts: trust policies name them.
    for step in (_Making.policies, _Making.groups, _Making.users, _Making.roles, _Making.trusts):
        for each in making:
            step(each)
    if scenario.has_organization:
        organize(scenario, organizations, at=_at)
    return Made(accounts=tuple(each.made() for each in making))


def client_at_door(door: Door, service: str, key: Key) -> Any:  # noqa: ANN401 - boto3's own
    """Return a boto3 client of `key` for a sandbox."""
    return client_at(
        door.endpoint_url,
        service,
        region=_REGION,
        access_key_id=key.access_key_id,
        secret_access_key=key.secret_access_key,
        session_token=key.session_token,
    )


def enabled_device(iam: Any, door: Door, name: str, user: str) -> MadeDevice:  # noqa: ANN401 - boto3's
    """Make a virtual device and enable it for a user; return it with its seed.

    Its codes are those of now and of half a minute ago, so that the clock of the device is right.
    """
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    seed, serial_number = made["Base32StringSeed"].decode(), made["SerialNumber"]
    step = step_at(datetime.fromisoformat(ask(door, "GET", "clock")["now"]))
    iam.enable_mfa_device(
        UserName=user,
        SerialNumber=serial_number,
        AuthenticationCode1=code_at(seed, step - 1),
        AuthenticationCode2=code_at(seed, step),
    )
    return MadeDevice(serial_number=serial_number, kind=DeviceKind.VIRTUAL, seed=seed)


def _add_account(door: Door, planned: PlannedAccount, scenario: Scenario) -> Key:
    asked = {"id": planned.id, "name": planned.name, "member": scenario.has_organization}
    answer = ask(door, "POST", "accounts", asked)
    return Key(access_key_id=answer["access_key_id"], secret_access_key=answer["secret_access_key"])


@contextlib.contextmanager
def _at(where: str) -> Iterator[None]:
    """Say of a refusal within to which place in the scenario it belongs."""
    try:
        yield
    except ClientError as error:
        operation, message = error.operation_name, error.response["Error"].get("Message", "")
        raise ScenarioRefused(f"{where}: {operation} was refused: {message}", see=SEE) from error
    except DoorClosed as error:
        raise ScenarioRefused(f"{where}: {error.message}", hint=error.hint, see=SEE) from error


class _Making:
    """One account being filled, step by step."""

    def __init__(self, door: Door, planned: PlannedAccount, number: str, root: Key) -> None:
        self._door = door
        self._planned = planned
        self._number = number
        self._root = root
        self._iam = client_at_door(door, "iam", root)
        self._arns: dict[str, str] = {}
        self._users: dict[str, MadeUser] = {}
        self._root_devices: tuple[MadeDevice, ...] = ()

    def policies(self) -> None:
        """Make the managed policies."""
        for name, document in self._planned.policies.items():
            with _at(document.where):
                made = self._iam.create_policy(PolicyName=name, PolicyDocument=document.text)
                self._arns[name] = made["Policy"]["Arn"]

    def groups(self) -> None:
        """Make the groups, with their policies."""
        for group in self._planned.groups:
            with _at(group.where):
                self._iam.create_group(GroupName=group.name, Path=group.path)
            self._give_policies(group, "group")

    def users(self) -> None:
        """Make the users, with everything that they have, and root's devices."""
        for user in self._planned.users:
            with _at(user.where):
                boundary = self._boundary(user.boundary)
                self._iam.create_user(UserName=user.name, Path=user.path, **_tags(user.tags), **boundary)
            self._give_policies(user, "user")
            with _at(user.where):
                self._sign_in_of(user)
            self._users[user.name] = MadeUser(
                name=user.name,
                keys=dict(self._keys(user)),
                devices=tuple(self._device(device, user.name) for device in user.devices),
            )
        self._root_devices = tuple(self._device(device, None) for device in self._planned.root_devices)

    def roles(self) -> None:
        """Make the roles, which trust nobody yet."""
        for role in self._planned.roles:
            with _at(role.where):
                duration = (
                    {"MaxSessionDuration": role.max_session_seconds} if role.max_session_seconds else {}
                )
                self._iam.create_role(
                    RoleName=role.name,
                    Path=role.path,
                    AssumeRolePolicyDocument=_CLOSED,
                    **_tags(role.tags),
                    **self._boundary(role.boundary),
                    **duration,
                )
            self._give_policies(role, "role")

    def trusts(self) -> None:
        """Let the roles trust whom they are to trust: all of them are there by now."""
        for role in self._planned.roles:
            self._trust(role)

    def made(self) -> MadeAccount:
        """Return the account as it was made."""
        return MadeAccount(
            id=self._number,
            name=self._planned.name,
            root=self._root,
            root_profile=self._planned.profile("root"),
            root_devices=self._root_devices,
            users=self._users,
        )

    def _trust(self, role: PlannedRole) -> None:
        with _at(role.trust.where):
            self._iam.update_assume_role_policy(RoleName=role.name, PolicyDocument=role.trust.text)

    def _sign_in_of(self, user: PlannedUser) -> None:
        for group in user.groups:
            self._iam.add_user_to_group(UserName=user.name, GroupName=group)
        if user.password is not None:
            self._iam.create_login_profile(
                UserName=user.name,
                Password=user.password,
                PasswordResetRequired=user.password_reset_required,
            )

    def _keys(self, user: PlannedUser) -> Iterator[tuple[str, Key]]:
        for number in range(1, user.access_keys + 1):
            with _at(user.where):
                key = self._iam.create_access_key(UserName=user.name)["AccessKey"]
            yield self._planned.profile(user.name, number), Key.of(key)

    def _device(self, device: PlannedDevice, user: str | None) -> MadeDevice:
        with _at(device.where):
            if device.kind is DeviceKind.VIRTUAL and user is not None:
                return enabled_device(self._iam, self._door, device.name, user)
            asked = {"kind": device.kind.value.replace("_", "-"), "name": device.name, "user": user}
            answer = ask(self._door, "POST", "devices", {**asked, "account": self._number})
            return MadeDevice(
                serial_number=answer["serial_number"], kind=device.kind, seed=answer.get("seed")
            )

    def _give_policies(self, holder: Holder, kind: str) -> None:
        named = {f"{kind.capitalize()}Name": holder.name}
        attach: Callable[..., object] = getattr(self._iam, f"attach_{kind}_policy")
        put: Callable[..., object] = getattr(self._iam, f"put_{kind}_policy")
        with _at(holder.where):
            for policy in holder.policies:
                attach(**named, PolicyArn=self._arn(policy))
        for name, document in holder.inline.items():
            with _at(document.where):
                put(**named, PolicyName=name, PolicyDocument=document.text)

    def _arn(self, policy: str) -> str:
        return self._arns.get(policy, policy)

    def _boundary(self, policy: str | None) -> dict[str, str]:
        return {} if policy is None else {"PermissionsBoundary": self._arn(policy)}


def _tags(tags: Mapping[str, str]) -> dict[str, Any]:
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]} if tags else {}
