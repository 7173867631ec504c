"""`watchword policy`: what policies decide, and what is wrong with them. Each command has its own file."""

from __future__ import annotations

import click

from watchword.cli.lazy_group import Entry, LazyGroup
from watchword.cli.options import color_option

_COMMANDS: dict[str, tuple[Entry, ...]] = {
    "Ask": (
        Entry("explain", "watchword.cli.policy_explain:explain", "Say who decides one request, and why."),
        Entry("table", "watchword.cli.policy_table:table", "Show what passes with MFA and without."),
    ),
    "Check": (
        Entry("lint", "watchword.cli.policy_lint:lint", "Find what is wrong or weak in a policy."),
        Entry("test", "watchword.cli.policy_test:test", "Run tests of policies."),
    ),
}


@click.group(
    cls=LazyGroup,
    sections=_COMMANDS,
    epilog="Examples: `watchword policy table --policy mine.json` · `watchword policy lint mine.json`",
)
@color_option
def policy() -> None:
    """What policies decide, and what is wrong with them: from files, without an account."""
