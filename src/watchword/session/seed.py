"""Keeping the seed of a device on this machine, for whoever wants that after a warning."""

from __future__ import annotations

from watchword.errors import WatchwordError
from watchword.local.keyring_entries import keyring_name
from watchword.local.terminal import Terminal
from watchword.session.codes.keyring_seed import forget_seed, remember_seed
from watchword.session.device import Device, find_device
from watchword.session.entrance import Entrance
from watchword.session.errors import SEE_CODES

_YES = "yes"


def keep_seed(entrance: Entrance, terminal: Terminal) -> Device:
    """Warn, ask for a yes and for the seed, and keep it in the keyring; return whose it is.

    Raises `NoKeyring` before anything is asked, `BadSeed`, and `WatchwordError` when the answer was no.
    """
    keyring = keyring_name()
    device = _device(entrance, terminal)
    terminal.say(
        f"The seed of `{device.serial_number}` will be kept in {keyring}.\n"
        f"Then the access key of profile `{entrance.profile.name}` and its second factor are both on this"
        " machine:\nwhoever gets hold of your account on it has both, and no code will stop them."
    )
    if terminal.ask(f"type `{_YES}` if that is what you want: ").strip().lower() != _YES:
        raise WatchwordError("nothing was kept", hint=f"only `{_YES}` keeps it", see=SEE_CODES)
    remember_seed(device.serial_number, terminal.ask("the seed (base32, not shown): ", hidden=True))
    return device


def drop_seed(entrance: Entrance, terminal: Terminal) -> tuple[Device, bool]:
    """Remove the seed of the profile's device from the keyring; return the device, and whether it had one."""
    device = _device(entrance, terminal)
    return device, forget_seed(device.serial_number)


def _device(entrance: Entrance, terminal: Terminal) -> Device:
    known = entrance.known_device()
    return known or find_device(entrance.profile, entrance.profile.caller_identity(), terminal)
