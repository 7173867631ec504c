"""What PowerShell reads: verbatim strings, and everything that is not printable ASCII by its number.

A verbatim string takes the typographic quotes U+2018 to U+201B for its end, a program's output may be decoded
with any code page, and `Invoke-Expression` may be given line after line: one line of ASCII is none of these.
Source: "about_Quoting_Rules"; PowerShell Language Specification 3.0, 2.3.5.2 (single-quote-character).
"""

from __future__ import annotations

import itertools

from watchword.report.shell.language import Language, refuse


def _set_line(name: str, text: str) -> str:
    if not text:
        # Source: "about_Environment_Variables": assigning an empty string removes it, before 7.5.
        raise refuse(name, "PowerShell", "nothing in it")
    pieces = [
        _verbatim("".join(run)) if plain else _by_number("".join(run))
        for plain, run in itertools.groupby(text, key=lambda each: " " <= each <= "~")
    ]
    if not pieces[0].startswith("'"):
        pieces.insert(0, "''")  # the first operand decides that `+` joins text
    return f"$env:{name} = {' + '.join(pieces)}"


def _verbatim(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _by_number(text: str) -> str:
    units = text.encode("utf-16-be")
    numbers = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
    return " + ".join(f"[char]{number}" for number in numbers)


POWERSHELL = Language(
    set_line=_set_line,
    unset_line=lambda name: f"Remove-Item -LiteralPath Env:{name} -ErrorAction SilentlyContinue",
    fails="throw 'watchword failed'",
)
