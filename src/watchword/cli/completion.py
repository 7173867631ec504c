"""`watchword completion`: the script that lets a shell complete commands, options, profiles and roles."""

from __future__ import annotations

import os

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, ZshComplete

from watchword.cli.options import color_option
from watchword.errors import ExitCode

VARIABLE = "_WATCHWORD_COMPLETE"
_PROGRAM = "watchword"


class _Silent(ShellComplete):
    """Completion that has nothing to offer rather than anything to complain about."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        if "--" in args:
            # The command line of another program: files are the best guess.
            return [CompletionItem(incomplete, type="file")]
        try:
            return super().get_completions(args, incomplete)
        except Exception:
            # A command that does not exist, an extra that is not installed, a code typed as an argument:
            # it is said when the line is run, and not in the middle of it.
            return []


class _Bash(_Silent, BashComplete):
    pass


class _Zsh(_Silent, ZshComplete):
    pass


class _Fish(_Silent, FishComplete):
    pass


_SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}


@click.command(
    epilog='Examples: `eval "$(watchword completion bash)"` in ~/.bashrc, the same with zsh in ~/.zshrc'
    " · `watchword completion fish | source` in ~/.config/fish/config.fish"
)
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@color_option
def completion(shell: str) -> None:
    """Print the script that completes watchword's command lines in a shell.

    It completes commands, options, the profiles in your AWS files, and the roles that your profiles and
    sessions are in. Nothing is asked of AWS for that.
    """
    click.echo(_completer(shell, click.get_current_context().find_root().command).source())


def complete(command: click.Command) -> int:
    """Write what a shell has asked for in `VARIABLE`, and return the exit code of the process."""
    shell, _, wanted = os.environ[VARIABLE].partition("_")
    if shell not in _SHELLS or wanted != "complete" or not {"COMP_WORDS", "COMP_CWORD"} <= os.environ.keys():
        return ExitCode.USAGE
    click.echo(_completer(shell, command).complete())
    return ExitCode.OK


def _completer(shell: str, command: click.Command) -> ShellComplete:
    return _SHELLS[shell](command, {}, _PROGRAM, VARIABLE)
