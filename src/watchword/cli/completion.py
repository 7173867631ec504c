"""`watchword completion`: the script that lets a shell complete commands, options, profiles and roles."""

from __future__ import annotations

import os

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, ZshComplete

from watchword.cli.known_names import known_profiles, known_roles
from watchword.cli.options import color_option
from watchword.errors import ExitCode

VARIABLE = "_WATCHWORD_COMPLETE"
_PROGRAM = "watchword"

OF_A_PROFILE = frozenset(
    {"console", "credential-process", "env", "exec", "login", "logout", "serve", "status"}
)
"""Commands whose first argument is a profile. Known here because to ask them would load AWS's SDK, and
somebody waits."""


class _Silent(ShellComplete):
    """Completion that has nothing to offer rather than anything to complain about."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        if "--" in args:
            # The command line of another program: files are the best guess.
            return [CompletionItem(incomplete, type="file")]
        names = _names(args, incomplete)
        if names is not None:
            return [CompletionItem(name) for name in names]
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


def _names(args: list[str], incomplete: str) -> list[str] | None:
    """Return the names that can stand here, None where click must be asked."""
    if not args or args[0] not in OF_A_PROFILE or incomplete.startswith("-"):
        return None
    if len(args) == 1 or args[-1] == "--profile":
        return known_profiles(incomplete)
    return known_roles(incomplete) if args[-1] == "--role" else None


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
