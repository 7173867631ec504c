"""`watchword device`: MFA devices, one's own and those of others."""

from __future__ import annotations

import click

from watchword.cli.lazy_group import Entry, LazyGroup
from watchword.cli.options import color_option

COMMANDS: dict[str, tuple[Entry, ...]] = {
    "Commands": (
        Entry(
            "enroll",
            "watchword.cli.device_enroll:enroll",
            "Enrol an authenticator app: scan, type two codes.",
        ),
        Entry(
            "first-sign-in",
            "watchword.cli.device_first_sign_in:first_sign_in",
            "Enrol, sign in, change the first password.",
        ),
        Entry("list", "watchword.cli.device_list:list_devices", "List devices, and what each is good for."),
        Entry("invite", "watchword.cli.device_invite:invite", "Tell many people how to enrol; see who has."),
        Entry(
            "resync",
            "watchword.cli.device_resync:resync",
            "Bring a device whose codes are refused back into step.",
        ),
        Entry(
            "replace",
            "watchword.cli.device_replace:replace",
            "Put a new device in the place of a lost one.",
        ),
        Entry("remove", "watchword.cli.device_remove:remove", "Remove a device; say what that opens first."),
        Entry("code", "watchword.cli.device_code:code", "Print a code, to paste it elsewhere."),
        Entry("remember-seed", "watchword.cli.device_seed:remember_seed", "Keep your seed in the keyring."),
        Entry("forget-seed", "watchword.cli.device_seed:forget_seed", "Remove your seed from the keyring."),
    )
}


@click.group(
    cls=LazyGroup,
    sections=COMMANDS,
    epilog="Examples: `watchword device enroll` · `watchword device list`",
)
@color_option
def device() -> None:
    """MFA devices: enrol one, list them, put one in the place of another."""
