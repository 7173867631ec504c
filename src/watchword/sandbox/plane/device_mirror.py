"""MFA devices live in `identity`. moto's IAM gets a copy, for what it reports of them."""

from __future__ import annotations

from datetime import UTC, datetime

from watchword.sandbox.identity.directory import DeviceEvent, User
from watchword.sandbox.plane.moto_object import MotoObject


def mirror(
    backend: MotoObject, *, serial_number: str, event: DeviceEvent, user: User | None, at: datetime
) -> None:
    """Repeat a change to a device on moto's objects. `user` is None for root's devices."""
    naive = at.astimezone(UTC).replace(tzinfo=None)
    owner = (
        None
        if user is None
        else next((u for u in list(backend.users.values()) if u.id == user.user_id), None)
    )
    match event:
        case DeviceEvent.CREATED:
            _create(backend, serial_number)
        case DeviceEvent.DELETED:
            backend.virtual_mfa_devices.pop(serial_number, None)
        case DeviceEvent.ENABLED:
            _enable(backend, serial_number, owner, naive)
        case DeviceEvent.DEACTIVATED:
            _deactivate(backend, serial_number, owner)


def _create(backend: MotoObject, serial_number: str) -> None:
    from moto.iam.models import VirtualMfaDevice

    path_and_name = serial_number.partition(":mfa")[2]
    device = VirtualMfaDevice(backend.account_id, backend.region_name, path_and_name)
    device.base32_string_seed, device.qr_code_png = "", b""  # moto has no business with seeds
    backend.virtual_mfa_devices[serial_number] = device


def _enable(backend: MotoObject, serial_number: str, owner: MotoObject, at: datetime) -> None:
    if owner is None:
        backend.account_summary._account_mfa_enabled = 1  # noqa: SLF001 - moto has no other way
        return
    device = backend.virtual_mfa_devices.get(serial_number)
    if device is not None:
        device.enable_date = at
        device.user = owner
    owner.enable_mfa_device(serial_number, "", "")
    owner.mfa_devices[serial_number].enable_date = at


def _deactivate(backend: MotoObject, serial_number: str, owner: MotoObject) -> None:
    if owner is None:
        backend.account_summary._account_mfa_enabled = 0  # noqa: SLF001 - moto has no other way
        return
    device = backend.virtual_mfa_devices.get(serial_number)
    if device is not None:
        device.enable_date = device.user = device.user_attribute = None
    owner.mfa_devices.pop(serial_number, None)
