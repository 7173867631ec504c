"""All rules. To add one: its import, and its line in `RULES`, each in order of the alphabet."""

from __future__ import annotations

from typing import Final

from watchword.lint.rule import Rule
from watchword.lint.rules import (
    syntax,
)

RULES: Final[tuple[Rule, ...]] = (syntax.RULE,)
