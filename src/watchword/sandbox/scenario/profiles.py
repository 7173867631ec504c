"""What a scenario made, in the files of a sandbox: a profile for each key, and the seeds of the devices."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from watchword.local.aws_files import read_aws_file
from watchword.sandbox.folder import Door, Folder
from watchword.sandbox.key import Key
from watchword.sandbox.scenario.made import Made, MadeAccount, MadeDevice
from watchword.sandbox.scenario.model import DeviceKind, Scenario

DEVICES_SCHEMA: Final = "watchword/sandbox-devices/v1"


def profiles_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the names of the profiles that a scenario makes, that of root among them."""
    return (
        *(account.profile("root") for account in scenario.all_accounts),
        *(
            account.profile(user.name, number)
            for account in scenario.all_accounts
            for user in account.users
            for number in range(1, user.access_keys + 1)
        ),
    )


def root_key_of(folder: Folder) -> Key:
    """Return the key of the root of a sandbox's own account, from its credentials file."""
    root = read_aws_file(folder.credentials).section("root")
    return Key(access_key_id=root["aws_access_key_id"], secret_access_key=root["aws_secret_access_key"])


def write_made(made: Made, folder: Folder, door: Door) -> None:
    """Add a profile for each key to the sandbox's config and credentials files, and write `devices.json`.

    Only their owner can read the files.
    """
    for name, key, device in _profiles(made):
        folder.add_profile(
            name,
            endpoint_url=door.endpoint_url,
            access_key_id=key.access_key_id,
            secret_access_key=key.secret_access_key,
            mfa_serial=device,
        )
    folder.write_devices(json.dumps(devices_as_json(made), indent=2) + "\n")


def devices_as_json(made: Made) -> dict[str, Any]:
    """Return every device that was made, with the seed of each virtual one, for an authenticator app."""
    return {
        "schema": DEVICES_SCHEMA,
        "devices": [
            {
                "serial_number": device.serial_number,
                "kind": device.kind.value,
                "account": account.id,
                "user": user,
                "seed": device.seed,
            }
            for account in made.accounts
            for user, device in _devices(account)
        ],
    }


def _devices(account: MadeAccount) -> Iterator[tuple[str, MadeDevice]]:
    for device in account.root_devices:
        yield "root", device
    for user in account.users.values():
        for device in user.devices:
            yield user.name, device


def _profiles(made: Made) -> Iterator[tuple[str, Key, str | None]]:
    """Yield the name, the key and the device of each profile; root of the sandbox's own account has one."""
    for account in made.accounts:
        if account.name is not None:
            yield account.root_profile, account.root, _code_device(account.root_devices)
        for user in account.users.values():
            for profile, key in user.keys.items():
                yield profile, key, _code_device(user.devices)


def _code_device(devices: tuple[MadeDevice, ...]) -> str | None:
    showing = (device for device in devices if device.kind is not DeviceKind.SECURITY_KEY)
    return next((device.serial_number for device in showing), None)
