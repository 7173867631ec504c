"""`watchword env`: print the session for a shell to `eval`."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click

from watchword.cli.getting_in import entrance, getting_in_options, now, session_for_work, talk
from watchword.cli.options import color_option, profile_argument, stderr_style
from watchword.errors import UsageError
from watchword.report.shell import Shell, failing_line, guess_shell, shell_lines
from watchword.report.span import ending
from watchword.session import Wish, session_variables


def shell_option(help_text: str, *, but: Sequence[Shell] = ()) -> click.Option:
    """Return `--shell LANGUAGE`, with all languages but those named."""
    names = [shell.value for shell in Shell if shell not in but]
    return click.Option(["--shell"], type=click.Choice(names), help=help_text)


class FailsInEval(click.Command):
    """A command whose failure is a line that fails: `eval ""` succeeds, and a script would go on."""

    def is_for_eval(self, arguments: Sequence[str]) -> bool:  # noqa: ARG002 others look at them
        """Return whether what it prints is for `eval`, as far as its arguments tell."""
        return True

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 click's own
    ) -> click.Context:
        with self._failing_on_failure(args):
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> None:
        chosen = ctx.params.get("shell")
        with self._failing_on_failure(["--shell", chosen] if chosen else []):
            super().invoke(ctx)

    def _failing_on_failure(self, arguments: Sequence[str]) -> contextlib.AbstractContextManager[None]:
        return _failing_in(_language(arguments)) if self.is_for_eval(arguments) else contextlib.nullcontext()


def _language(arguments: Sequence[str]) -> Shell:
    """Return the language to fail in, from arguments that may be wrong otherwise; bash's by default."""
    for at, argument in enumerate(arguments):
        option, _, value = argument.partition("=")
        if option == "--shell":
            with contextlib.suppress(ValueError, IndexError):
                return Shell(value or arguments[at + 1])
    try:
        return guess_shell(os.environ)
    except UsageError:
        return Shell.BASH


@contextlib.contextmanager
def _failing_in(language: Shell) -> Iterator[None]:
    try:
        yield
    except click.exceptions.Exit:  # `--help`
        raise
    except BaseException:
        if not sys.stdout.isatty():
            with contextlib.suppress(OSError):
                click.echo(failing_line(language), nl=False)
        raise


@click.command(
    cls=FailsInEval,
    params=[shell_option("Whose language to print; guessed from SHELL.")],
    epilog='Examples: `eval "$(watchword env)"` · `watchword env work --shell fish | source`',
)
@profile_argument
@getting_in_options
@color_option
def env(profile: str | None, profile_option: str | None, wish: Wish, shell: str | None) -> None:
    """Print the lines that take the session into a shell.

    Asks for a code first when there is no good session. The key alone is never handed out: without a
    session it prints a line that fails, so that the `eval` fails too, and nothing where data is read.
    A value that a language cannot carry unchanged is refused. `--shell dotenv` is for files that programs
    read; what is in them lives no longer than the session.
    `watchword logout --shell bash` prints what takes the session out again.
    """
    inherited = dict(os.environ)
    language = guess_shell(os.environ) if shell is None else Shell(shell)
    session, settings = session_for_work(entrance(profile, profile_option, wish))
    variables = session_variables(session, settings, inherited)
    lines = shell_lines(language, unset=variables.unset, values=variables.set)
    if sys.stdout.isatty():
        style = stderr_style()
        talk(f"{style.warning('warning')}: secrets follow; with `eval` nobody sees them")
    if sys.stderr.isatty():
        talk(f"the session of `{settings.name}`, until {ending(session.expires_at, now())}")
    click.echo(lines, nl=False)
