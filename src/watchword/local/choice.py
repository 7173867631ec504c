"""A list to choose from on the terminal itself: typed letters search it, arrows move, Enter takes.

stdin, stdout and stderr are not touched: they may belong to a pipe or to the program that called this one.
"""

from __future__ import annotations

import contextlib
import os
import signal
import termios
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, TextIO

from watchword.errors import NoTerminal, printable
from watchword.local.terminal import Terminal, open_terminal

if TYPE_CHECKING:
    from prompt_toolkit.data_structures import Size
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings
    from questionary import Question
    from questionary.prompts.common import InquirerControl

_DEVICE: Final = "/dev/tty"
_SEE: Final = "docs/rooms/local.md"
_SHOW_CURSOR: Final = b"\x1b[?25h"
_USUAL_ROWS: Final = 24
_USUAL_COLUMNS: Final = 80
_ENDING: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A line of the list: what it stands for, its name, and a note beside it."""

    value: str
    label: str
    note: str = ""


def choose(title: str, choices: Sequence[Choice], *, hint: str | None = None) -> str:
    """Return the value of the choice that the user takes; the first is taken by Enter alone.

    A terminal that cannot move its cursor (TERM=dumb) shows a numbered list. `hint` says what to run where
    nobody can be asked. Raises `NoTerminal` at once when there is no terminal, or this runs in its
    background, `KeyboardInterrupt` on Ctrl-C, Ctrl-D and Esc.
    """
    terminal = open_terminal(hint=hint)
    titles = _titles(choices)
    if os.environ.get("TERM", "dumb") in {"", "dumb", "unknown"}:
        return _by_number(terminal, title, choices, titles)
    try:
        return _searched(title, choices, titles)
    except (OSError, EOFError, termios.error) as error:
        raise NoTerminal("the terminal was closed", hint=hint, see=_SEE) from error


def _titles(choices: Sequence[Choice]) -> list[str]:
    labels = [printable(choice.label) for choice in choices]
    width = max(map(len, labels))
    return [
        f"{label.ljust(width)}  {printable(choice.note)}".rstrip()
        for label, choice in zip(labels, choices, strict=True)
    ]


def _by_number(terminal: Terminal, title: str, choices: Sequence[Choice], titles: Sequence[str]) -> str:
    for number, line in enumerate(titles, start=1):
        terminal.say(f"  {number:>{len(str(len(titles)))}}  {line}")
    while True:
        answer = terminal.ask(f"{title} [1-{len(titles)}]: ").strip()
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(titles):
            return choices[int(answer) - 1].value
        terminal.say(f"a number from 1 to {len(titles)} is needed")


def _searched(title: str, choices: Sequence[Choice], titles: Sequence[str]) -> str:
    import asyncio
    import selectors

    with (
        open(_DEVICE, encoding="utf-8", opener=_opener) as reading,
        open(_DEVICE, "w", encoding="utf-8", opener=_opener) as writing,
        _put_back_when_ended(reading.fileno()),
        # `select` can wait for `/dev/tty` everywhere; what asyncio takes by itself on macOS cannot.
        asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner,
    ):
        question = _question(title, choices, titles, reading, writing)
        value: str = runner.run(question.application.run_async())
        return value


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOCTTY | os.O_CLOEXEC)


def _question(
    title: str, choices: Sequence[Choice], titles: Sequence[str], reading: TextIO, writing: TextIO
) -> Question:
    import questionary
    from prompt_toolkit.input.vt100 import Vt100Input
    from prompt_toolkit.key_binding import merge_key_bindings
    from prompt_toolkit.layout.controls import FormattedTextControl
    from prompt_toolkit.output.vt100 import Vt100_Output
    from questionary.prompts.common import InquirerControl

    question = questionary.select(
        f"{title}:",
        [questionary.Choice(line, value=choice.value) for line, choice in zip(titles, choices, strict=True)],
        instruction="(type to search)",
        use_search_filter=True,
        use_jk_keys=False,
        input=Vt100Input(reading),
        # Without asking the terminal where its cursor is: the answer may come when nobody reads it any more.
        output=Vt100_Output(writing, lambda: _size(writing), os.environ.get("TERM"), enable_cpr=False),
    )
    (shown,) = (
        control
        for control in question.application.layout.find_all_controls()
        if isinstance(control, InquirerControl)
    )
    given = [question.application.key_bindings] if question.application.key_bindings else []
    question.application.key_bindings = merge_key_bindings([*given, _more_keys(shown)])
    for control in question.application.layout.find_all_controls():
        if isinstance(control, FormattedTextControl) and control.text == shown.get_search_string_tokens:
            control.text = lambda: _search_line(shown)
    return question


def _size(terminal: TextIO) -> Size:
    """Return rows and columns; some terminals do not know, and say 0."""
    from prompt_toolkit.data_structures import Size

    columns, rows = os.get_terminal_size(terminal.fileno())
    return Size(rows=rows or _USUAL_ROWS, columns=columns or _USUAL_COLUMNS)


def _more_keys(shown: InquirerControl) -> KeyBindings:
    """Return what the library leaves out: other ways to leave, and no taking of what was not found."""
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.key_binding import KeyBindings, KeyPress
    from prompt_toolkit.keys import Keys

    keys = KeyBindings()

    def leave(event: Any) -> None:  # noqa: ANN401 the library's
        event.app.exit(exception=KeyboardInterrupt, style="class:aborting")

    def nothing(_event: Any) -> None:  # noqa: ANN401 the library's
        """A search that finds nothing shows the whole list, whose first line nobody meant."""

    def enter(event: Any) -> None:  # noqa: ANN401 the library's
        event.key_processor.feed(KeyPress(Keys.ControlM), first=True)

    for way_out in (Keys.Escape, Keys.ControlD, Keys.SIGINT):
        keys.add(way_out, eager=True)(leave)
    for not_a_letter in (Keys.ControlI, Keys.ControlK, Keys.ControlL):
        keys.add(not_a_letter, eager=True)(nothing)
    keys.add(Keys.ControlJ, eager=True)(enter)
    keys.add(Keys.ControlM, eager=True, filter=Condition(lambda: not _finds_something(shown)))(nothing)
    return keys


def _search_line(shown: InquirerControl) -> StyleAndTextTuples:
    """Return what was typed, and a word when nothing is called that: then the whole list is shown."""
    found = _finds_something(shown)
    style = "class:search_success" if found else "class:search_none"
    return [
        ("", "\n/ "),
        (style, printable(shown.search_filter or "")),
        ("", "" if found else "  nothing is called that"),
    ]


def _finds_something(shown: InquirerControl) -> bool:
    wanted = (shown.search_filter or "").lower()
    return any(wanted in str(choice.title).lower() for choice in shown.choices)


@contextlib.contextmanager
def _put_back_when_ended(file_descriptor: int) -> Iterator[None]:
    """Put the terminal back as it was before a signal ends this process."""
    before = termios.tcgetattr(file_descriptor)

    def end(number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(OSError, termios.error):
            termios.tcsetattr(file_descriptor, termios.TCSANOW, before)
            os.write(file_descriptor, b"\r\n" + _SHOW_CURSOR)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    handlers = {number: signal.signal(number, end) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
