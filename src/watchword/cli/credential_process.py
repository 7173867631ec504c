"""`watchword credential-process`: the session as AWS's SDKs ask for it."""

from __future__ import annotations

import click

from watchword.cli.getting_in import entrance, getting_in_options, session_for_work
from watchword.cli.options import color_option, profile_argument
from watchword.session import Wish


@click.command(
    name="credential-process",
    epilog="Example: `credential_process = watchword credential-process work` in a profile of another name;"
    " `watchword profile add` writes a line that answers faster.",
)
@profile_argument
@getting_in_options
@color_option
def credential_process(profile: str | None, profile_option: str | None, wish: Wish) -> None:
    """Print the session as JSON, for `credential_process` in a profile of the AWS files.

    Asks for a code when there is no good session: on the terminal itself, for the program that runs this
    keeps its input and output to itself. Where there is no terminal it ends with 6 at once.
    Many at the same time ask once.
    """
    session, _ = session_for_work(entrance(profile, profile_option, wish))
    click.echo(session.credentials.process_json())
