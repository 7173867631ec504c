"""The MFA devices of all accounts, and the check of their codes."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.identity import device as devices_made
from watchword.sandbox.identity import refusals
from watchword.sandbox.identity.budget import CheckBudget
from watchword.sandbox.identity.device import Device, DeviceKind, DeviceView, NewDevice
from watchword.sandbox.identity.directory import DeviceEvent, Directory, User
from watchword.sandbox.identity.owner import Owner
from watchword.sandbox.kept import Kept, Store
from watchword.sandbox.wire import error
from watchword.sandbox.wire.error import SandboxRefusal

DEVICES_A_USER: Final = 8
"""Source: reference_iam-quotas."""


class Devices:
    """Every MFA device, by serial number. Any thread may use it: one lock, held shortly.

    `propagation_delay` is how long STS does not see a newly enabled device yet (AWS: 8 to 14 s); IAM
    sees it at once. Each method raises AwsError with AWS's own text.
    """

    def __init__(
        self, *, clock: SandboxClock, directory: Directory, propagation_delay: timedelta = timedelta(0)
    ) -> None:
        self._clock = clock
        self._directory = directory
        self._lock = threading.RLock()
        self._devices: Kept[str, Device] = Kept()
        self._budget = CheckBudget()
        self.propagation_delay = propagation_delay

    # --- their life --------------------------------------------------------------------------------

    def create_virtual(
        self, *, account: str, name: str, path: str = "/", tags: Mapping[str, str] | None = None
    ) -> NewDevice:
        """Make a device that is not assigned to anyone yet, and give away its seed.

        Raises AwsError: EntityAlreadyExists, LimitExceeded.
        """
        serial_number = devices_made.serial_number_of(account, path, name)
        seed = devices_made.new_seed()
        with self._lock:
            if serial_number in self._devices:
                raise refusals.device_exists()
            now = self._clock.now()
            made = Device(serial_number=serial_number, name=name, account=account, seed=seed, created_at=now)
            made.tags.update(tags or {})
            self._devices[serial_number] = made
            self._tell(made, DeviceEvent.CREATED, None, now)
        uri = devices_made.otpauth_uri(name=name, account=account, seed=seed)
        return NewDevice(
            serial_number=serial_number, seed=seed, qr_png=devices_made.qr_png(uri), tags=dict(tags or {})
        )

    def add_hardware_token(self, *, account: str, serial_number: str) -> None:
        """Put a hardware TOTP token into the world: AWS knows its seed from the vendor, nobody has it yet.

        Raises AwsError (EntityAlreadyExists): the serial number is taken.
        Source: id_credentials_mfa_enable_physical.
        """
        with self._lock:
            if serial_number in self._devices:
                raise refusals.device_exists()
            self._devices[serial_number] = Device(
                serial_number=serial_number,
                name=serial_number,
                account=account,
                seed=devices_made.new_seed(),
                created_at=self._clock.now(),
                kind=DeviceKind.HARDWARE,
            )

    def add_security_key(
        self, owner: Owner, *, account: str, name: str, certifications: Mapping[str, str] | None = None
    ) -> str:
        """Give `owner`, a user, a FIDO security key, as only the console can, and return its serial number.

        `certifications` are what GetMFADevice says of it. Raises AwsError (LimitExceeded).
        Source: id_credentials_mfa_enable_fido.
        """
        with self._lock:
            if len(self._of(owner.user_id)) >= DEVICES_A_USER:
                raise refusals.too_many_devices(DEVICES_A_USER)
            now = self._clock.now()
            serial_number = devices_made.security_key_serial_of(account, owner.name, name)
            made = Device(
                serial_number=serial_number,
                name=name,
                account=account,
                seed="",
                created_at=now,
                kind=DeviceKind.SECURITY_KEY,
                certifications=dict(certifications or {}),
                user_id=owner.user_id,
                enabled_at=now,
            )
            self._devices[serial_number] = made
            self._tell(made, DeviceEvent.ENABLED, owner.user, now)
            return serial_number

    def delete(self, serial_number: str) -> None:
        """Remove a virtual device that is not assigned.

        Raises AwsError: NoSuchEntity, DeleteConflict.
        """
        with self._lock:
            found = self._virtual(serial_number)
            if found.user_id is not None:
                raise refusals.device_must_be_deactivated()
            del self._devices[serial_number]
            self._tell(found, DeviceEvent.DELETED, None, self._clock.now())

    def enable(
        self, owner: Owner, serial_number: str, first_code: str, second_code: str, *, guarded: bool = False
    ) -> None:
        """Assign a device to `owner`, who shows two codes of it that follow each other.

        `guarded`: the owner asks for themselves and without MFA, which AWS allows for the first device
        only. That is decided before all else here.

        Raises AwsError: AccessDenied, NoSuchEntity, EntityAlreadyExists, LimitExceeded,
        InvalidAuthenticationCode.

        Source: AWS-2023-001; API_EnableMFADevice.
        """
        with self._lock:
            owned = self._of(owner.user_id)
            if guarded and owned:
                raise error.mfa_session_required()
            found = self._device(serial_number)
            if found.account != owner.account:
                raise refusals.no_such_device(serial_number)  # it is another account's affair
            _refuse_assigned(found, owner)
            if len(owned) >= DEVICES_A_USER:
                raise refusals.too_many_devices(DEVICES_A_USER)
            now = self._clock.now()
            if not found.synchronise(first_code, second_code, now):
                raise error.invalid_enrolment_pair()
            found.user_id, found.enabled_at = owner.user_id, now
            self._tell(found, DeviceEvent.ENABLED, owner.user, now)

    def deactivate(self, owner: Owner, serial_number: str, *, guarded: bool = False) -> None:
        """Take a device from `owner`. It stays, with its seed and its clock; a security key is gone.

        `guarded` is as for `enable`. Raises AwsError: AccessDenied, NoSuchEntity.
        """
        with self._lock:
            if guarded and self._of(owner.user_id):
                raise error.mfa_session_required()
            found = self._device_of(owner, serial_number)
            found.user_id = found.enabled_at = None
            if found.kind is DeviceKind.SECURITY_KEY:
                del self._devices[serial_number]
            self._tell(found, DeviceEvent.DEACTIVATED, owner.user, self._clock.now())

    def resync(self, owner: Owner, serial_number: str, first_code: str, second_code: str) -> None:
        """Set the clock of a device by two codes that follow each other.

        Raises AwsError: NoSuchEntity, InvalidAuthenticationCode; SandboxRefusal for a security key.
        """
        with self._lock:
            found = self._device_of(owner, serial_number)
            if found.kind is DeviceKind.SECURITY_KEY:
                raise SandboxRefusal("what AWS answers to codes of a security key is not known")
            if not found.synchronise(first_code, second_code, self._clock.now()):
                raise error.invalid_enrolment_pair()

    def refuse_deletion_of(self, user_id: str) -> None:
        """Raise AwsError (DeleteConflict) when the user has a device, who then cannot be deleted."""
        if self.of_user(user_id):
            raise refusals.user_has_devices()

    # --- codes -------------------------------------------------------------------------------------

    def check_code(self, serial_number: str, code: str, *, user_id: str) -> datetime:
        """Use up one code of the device, which must be the user's, and return when that was.

        A check of one's own device is counted, right, wrong or too early for STS to know the device;
        naming the device of somebody else is not, or anyone could lock it.

        Raises AwsError (AccessDenied): the code is wrong or used; or it cannot be validated, because
        the device is unknown, not the user's, or has no checks left.

        Source: observed on AWS.
        """
        with self._lock:
            now = self._clock.now()
            found = self._devices.get(serial_number)
            if found is None or found.enabled_at is None or found.user_id != user_id:
                raise error.mfa_not_validated()
            if found.kind is DeviceKind.SECURITY_KEY:
                # No key is accepted (D: id_credentials_mfa_configure-api-require); that it is this text is
                # inferred: it is the one for a serial number that STS does not know.
                raise error.mfa_not_validated()
            if not self._budget.spend(serial_number, now):
                raise error.mfa_not_validated()
            if now < found.enabled_at + self.propagation_delay:
                raise error.mfa_not_validated()
            if not found.use_code(code, now):
                raise error.wrong_mfa_code()
            return now

    def seed_of(self, serial_number: str) -> str:
        """Return the seed, for the sandbox's own phone and tokens. Raises AwsError (NoSuchEntity)."""
        with self._lock:
            return self._device(serial_number).seed

    def used_steps(self, serial_number: str) -> frozenset[int]:
        """Return the time steps whose codes were used at STS. Raises AwsError (NoSuchEntity)."""
        with self._lock:
            return frozenset(self._device(serial_number).used_steps)

    # --- what there is -----------------------------------------------------------------------------

    def get(self, serial_number: str) -> DeviceView:
        """Return one device. Raises AwsError (NoSuchEntity)."""
        with self._lock:
            return self._device(serial_number).view()

    def of_user(self, user_id: str) -> tuple[DeviceView, ...]:
        """Return the devices enabled for a user (or root, by account number), by serial number."""
        with self._lock:
            return tuple(found.view() for found in self._of(user_id))

    def all(self, *, account: str | None = None) -> tuple[DeviceView, ...]:
        """Return every device, assigned or not, by serial number; only those of `account` if one is given."""
        with self._lock:
            every = (self._devices[serial] for serial in sorted(self._devices))
            return tuple(each.view() for each in every if account in (None, each.account))

    # --- tags --------------------------------------------------------------------------------------

    def set_tags(self, serial_number: str, tags: Mapping[str, str], *, limit: int) -> None:
        """Add tags, or change those whose key is the same but for its case.

        Raises AwsError: NoSuchEntity; LimitExceeded when there would be more than `limit`.
        """
        with self._lock:
            found = self._virtual(serial_number)
            changed = {key.lower() for key in tags}
            kept = {key: value for key, value in found.tags.items() if key.lower() not in changed}
            if len(kept) + len(tags) > limit:
                raise refusals.too_many_tags()
            found.tags = {**kept, **tags}

    def remove_tags(self, serial_number: str, keys: Iterable[str]) -> None:
        """Remove tags by key, its case ignored; keys that are not there do not matter.

        Raises AwsError (NoSuchEntity).
        """
        with self._lock:
            found = self._virtual(serial_number)
            removed = {key.lower() for key in keys}
            found.tags = {key: value for key, value in found.tags.items() if key.lower() not in removed}

    def stores(self) -> tuple[Store, ...]:
        """Return the devices, and the checks spent on them, to be kept."""
        return Store.of("devices", Device, self._devices), self._budget.store()

    # --- under the lock ----------------------------------------------------------------------------

    def _device(self, serial_number: str) -> Device:
        found = self._devices.get(serial_number)
        if found is None:
            raise refusals.no_such_device(serial_number)
        return found

    def _virtual(self, serial_number: str) -> Device:
        # Deleting and tagging are for virtual devices (API_TagMFADevice); the answer for others is inferred.
        found = self._device(serial_number)
        if found.kind is not DeviceKind.VIRTUAL:
            raise refusals.no_such_device(serial_number)
        return found

    def _device_of(self, owner: Owner, serial_number: str) -> Device:
        found = self._device(serial_number)
        if found.user_id != owner.user_id:
            raise refusals.device_not_of_user()
        return found

    def _of(self, user_id: str) -> list[Device]:
        owned = (found for found in self._devices.values() if found.user_id == user_id)
        return sorted(owned, key=lambda found: found.serial_number)

    def _tell(self, changed: Device, event: DeviceEvent, user: User | None, now: datetime) -> None:
        self._directory.device_changed(
            account=changed.account, serial_number=changed.serial_number, event=event, user=user, at=now
        )


def _refuse_assigned(found: Device, owner: Owner) -> None:
    if found.user_id is None:
        return
    if found.user_id == owner.user_id:
        raise refusals.device_of_user_exists(owner.name)
    raise refusals.device_in_use()
