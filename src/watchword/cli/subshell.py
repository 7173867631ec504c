"""`watchword exec` without a command: a subshell that shows what it holds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NoReturn

from watchword.aws import ProfileSettings
from watchword.cli.getting_in import now, talk
from watchword.cli.options import stderr_style
from watchword.errors import WatchwordError
from watchword.fastpath.run import run
from watchword.local.subshell import depth_of, outer_label, subshell
from watchword.report.span import ending
from watchword.session import Session, session_variables

_SEE = "docs/getting-in/ways-out.md"


def become_subshell(session: Session, settings: ProfileSettings, inherited: Mapping[str, str]) -> NoReturn:
    """Become the user's shell, with the session in its environment; raise `WatchwordError` when it cannot."""
    label = label_of(session, settings)
    shell = subshell(inherited, label=label, expires_at=session.expires_at)
    variables = session_variables(session, settings, inherited)
    _say(label, session, inherited, has_segment=shell.has_segment)
    try:
        run(shell.program, shell.words, variables.applied_to(inherited) | dict(shell.variables))
    except OSError as error:
        raise WatchwordError(
            f"cannot run your shell `{shell.program}`: {(error.strerror or '').lower()}",
            hint="set SHELL to the path of one",
            see=_SEE,
        ) from None


def label_of(session: Session, settings: ProfileSettings) -> str:
    """Return what a prompt says of a session: the profile, and the role by its name."""
    role = (session.role_arn or "").rpartition("/")[2]
    return f"{settings.name}/{role}" if role else settings.name


def _say(label: str, session: Session, inherited: Mapping[str, str], *, has_segment: bool) -> None:
    style, at = stderr_style(), now()
    if depth := depth_of(inherited):
        around = f"the one of `{outer_label(inherited)}`" if depth == 1 else f"{depth} others"
        talk(f"{style.warning('note')}: this subshell is inside {around}; `exit` leads back there")
    talk(
        f"a shell in the session of `{style.strong(label)}`, until {ending(session.expires_at, at)};"
        " `exit` leaves it"
    )
    if not has_segment:
        shell = os.path.basename(inherited.get("SHELL", "")) or "this shell"  # noqa: PTH119 the user's own
        talk(
            f"{style.quiet('note')}: put $WATCHWORD_PROMPT into the prompt of `{shell}` to see where you are"
        )
