"""`watchword device remember-seed` and `forget-seed`: a seed in the keyring of this machine."""

from __future__ import annotations

import click

from watchword.cli.getting_in import entrance, talk
from watchword.cli.options import color_option, profile_argument
from watchword.local.stderr_only import StderrOnly
from watchword.local.terminal import open_terminal
from watchword.session.seed import drop_seed, keep_seed


@click.command("remember-seed", epilog="Example: `watchword device remember-seed work`")
@profile_argument
@color_option
def remember_seed(profile: str | None, profile_option: str | None) -> None:
    """Keep the seed of your device in the keyring of this machine.

    `--mfa-from keyring` takes the codes from it then. The seed is asked for on the terminal, unseen, after a
    warning: with it, this machine holds both factors.
    """
    way_in = entrance(profile, profile_option)
    kept = keep_seed(way_in, open_terminal(hint="run it in a terminal: the seed is typed there"))
    talk(f"kept the seed of `{kept.serial_number}`; `watchword login --mfa-from keyring` uses it")


@click.command("forget-seed", epilog="Example: `watchword device forget-seed work`")
@profile_argument
@color_option
def forget_seed(profile: str | None, profile_option: str | None) -> None:
    """Remove the seed of your device from the keyring of this machine."""
    way_in = entrance(profile, profile_option)
    dropped, was_there = drop_seed(way_in, StderrOnly(hint="name the device in the profile: `mfa_serial`"))
    talk(f"{'removed the' if was_there else 'there was no'} seed of `{dropped.serial_number}`")
