"""`watchword env`: print the session for a shell to `eval`."""

from __future__ import annotations

import os
import sys

import click

from watchword.cli.getting_in import entrance, session_for_work, talk
from watchword.cli.options import color_option, profile_argument, stderr_style
from watchword.report.shell import Shell, guess_shell, shell_lines
from watchword.session import session_variables


def shell_option(help_text: str) -> click.Option:
    """Return `--shell bash|zsh|fish`."""
    return click.Option(["--shell"], type=click.Choice([shell.value for shell in Shell]), help=help_text)


@click.command(
    params=[shell_option("Whose language to print; guessed from SHELL.")],
    epilog='Examples: `eval "$(watchword env)"` · `watchword env work --shell fish | source`',
)
@profile_argument
@color_option
def env(profile: str | None, profile_option: str | None, shell: str | None) -> None:
    """Print the lines that take the session into a shell.

    Asks for a code first when there is no good session. Without a session nothing is printed: the key
    alone is never handed out. `watchword logout --shell bash` prints what takes it out again.
    """
    inherited = dict(os.environ)
    language = guess_shell(os.environ) if shell is None else Shell(shell)
    session, opened = session_for_work(entrance(profile, profile_option))
    variables = session_variables(session, opened, inherited)
    if sys.stdout.isatty():
        style = stderr_style()
        talk(f"{style.warning('warning')}: secrets follow; with `eval` nobody sees them")
    click.echo(shell_lines(language, unset=variables.unset, values=variables.set), nl=False)
