r"""What nushell reads: double-quoted strings, in which only `\` and `"` mean something.

Source: "Working with Strings" and "Environment", The Nushell Book.
"""

from __future__ import annotations

import re

from watchword.report.shell.language import Language

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    numbered = _CONTROL.sub(lambda found: f"\\u{{{ord(found.group()):x}}}", escaped)
    return f'"{numbered}"'


NUSHELL = Language(
    set_line=lambda name, text: f"$env.{name} = {_quoted(text)}",
    unset_line=lambda name: f"hide-env --ignore-errors {name}",
    fails='error make { msg: "watchword failed" }',
)
