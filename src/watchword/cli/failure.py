"""The one place where a failure becomes lines on stderr and an exit code."""

from __future__ import annotations

import os
import re
import sys
from types import TracebackType
from typing import TextIO

import click

from watchword.cli.options import stderr_style
from watchword.errors import ExitCode, UsageError, WatchwordError, printable

_SEE = "docs/rooms/cli.md"
# Compiled when something has failed: `--help` does not wait for that.
_SECRETS = (
    (r"(?<![\w/+.-])\d{6}(?![\w/+=-])", "••••••"),  # a code
    (r"(?<![\w/+])[A-Za-z0-9/+=]{40,}(?![\w/+])", "•••"),  # a secret key or a token
    (r"(?<![A-Z2-7])[A-Z2-7]{32,}(?![A-Z2-7])", "•••"),  # a device's seed
)

_PATHS = r"""(?<=[`"])(/[^`"\n]+)(?=[`"])"""


def exit_code_of(command: click.Command, arguments: list[str]) -> int:
    """Run `command`, show what went wrong, and return the exit code. Never raises.

    Whatever is unexpected is one line without its text, which could hold a secret;
    WATCHWORD_DEBUG=1 adds where it happened.
    """
    try:
        code = _run(command, arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has had enough: `watchword status | head -1`.
        _abandon(sys.stdout)
        return ExitCode.FAILED
    except Exception as error:
        _abandon(sys.stdout)
        return _show(_as_ours(error))
    return code


def show(error: WatchwordError) -> None:
    """Write an error on stderr: what went wrong, what to do, where it is explained."""
    first, *others = map(printable, without_secrets(error.diagnostics(), error.names).split("\n"))
    style = stderr_style()
    label, _, text = first.partition(": ")
    click.echo("\n".join([f"{style.bad(label)}: {text}", *others]), err=True, color=style.color)


def without_secrets(text: str, names: tuple[str, ...] = ()) -> str:
    """Return `text` with whatever looks like a code, a key's secret, a token or a seed as dots.

    What is in quotes stays, however long it is, if it is a path that leads to a folder of this machine or
    one of `names`.
    """
    if not names:
        return _but_paths(text)
    spared = "|".join(rf"(?<=`){re.escape(name)}(?=`)" for name in names)
    parts = enumerate(re.split(f"({spared})", text))
    return "".join(part if at % 2 else _but_paths(part) for at, part in parts)


def _but_paths(text: str) -> str:
    return "".join(
        part if at % 2 and _is_path(part) else _dotted(part) for at, part in enumerate(re.split(_PATHS, text))
    )


def _is_path(text: str) -> bool:
    folder = os.path.dirname(text)  # noqa: PTH120 it is text still
    return folder != "/" and os.path.isdir(folder)  # noqa: PTH112 as above


def _dotted(text: str) -> str:
    for pattern, dots in _SECRETS:
        text = re.sub(pattern, dots, text)
    return text


def _run(command: click.Command, arguments: list[str]) -> int:
    try:
        result = command.main(arguments, prog_name="watchword", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    return result if isinstance(result, int) else ExitCode.OK


def _as_ours(error: Exception) -> WatchwordError:
    if isinstance(error, WatchwordError):
        return error
    if isinstance(error, click.UsageError):
        return _usage(error)
    if isinstance(error, click.ClickException):
        return WatchwordError(_in_our_form(error.format_message()), see=_SEE).with_traceback(
            error.__traceback__
        )
    if isinstance(error, OSError) and error.strerror:
        where = f" `{error.filename}`" if error.filename else ""
        ours = WatchwordError(f"{error.strerror.lower()}{where}", see=_SEE)
    else:
        ours = _unexpected(error)
    ours.__cause__ = error
    return ours


def _usage(error: click.UsageError) -> UsageError:
    message = _in_our_form(error.format_message())
    path = error.ctx.command_path if error.ctx else "watchword"
    hint = f"`{path} --help` shows how it is written"
    if re.search(r"\b\d{6}\b", message) or re.search(r"(?i)--?(token-?)?code\b", message):
        hint = (
            "arguments can be read by every program on this machine: a code is typed when it is asked for,"
            " or handed over on stdin with `--mfa-code -`"
        )
        return UsageError(message, hint=hint, see="docs/getting-in/codes.md")
    return UsageError(message, hint=hint, see=_SEE)


def _in_our_form(message: str) -> str:
    text = " ".join(message.split()).rstrip(".").replace("'", "`")
    text = text.replace(". (Did you", " (did you").replace(". Choose from: ", ": one of ")
    return text[:1].lower() + text[1:]


def _unexpected(error: Exception) -> WatchwordError:
    return WatchwordError(
        f"watchword itself failed: {type(error).__name__}{_where(error.__traceback__)}",
        hint="this is a bug; WATCHWORD_DEBUG=1 shows how it came about, for a report",
        see=_SEE,
    )


def _where(traceback: TracebackType | None) -> str:
    if traceback is None:
        return ""
    while traceback.tb_next:
        traceback = traceback.tb_next
    file = os.path.basename(traceback.tb_frame.f_code.co_filename)  # noqa: PTH119 pathlib is slow to import
    return f" in {file}, line {traceback.tb_lineno}"


def _show(error: WatchwordError) -> int:
    try:
        if os.environ.get("WATCHWORD_DEBUG", "") not in ("", "0"):
            import traceback

            told = without_secrets("".join(traceback.format_exception(error)))
            click.echo("\n".join(map(printable, told.split("\n"))), err=True, nl=False)
        show(error)
    except OSError:
        # An error output that takes nothing leaves the exit code to speak.
        _abandon(sys.stderr)
    return error.exit_code


def _abandon(stream: TextIO) -> None:
    """Let nothing that is still in the buffer fail again when the interpreter ends."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
