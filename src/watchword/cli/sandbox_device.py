"""`watchword sandbox device`: the devices that no call of AWS makes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from watchword.cli.options import output_option
from watchword.cli.sandbox_options import dir_option
from watchword.errors import UsageError

if TYPE_CHECKING:
    from watchword.sandbox.folder import Folder

DEVICE_SCHEMA = "watchword/sandbox-device/v1"
_SEE = "docs/rooms/sandbox.md"


@click.command(
    short_help="Add a security key or a hardware token.",
    epilog="Examples: `watchword sandbox device --user testuser --security-key yubikey` · "
    "`watchword sandbox device --hardware-token GAHT12345678`",
)
@dir_option
@click.option("--user", metavar="NAME", help="Whose device it is.")
@click.option(
    "--security-key", metavar="NAME", help="A FIDO security key, as only the console registers one."
)
@click.option(
    "--hardware-token",
    metavar="SERIAL",
    help="A token with a display. Without --user it belongs to nobody, and can be enabled.",
)
@click.option(
    "--certified",
    metavar="BY=LEVEL",
    multiple=True,
    help="A certification of the security key, as GetMFADevice shows it: FIDO=L1, FIPS-140-3=L2.",
)
@click.option("--account", metavar="ACCOUNT", help="Where it is added, if not in the first account.")
@output_option
@click.pass_obj
def device(
    folder: Folder,
    user: str | None,
    security_key: str | None,
    hardware_token: str | None,
    certified: tuple[str, ...],
    account: str | None,
    output: str,
) -> None:
    """Add a device that one can touch; its serial number is printed.

    `watchword sandbox phone --serial SERIAL` reads the display of a token. STS takes no security key.
    """
    from watchword.sandbox.door import Client

    name = security_key or hardware_token
    if name is None or (security_key and hardware_token):
        raise UsageError(
            "either --security-key or --hardware-token is needed",
            hint="a virtual device is made by `watchword device enroll`",
            see=_SEE,
        )
    if security_key and user is None:
        raise UsageError(
            "--security-key goes with --user", hint="a security key is always somebody's", see=_SEE
        )
    if certified and not security_key:
        raise UsageError(
            "--certified goes with --security-key", hint="other devices have no certifications", see=_SEE
        )
    kind = "security-key" if security_key else "hardware-token"
    serial_number = Client(folder).add_device(
        kind=kind, name=name, user=user, account=account, certifications=_certifications(certified)
    )
    if output == "json":
        value = {"schema": DEVICE_SCHEMA, "serial_number": serial_number, "kind": kind, "user_name": user}
        click.echo(json.dumps(value, indent=2))
    else:
        click.echo(serial_number)


def _certifications(certified: tuple[str, ...]) -> dict[str, str]:
    for each in certified:
        if "=" not in each:
            raise UsageError(f"`{each}` is no certification", hint="write `--certified FIDO=L1`", see=_SEE)
    return dict(each.split("=", 1) for each in certified)
