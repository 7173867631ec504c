"""What bash and zsh read, and dash and ksh as well.

Source: POSIX.1-2024, Shell Command Language, 2.2.2 "Single-Quotes".
"""

from __future__ import annotations

import shlex

from watchword.report.shell.language import Language

POSIX = Language(
    set_line=lambda name, text: f"export {name}={shlex.quote(text)}",
    unset_line=lambda name: f"unset {name}",
    fails="false",
)
