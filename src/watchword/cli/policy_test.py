"""`watchword policy test`: ask the cases of files, and say which were answered otherwise than expected."""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

import click

from watchword.cli.failure import show
from watchword.cli.options import color_option, stdout_style
from watchword.cli.policy_actions import unknown_action
from watchword.errors import ExitCode, UsageError, WatchwordError
from watchword.iam.cases import BrokenCase, Case, CaseFileError, Library, read_case_file
from watchword.local.documents import STANDARD_INPUT, read_document
from watchword.report.junit import junit_text
from watchword.report.policy_test import CaseValue, FileResult, ResultsValue, results_value
from watchword.report.policy_test_case import broken_value, case_value
from watchword.report.policy_test_text import results_text

_T = TypeVar("_T")

_SEE: Final = "docs/policy/test.md"
_FILE_OF_CASES: Final = re.compile(r"[^.].*\.json", re.DOTALL)
_SILENT_SECONDS: Final = 0.3
_BETWEEN_SECONDS: Final = 0.1


@click.command(
    epilog="Examples: `watchword policy test tests/*.json` · `watchword policy test -v -k mfa cases.json` · "
    "`watchword policy test --junit report.xml tests/*.json`"
)
@click.argument("files", metavar="CASES.json...", nargs=-1, required=True)
@click.option("-v", "--verbose", is_flag=True, help="A line for each case, not only for those that fail.")
@click.option(
    "-k",
    "wanted",
    metavar="TEXT",
    multiple=True,
    help="Only cases with TEXT in their name, whatever its case. May be repeated: any of them.",
)
@click.option(
    "--output",
    type=click.Choice(["text", "json", "junit"]),
    default="text",
    show_default=True,
    help="Text to read, data, or JUnit XML.",
)
@click.option("--junit", "junit_file", metavar="FILE", help="Write JUnit XML to FILE as well.")
@color_option
@click.pass_context
def test(
    context: click.Context,
    files: tuple[str, ...],
    verbose: bool,
    wanted: tuple[str, ...],
    output: str,
    junit_file: str | None,
) -> None:
    """Ask the cases of each file, and compare the answers with the expected ones.

    A file is a JSON array of cases; see docs/policy/test.md for their fields. Policies named by a path are
    looked for from the folder of the file. A folder stands for the .json files in it, `-` for standard input.

    Ends with 0 when all passed, with 3 when some failed, and with 1 when a file or a case could not be read.
    """
    if junit_file is not None:
        _refuse_to_overwrite(junit_file, files)
    counter = _Counter()
    library = Library()
    try:
        results = [_attempt(file, wanted, library, counter) for file in _with_folders(files)]
    finally:
        counter.clear()
    value = results_value([result for result in results if result is not None])
    _refuse_nothing(value, wanted)
    if junit_file is not None:
        _write(junit_file, junit_text(value))
    _print(value, output, verbose=verbose)
    context.exit(_exit_code(value))


def _attempt(file: str, wanted: Sequence[str], library: Library, counter: _Counter) -> FileResult | None:
    """Ask the cases of one file. One that cannot be read is told of at once and keeps nothing else back."""
    try:
        text = read_document(file)
        folder = "" if file == STANDARD_INPUT else os.path.dirname(file)  # noqa: PTH120 as it was typed
        entries = read_case_file(
            text,
            name=file,
            read=lambda path: _read_policy(os.path.join(folder, path)),  # noqa: PTH118 as above
            show=lambda path: _shown(os.path.join(folder, path)),  # noqa: PTH118 as above
            library=library,
        )
    except WatchwordError as error:
        counter.clear()
        show(error)
        problems = error.problems if isinstance(error, CaseFileError) else ()
        return FileResult(name=file, problem=error.message, problems=problems)
    chosen = [entry for entry in entries if _is_wanted(entry, wanted)]
    if not chosen:
        return None
    _tell_unknown_actions(chosen, counter)
    counter.expect(len(chosen))
    return FileResult(name=file, cases=tuple(counter.each(chosen, _asked)))


def _tell_unknown_actions(entries: Sequence[Case | BrokenCase], counter: _Counter) -> None:
    """A misspelt action is denied, as it should be: such a case would pass for ever."""
    for entry in entries:
        problem = unknown_action(entry.request.action) if isinstance(entry, Case) else None
        if problem is not None:
            counter.clear()
            click.echo(f"note: {entry.file}:{entry.line}: {problem}", err=True)


def _asked(entry: Case | BrokenCase) -> CaseValue:
    return broken_value(entry) if isinstance(entry, BrokenCase) else case_value(entry, entry.decide())


def _with_folders(names: Sequence[str]) -> Iterator[str]:
    """Give the files; for a folder those in it, not those further down, where the policies may be."""
    for name in names:
        if name == STANDARD_INPUT or not os.path.isdir(name):  # noqa: PTH112 it is text still
            yield name
            continue
        inside = sorted(each for each in os.listdir(name) if _FILE_OF_CASES.fullmatch(each))  # noqa: PTH208 as it was typed
        if not inside:
            raise WatchwordError(
                f"there is no .json file in the folder `{name}`",
                hint="name the folder that holds the files of cases",
                see=_SEE,
            )
        yield from (os.path.join(name, each) for each in inside)  # noqa: PTH118 as it was typed


def _read_policy(path: str) -> str:
    with contextlib.suppress(OSError, ValueError):
        mode = Path(path).stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            # A pipe or a device might never end: only what the user typed is read like that.
            raise WatchwordError(f"`{path}` is not a regular file", see=_SEE)
    return read_document("./-" if path == STANDARD_INPUT else path)


def _shown(path: str) -> str:
    """Leave the way through `..` out, where it is none through a link."""
    plain = os.path.normpath(path)
    return plain if _is_same(plain, path) else path


def _is_wanted(entry: Case | BrokenCase, wanted: Sequence[str]) -> bool:
    name = entry.name.casefold()
    return not wanted or any(text.casefold() in name for text in wanted)


def _refuse_nothing(value: ResultsValue, wanted: Sequence[str]) -> None:
    if wanted and not value["summary"]["cases"] and not value["summary"]["unreadable"]:
        names = " or ".join(f"`{text}`" for text in wanted)
        raise UsageError(
            f"no case has {names} in its name", hint="`watchword policy test -v` lists the names", see=_SEE
        )


def _print(value: ResultsValue, output: str, *, verbose: bool) -> None:
    if output == "json":
        click.echo(json.dumps(value, indent=2))
    elif output == "junit":
        click.echo(junit_text(value), nl=False)
    else:
        style = stdout_style()
        click.echo(results_text(value, style, verbose=verbose), color=style.color)


def _exit_code(value: ResultsValue) -> ExitCode:
    summary = value["summary"]
    if summary["unreadable"] or summary["broken"]:
        return ExitCode.FAILED
    return ExitCode.FINDINGS if summary["failed"] else ExitCode.OK


class _Counter:
    """Counts on the terminal, when there is one and it takes long."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._next = time.monotonic() + _SILENT_SECONDS
        self._expected = self._done = 0
        self._shown = False

    def expect(self, count: int) -> None:
        """Say that so many more are to be done."""
        self._expected += count

    def each(self, entries: Sequence[Case | BrokenCase], ask: Callable[[Case | BrokenCase], _T]) -> list[_T]:
        """Return the answer to each, counting."""
        answers = []
        for entry in entries:
            answers.append(ask(entry))
            self._done += 1
            if self._is_terminal and time.monotonic() >= self._next:
                self._show()
        return answers

    def clear(self) -> None:
        """Take the count away."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True, color=True)
            self._shown = False

    def _show(self) -> None:
        click.echo(f"\r\x1b[K{self._done} of {self._expected} cases", nl=False, err=True, color=True)
        self._shown = True
        self._next = time.monotonic() + _BETWEEN_SECONDS


def _refuse_to_overwrite(junit_file: str, files: Sequence[str]) -> None:
    """`--junit *.json` would take the first file of cases for the report."""
    if junit_file == STANDARD_INPUT:
        raise UsageError(
            "--junit names a file", hint="--output junit prints the report on standard output", see=_SEE
        )
    same = [file for file in files if file != STANDARD_INPUT and _is_same(junit_file, file)]
    if same or junit_file.endswith(".json"):
        raise UsageError(
            f"--junit names the file to write, and `{junit_file}` looks like a file of cases",
            hint="write `--junit report.xml` before the files of cases",
            see=_SEE,
        )


def _is_same(one: str, other: str) -> bool:
    try:
        return Path(one).samefile(other)
    except (OSError, ValueError):
        return False


def _write(name: str, text: str) -> None:
    """Put the file there in one step: who reads it meanwhile sees the old one or the new one."""
    try:
        if _is_standard_output(name):
            click.echo(text, nl=False)
            return
        path = Path(name).resolve()
        if name.startswith("/dev/") or (path.exists() and not path.is_file()):
            # A pipe or a device: there is nothing to put another one for.
            with Path(name).open("a", encoding="utf-8") as stream:
                stream.write(text)
            return
        new = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            new.write_text(text, encoding="utf-8")
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise WatchwordError(
            f"cannot write `{name}`: {why}", hint="no report was written", see=_SEE
        ) from None


def _is_standard_output(name: str) -> bool:
    """`/dev/stdout`, or the file where that goes: what is on its way there must not be lost."""
    try:
        return os.path.samestat(Path(name).stat(), os.fstat(sys.stdout.fileno()))
    except (OSError, ValueError):
        return False
