"""`watchword profile write`: the session in the credentials file, for programs that read nothing else."""

from __future__ import annotations

import json
import os

import click

from watchword.aws import profile_in_use
from watchword.cli.getting_in import entrance, getting_in_options, now, session_for_work, talk
from watchword.cli.options import (
    color_option,
    one_profile,
    output_option,
    profile_argument,
    stderr_style,
    stdout_style,
)
from watchword.report.profile import written_text, written_value
from watchword.session import Wish
from watchword.session.profile_files import ProfileKind, read_profile_files
from watchword.session.profile_write import Convention, refuse_if_in_the_way, target_of, write_session


@click.command(epilog="Examples: `watchword profile write` · `watchword profile write work --as default`")
@profile_argument
@click.option("--as", "written_as", metavar="NAME", help="The profile that gets the session.")
@click.option(
    "--convention",
    type=click.Choice([convention.value for convention in Convention]),
    default=Convention.MFA.value,
    show_default=True,
    help="mfa: `[x]` holds the key, `[x_mfa]` its session. long-term: `[x-long-term]` holds the key, `[x]`"
    " its session, as aws-mfa has it.",
)
@getting_in_options
@output_option
@color_option
def write(
    profile: str | None,
    profile_option: str | None,
    written_as: str | None,
    convention: str,
    wish: Wish,
    output: str,
) -> None:
    """Put the session into the credentials file, as a profile beside the one with the key.

    For programs that can neither run in `watchword exec` nor ask a `credential_process`. It asks for a code
    when there is no good session. What is written does not renew itself: run this again when it has ended.

    A profile that holds a key, assumes a role or signs in elsewhere is never written over.
    """
    wanted = profile_in_use(one_profile(profile, profile_option))
    target = target_of(wanted, Convention(convention), written_as=written_as, in_a_role=wish.role is not None)
    refuse_if_in_the_way(read_profile_files(os.environ), target.profile)
    way_in = entrance(target.source, None, wish)
    session, _ = session_for_work(way_in)
    settings = read_profile_files(os.environ).settings(target.source)
    written = write_session(target, session, os.environ, settings)
    if written.replaced is ProfileKind.OTHER_SESSION:
        style = stderr_style()
        talk(f"{style.warning('note')}: the session that `{target.profile}` held was made by another program")
    value = written_value(written, now())
    if output == "json":
        click.echo(json.dumps(value, indent=2))
    else:
        style = stdout_style()
        click.echo(written_text(value, now(), style), color=style.color)
