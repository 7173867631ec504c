"""`watchword env`: print the session for a shell to `eval`."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

import click

from watchword.cli.getting_in import entrance, session_for_work, talk
from watchword.cli.options import color_option, profile_argument, stderr_style
from watchword.report.shell import Shell, guess_shell, shell_lines
from watchword.session import session_variables


def shell_option(help_text: str) -> click.Option:
    """Return `--shell bash|zsh|fish`."""
    return click.Option(["--shell"], type=click.Choice([shell.value for shell in Shell]), help=help_text)


class _FailsInEval(click.Command):
    """A command whose failure is a line that fails: `eval ""` succeeds, and a script would go on."""

    def make_context(self, *given: Any, **named: Any) -> click.Context:  # noqa: ANN401 click's own
        with _false_on_failure():
            return super().make_context(*given, **named)

    def invoke(self, ctx: click.Context) -> None:
        with _false_on_failure():
            super().invoke(ctx)


@contextlib.contextmanager
def _false_on_failure() -> Iterator[None]:
    try:
        yield
    except click.exceptions.Exit:  # `--help`
        raise
    except BaseException:
        if not sys.stdout.isatty():
            with contextlib.suppress(OSError):
                click.echo("false")
        raise


@click.command(
    cls=_FailsInEval,
    params=[shell_option("Whose language to print; guessed from SHELL.")],
    epilog='Examples: `eval "$(watchword env)"` · `watchword env work --shell fish | source`',
)
@profile_argument
@color_option
def env(profile: str | None, profile_option: str | None, shell: str | None) -> None:
    """Print the lines that take the session into a shell.

    Asks for a code first when there is no good session. The key alone is never handed out: without a
    session it prints `false`, so that the `eval` fails too.
    `watchword logout --shell bash` prints what takes the session out again.
    """
    inherited = dict(os.environ)
    language = guess_shell(os.environ) if shell is None else Shell(shell)
    session, opened = session_for_work(entrance(profile, profile_option))
    variables = session_variables(session, opened, inherited)
    if sys.stdout.isatty():
        style = stderr_style()
        talk(f"{style.warning('warning')}: secrets follow; with `eval` nobody sees them")
    click.echo(shell_lines(language, unset=variables.unset, values=variables.set), nl=False)
