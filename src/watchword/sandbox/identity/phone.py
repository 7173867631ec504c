"""What an authenticator app would show, by the sandbox's clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.identity import codes
from watchword.sandbox.identity.device import DeviceKind, DeviceView
from watchword.sandbox.identity.devices import Devices

CODES_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneReading:
    """The app's screen for one device: `codes` begins with the present one, then those that follow.

    `seconds_left` is how long the present one still lasts, 30 to 1.
    """

    serial_number: str
    codes: tuple[str, ...] = field(repr=False)
    seconds_left: int

    @property
    def code(self) -> str:
        """The code of now."""
        return self.codes[0]

    @property
    def next_code(self) -> str:
        """The code that follows it."""
        return self.codes[1]


class Phone:
    """Everybody's authenticator app: it has scanned the QR code of every device; and every hardware token.

    Its clock is right, so it does not know of the correction that a device got from codes of another
    time.
    """

    def __init__(self, *, devices: Devices, clock: SandboxClock) -> None:
        self._devices = devices
        self._clock = clock

    def find(
        self, wanted: str, *, user_id: str | None = None, account: str | None = None
    ) -> tuple[DeviceView, ...]:
        """Return the devices meant by `wanted`: a serial number, or the name of a user or a device.

        `user_id` is the unique ID of the user of that name, when there is one. The user's own devices
        come first; a device that is being enrolled is found by its name. `account`: only devices of that one
        are looked for by name.
        """
        every = tuple(device for device in self._devices.all() if device.kind is not DeviceKind.SECURITY_KEY)
        by_serial = tuple(device for device in every if device.serial_number == wanted)
        if by_serial:
            return by_serial
        owned = tuple(device for device in every if user_id is not None and device.user_id == user_id)
        of_account = (device for device in every if account in (None, device.account))
        named = tuple(device for device in of_account if device.name == wanted and device not in owned)
        return owned + named

    def read(self, serial_number: str, *, count: int = CODES_SHOWN) -> PhoneReading:
        """Return the present code of a device and those that follow, `count` (at least 2) in all.

        Raises AwsError (NoSuchEntity).
        """
        seed = self._devices.seed_of(serial_number)
        now = self._clock.now()
        first = codes.step_at(now)
        return PhoneReading(
            serial_number=serial_number,
            codes=tuple(codes.code_at(seed, first + ahead) for ahead in range(max(count, 2))),
            seconds_left=codes.seconds_left(now),
        )
