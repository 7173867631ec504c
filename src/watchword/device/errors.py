"""What can go wrong with devices.

WatchwordError
├── DeviceError             exit 1   the device cannot be made as asked
│   ├── NotAUser                     the credentials are not those of an IAM user
│   ├── NoSuchUser                   the account has no user of that name
│   ├── NameTaken                    a device of that name is assigned already
│   ├── TooManyDevices               the user has as many devices as AWS allows
│   ├── CannotShow                   the terminal cannot show the QR code
│   ├── NoSuchDevice                 the user has no device of that name
│   ├── GivesNoCodes                 a security key, where codes are needed
│   ├── FileExists                   the PNG would overwrite a file
│   ├── PairsRefused                 three pairs of codes were wrong
│   ├── BeingEnrolled                another process is enrolling the same device
│   ├── DeviceGone                   somebody removed the device while its codes were typed
│   ├── BadList                      a list of people cannot be understood
│   ├── UnusableRound                a folder of invitations cannot be used, or is in use
│   ├── RoundStopped                 a round of invitations could not be brought to its end
│   ├── BadPair                      a program gave something else than two codes
│   ├── CodeSpent                    a new code would have to be waited for
│   ├── CannotEnroll                 the policies keep the user from a first device
│   ├── PasswordsRefused             AWS refused as many passwords as are asked for
│   └── PasswordInDoubt              nobody knows whether the password was changed
├── SignInNeeded            exit 4   a second device needs a session with a code
│   └── OnlyAnAdministrator          no device is left to open that session with
└── AwsRefused              exit 5   AWS answered no, with what that means here
"""

from __future__ import annotations

from watchword.aws.spelling import named
from watchword.errors import SignInNeeded, WatchwordError

SEE = "docs/enrol.md"
SEE_CHANGE = "docs/devices/change.md"
SEE_CODE = "docs/devices/list.md"
SEE_LIBRARY = "docs/devices/library.md"


def login_command(profile: str) -> str:
    """Return what to type to sign in with this profile."""
    return "watchword login" if profile == "default" else f"watchword login {named(profile)}"


def replace_command(user_name: str) -> str:
    """Return what an administrator types when this user has lost their device."""
    return f"watchword device replace --user {named(user_name)}"


def enrol_command(profile: str) -> str:
    """Return what to type to enrol a device for the user of this profile."""
    return "watchword device enroll" if profile == "default" else f"watchword device enroll {named(profile)}"


class DeviceError(WatchwordError):
    """The device cannot be made as asked."""


class NotAUser(DeviceError):
    """The credentials are not those of an IAM user, so there is nobody to give a device to."""


class NoSuchUser(DeviceError):
    """The account has no user of that name."""


class NameTaken(DeviceError):
    """A device of that name is assigned already."""


class TooManyDevices(DeviceError):
    """The user has as many devices as AWS allows."""


class CannotShow(DeviceError):
    """The terminal cannot show the QR code, and nothing else was asked for."""


class FileExists(DeviceError):
    """The PNG would overwrite a file."""


class PairsRefused(DeviceError):
    """AWS refused as many pairs of codes as are asked for."""


class BeingEnrolled(DeviceError):
    """Another process of this user is enrolling the same device."""


class DeviceGone(DeviceError):
    """Somebody removed the new device while its codes were typed."""


class BadList(DeviceError):
    """A list of people cannot be read or understood; nothing of it was used."""


class UnusableRound(DeviceError):
    """The folder of a round of invitations cannot be used, or another watchword is using it."""


class RoundStopped(DeviceError):
    """A round of invitations could not be brought to its end; what was found so far is kept."""


class BadPair(DeviceError):
    """A program that was asked for two codes gave something else."""


class CodeSpent(DeviceError):
    """A new code would have to be waited for, and that is not wanted."""


class NoSuchDevice(DeviceError):
    """The user has no device of that name, or none at all."""


class GivesNoCodes(DeviceError):
    """A security key or passkey, where codes are needed."""


class CannotEnroll(DeviceError):
    """The policies of the user, as far as they can be read, keep them from a first device."""


class PasswordsRefused(DeviceError):
    """AWS refused as many old or new passwords as are asked for."""


class PasswordInDoubt(DeviceError):
    """AWS was asked to change the password, and its answer never came."""


class OnlyAnAdministrator(SignInNeeded):
    """AWS wants a session with MFA, and the user has nothing left to open one with."""
