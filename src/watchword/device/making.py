"""A new device for somebody: a name that is free, the device made, its codes taken, or nothing left of it."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator

from watchword.aws import Refusal, Unreachable, enable_mfa_device
from watchword.device.acting import Acting, with_mfa
from watchword.device.ceremony import Presenter, enable
from watchword.device.check import sign_in_command
from watchword.device.errors import SEE, BeingEnrolled, DeviceGone, NameTaken, NoSuchUser
from watchword.device.names import free_names
from watchword.device.own import OwnDevice, devices_of
from watchword.device.owner import Owner
from watchword.device.refusal import explained, is_about_second_device, resource_of
from watchword.device.unfinished import LeftoverStays, Say, new_device
from watchword.local.lock import LockBusy, locked
from watchword.session import AWS_ITSELF, SignedIn, device_name
from watchword.session.device import Device

_CREATE = "iam:CreateVirtualMFADevice"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A device that was enabled just now, and the two codes that did it.

    `acting` is who made it, with the session that it needed if it needed one. `leftovers` are the serial
    numbers of devices that had names which were wanted, and could not be removed.
    """

    acting: Acting
    serial_number: str
    leftovers: tuple[str, ...]
    codes: tuple[str, str] = dataclasses.field(repr=False)


@dataclasses.dataclass(slots=True, kw_only=True)
class Making:
    """Who makes a device for whom; `acting` gets a session on the way where AWS wants one."""

    acting: Acting
    owner: Owner
    presenter: Presenter
    say: Say
    announce: Callable[[SignedIn], None]

    def under(self, name: str) -> Made:
        """Make and enable a device of this name.

        Raises `NameTaken`, `BeingEnrolled`, `PairsRefused`, `NoSuchUser`, `DeviceGone`, what `with_mfa` and
        the presenter raise, `Unreachable`, and AWS's refusals, explained.
        """
        try:
            return self._under(name)
        except Refusal as refusal:
            raise self._explained(refusal, self.owner.serial_number(name)) from None

    def under_a_free_name(self, own: tuple[OwnDevice, ...]) -> Made:
        """Do the same, named after the user; with a number behind where that name cannot be had.

        It cannot where it is somebody's, where a leftover has it that may not be removed, or where the
        policies refuse it. Raises as `under`.
        """
        names = free_names(self.owner.user_name, [device_name(device.serial_number) for device in own])
        leftovers: list[LeftoverStays] = []
        denied: tuple[Refusal, str] | None = None
        for name in names:
            try:
                made = self._under(name)
            except LeftoverStays as leftover:
                leftovers.append(leftover)
                self.say(f"AWS denies the removal of `{leftover.serial_number}`: trying the next name")
            except NameTaken:
                self.say(f"there is a device named `{name}` already: trying the next name")
            except Refusal as refusal:
                serial_number = self.owner.serial_number(name)
                if not _is_name_denied(refusal):
                    raise self._explained(refusal, serial_number) from None
                if leftovers:
                    raise self._blocked(leftovers[0], refusal, serial_number) from None
                if denied is not None:
                    raise self._explained(*denied) from None
                denied = (refusal, serial_number)
            else:
                return dataclasses.replace(
                    made, leftovers=tuple(leftover.serial_number for leftover in leftovers)
                )
        if denied is not None:
            raise self._explained(*denied)
        raise leftovers[0] if leftovers else self._no_name_left(names[-1])

    def _under(self, name: str) -> Made:
        serial_number = self.owner.serial_number(name)
        with (
            self._alone(serial_number),
            new_device(
                self.acting.signed, serial_number, say=self.say, sign_in=self._sign_in(serial_number)
            ) as device,
        ):
            codes = enable(
                device,
                self.owner,
                self.presenter,
                lambda pair: self._send(serial_number, pair),
                is_own=self.acting.is_own,
            )
        return Made(acting=self.acting, serial_number=serial_number, codes=codes, leftovers=())

    def _sign_in(self, serial_number: str) -> str | None:
        """Return what the device's user types to sign in; None for somebody else, whose key is not here."""
        if not self.acting.is_own:
            return None
        return sign_in_command(self.acting.entrance, Device(serial_number=serial_number))

    @contextlib.contextmanager
    def _alone(self, serial_number: str) -> Iterator[None]:
        """Let no other watchword of this user take the device for a leftover while its codes are typed."""
        entrance = self.acting.entrance
        endpoint = entrance.settings.endpoint_url or AWS_ITSELF
        path = entrance.store.enrolling_path(endpoint, serial_number)
        try:
            held = contextlib.ExitStack()
            held.enter_context(locked(path, on_wait=lambda: None, longest_wait_seconds=0))
        except LockBusy:
            raise BeingEnrolled(
                f"another `watchword device enroll` is enrolling `{serial_number}` right now",
                hint="finish it, or stop it with Ctrl-C; then run this again",
                see=SEE,
            ) from None
        with held:
            yield

    def _send(self, serial_number: str, pair: tuple[str, str]) -> None:
        try:
            self._enable(serial_number, pair)
        except Refusal as refusal:
            if self.acting.has_session or not self.acting.is_own or not is_about_second_device(refusal):
                raise
            # Who may not list their devices learns only here that there is one. The pair was not looked at.
            self.say("you have a device already, and AWS adds another only with a code of that one")
            self.acting = with_mfa(self.acting, announce=self.announce)
            self._enable(serial_number, pair)

    def _enable(self, serial_number: str, pair: tuple[str, str]) -> None:
        try:
            enable_mfa_device(
                self.acting.signed,
                user_name=self.owner.user_name,
                serial_number=serial_number,
                first_code=pair[0],
                second_code=pair[1],
            )
        except Unreachable as error:
            if not error.request_left or not self._is_enabled(serial_number):
                raise
            self.say("AWS's answer was lost; its list of devices says that the device is enabled")

    def _is_enabled(self, serial_number: str) -> bool:
        try:
            own = devices_of(self.acting.signed, self.owner.user_name)
        except (Refusal, Unreachable):
            return False
        return any(device.serial_number == serial_number for device in own)

    def _explained(self, refusal: Refusal, serial_number: str) -> Exception:
        if refusal.code == "NoSuchEntity" and refusal.operation == "iam:EnableMFADevice":
            return self._gone(refusal, serial_number)
        resource = resource_of(refusal.operation, self.owner, serial_number)
        return explained(refusal, self.acting, resource=resource)

    def _gone(self, refusal: Refusal, serial_number: str) -> Exception:
        # Source: EnableMFADevice, IAM API Reference (NoSuchEntity); the text names the user or the device.
        if f"user with name {self.owner.user_name}" in refusal.aws_message:
            return NoSuchUser(
                f"account {self.owner.account} has no user `{self.owner.user_name}`",
                hint="names of users mind case, and are without the path",
                see=SEE,
            )
        return DeviceGone(
            f"`{serial_number}` was removed while its codes were typed",
            hint="another enrolment took it for a leftover, or somebody cleaned up: run this again",
            see=SEE,
        )

    def _blocked(self, leftover: LeftoverStays, refusal: Refusal, serial_number: str) -> Exception:
        """Return the error when the only name that the policies allow is a leftover's."""
        self.say(f"AWS denies the name `{device_name(serial_number)}` as well ({refusal.code})")
        return self._explained(leftover.refusal, leftover.serial_number)

    def _no_name_left(self, last: str) -> NameTaken:
        return NameTaken(
            f"all names from `{self.owner.user_name}` to `{last}` are taken",
            hint="choose another: `--name NAME`",
            see=SEE,
        )


def _is_name_denied(refusal: Refusal) -> bool:
    return refusal.code == "AccessDenied" and refusal.operation == _CREATE
