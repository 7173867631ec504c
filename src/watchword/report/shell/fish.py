r"""What fish reads: within single quotes only `\` and `'` mean something.

Source: "Quotes", fish documentation, The fish language.
"""

from __future__ import annotations

from watchword.report.shell.language import Language


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


FISH = Language(
    set_line=lambda name, text: f"set -gx {name} {_quoted(text)}",
    unset_line=lambda name: f"set -e {name}",
    fails="false",
)
