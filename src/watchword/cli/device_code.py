"""`watchword device code`: a code to paste elsewhere, such as into the AWS console's sign-in."""

from __future__ import annotations

import json

import click

from watchword.cli.getting_in import entrance, now, talk
from watchword.cli.options import color_option, output_option, profile_argument
from watchword.device.code import show_code
from watchword.errors import NoTerminal
from watchword.local.stderr_only import StderrOnly
from watchword.local.terminal import Terminal, open_terminal
from watchword.report.device_code import code_note, code_text, code_value
from watchword.session import Wish, parse_code_from

_NAME_IT = "`mfa_serial` in the profile says which device it is"


@click.command(
    epilog="Examples: `watchword device code --mfa-from ykman` · `watchword device code work --pair`"
)
@profile_argument
@click.option(
    "--mfa-from",
    metavar="SOURCE",
    envvar="WATCHWORD_MFA_FROM",
    help="Whence the code comes: ykman, op:ITEM, bw:ITEM, pass:ENTRY, keyring or process:COMMAND.",
)
@click.option("--pair", is_flag=True, help="The code and the one after it, for a device out of step.")
@click.option("--no-wait", is_flag=True, help="Fail when a code must be waited for, and say for how long.")
@output_option
@color_option
def code(
    profile: str | None,
    profile_option: str | None,
    mfa_from: str | None,
    pair: bool,
    no_wait: bool,
    output: str,
) -> None:
    """Print the present code of your device, to paste it where AWS asks for one.

    It comes from `--mfa-from`, else from `mfa_process` of the profile. A code that watchword has sent already
    is not printed: it waits for the next. What is printed counts as unused: nobody can tell whether it is.
    """
    wish = Wish(code_from=parse_code_from(mfa_from) if mfa_from else None)
    shown = show_code(entrance(profile, profile_option, wish), _terminal(), pair=pair, wait=not no_wait)
    value = code_value(shown, now())
    click.echo(json.dumps(value, indent=2) if output == "json" else code_text(value))
    talk(code_note(value))


def _terminal() -> Terminal:
    try:
        return open_terminal()
    except NoTerminal:
        return StderrOnly(hint=_NAME_IT)
