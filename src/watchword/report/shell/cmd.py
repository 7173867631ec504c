"""What cmd.exe reads, through `for /f` at the prompt or from a batch file.

The two differ in what `%` does, delayed expansion in what `!` does, and the code page in what is not ASCII:
such values are refused. `set "NAME=…"` takes all up to the line's last `"`; quotes inside end the
protection of the characters after them, so they are taken only when there is nothing to protect.
Source: "set" and "cmd", Microsoft's Windows Commands reference.
"""

from __future__ import annotations

import re

from watchword.report.shell.language import Language, refuse

_LONGEST_LINE = 8191
_UNSAID = (
    (re.compile(r"[^ -~]"), "a line break, or a character that is not ASCII"),
    (re.compile(r"%"), "a `%`"),
    (re.compile(r"!"), "a `!`"),
    (re.compile(r'".*[&|<>^()]|[&|<>^()].*"'), "a quote beside one of `& | < > ^ ( )`"),
)


def _set_line(name: str, text: str) -> str:
    if not text:
        raise refuse(name, "cmd", "nothing in it")
    for pattern, what in _UNSAID:
        if pattern.search(text):
            raise refuse(name, "cmd", what)
    line = f'set "{name}={text}"'
    if len(line) > _LONGEST_LINE:
        raise refuse(name, "cmd", f"more characters than {_LONGEST_LINE}")
    return line


CMD = Language(
    set_line=_set_line,
    unset_line=lambda name: f'set "{name}="',
    # Not `exit /b 1`: outside a batch file that closes the window.
    fails="cmd /d /c exit 1",
)
