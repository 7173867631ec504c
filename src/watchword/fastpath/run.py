"""Running a command in the place of this process, as a shell would."""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

PROFILE_OPTION = "--profile"
# Python ignores these, and a program would inherit that: `watchword exec -- yes | head` would not end.
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


def program_of(name: str, environment: Mapping[str, str]) -> str | None:
    """Return the path of the program that `name` means to a shell; None when there is none that can be run.

    Source: POSIX.1-2024, Shell Command Language, 2.9.1.4 "Command Search and Execution".
    """
    if os.sep in name:
        return name if _can_be_run(name) else None
    path = environment.get("PATH")
    if path is None:
        path = os.confstr("CS_PATH") or os.defpath
    for folder in path.split(os.pathsep) if path and name else ():
        program = os.path.join(folder, name)  # noqa: PTH118 pathlib costs more than all that `exec` may add
        if _can_be_run(program):
            return program
    return None


def run(program: str, command: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Become `program`, with `command` as its words; raise OSError when it cannot be run."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in _IGNORED_BY_PYTHON}
    try:
        os.execve(program, list(command), dict(environment))  # noqa: S606 to run it is the purpose
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def names_a_profile(command: Sequence[str]) -> bool:
    """Return whether a command is told a profile, which goes before the session in its environment."""
    return any(word == PROFILE_OPTION or word.startswith(f"{PROFILE_OPTION}=") for word in command)


def _can_be_run(path: str) -> bool:
    return os.access(path, os.X_OK) and not os.path.isdir(path)  # noqa: PTH112 as above
