"""An authenticator app for tests: it gives a code that nobody has used yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from watchword.errors import WatchwordError
from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.identity.codes import step_at
from watchword.sandbox.identity.devices import Devices
from watchword.sandbox.identity.phone import Phone

_STEP: Final = timedelta(seconds=30)


class NoDevice(WatchwordError):
    """Nobody of that name has a device that shows codes."""


class PocketPhone:
    """The app, opened at one device. `serial_number` is the device's.

    Codes follow the sandbox's clock. Where a person would wait for the next code, the clock is moved.
    `given` holds the time steps whose codes were returned before.
    """

    def __init__(
        self,
        *,
        serial_number: str,
        phone: Phone,
        devices: Devices,
        clock: SandboxClock,
        given: set[int],
    ) -> None:
        self.serial_number = serial_number
        self._phone = phone
        self._devices = devices
        self._clock = clock
        self._given = given

    def code(self) -> str:
        """Return a code that was neither used nor returned here before.

        That is the present one, or else the next: then the sandbox's clock goes on by half a minute.
        """
        while (step := step_at(self._clock.now())) in self._given | self._devices.used_steps(
            self.serial_number
        ):
            self._clock.move(_STEP)
        self._given.add(step)
        return self.shown_code()

    def shown_code(self) -> str:
        """Return the code that the app shows now, used or not."""
        return self._phone.read(self.serial_number).code

    def next_code(self) -> str:
        """Return the code that comes after the one of now, used or not."""
        return self._phone.read(self.serial_number).next_code

    def pair(self) -> tuple[str, str]:
        """Return two codes that follow each other, for EnableMFADevice and ResyncMFADevice.

        As people do it: they wait for a code that no pair had before, and half a minute for the other. So the
        clock of the device is right.
        """
        self._clock.move(_STEP)
        reading = self._phone.read(self.serial_number)
        self._clock.move(_STEP)
        return reading.code, reading.next_code
