"""What can be answered from the cache, before the rest of the program is even loaded.

Each function here returns when it cannot answer, having done nothing, and does not return when it can.
"""

from __future__ import annotations

import os
import sys

from watchword.fastpath.way import find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_PROCESS = "credential-process"
_EXEC = "exec"
_DASHES = "--"
_NAMED_BY = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "WATCHWORD_PROFILE")
_CODE_DIGITS = 6
_USAGE = 2
# With a script that is run by its path, the folder of the package is not on the path of `-I`.
_WHOLE = "import sys; sys.path.append(sys.argv.pop(1)); from watchword.main import main; main()"


def answer_script(arguments: list[str]) -> NoReturn:
    """Answer for the one profile in `arguments`: from the cache, else by running the whole program."""
    if len(arguments) != 1:
        os.write(2, b"error: one profile is wanted\nsee: docs/getting-in/fast.md\n")
        os._exit(_USAGE)
    profile = arguments[0]
    _print_session(profile)
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))  # noqa: PTH120 pathlib is dear
    words = [sys.executable, "-I", "-c", _WHOLE, root, _PROCESS, f"--profile={profile}"]
    os.execv(sys.executable, words)  # noqa: S606 the same program, with all of it


def answer_command(arguments: list[str]) -> None:
    """Answer `watchword ARGUMENTS` if it is a plain `credential-process` or `exec` with a cached session."""
    if not arguments:
        return
    command, *rest = arguments
    if command == _PROCESS and len(rest) <= 1 and (profile := _profile(rest)):
        _print_session(profile)
    elif command == _EXEC and _DASHES in rest:
        at = rest.index(_DASHES)
        if at <= 1 and at + 1 < len(rest) and (profile := _profile(rest[:at])):
            _run_in_session(profile, rest[at + 1 :])


def _profile(words: list[str]) -> str | None:
    """Return the profile that is named, or that the environment names; None when it is not that simple."""
    if not words:
        return next((os.environ[name] for name in _NAMED_BY if os.environ.get(name)), None)
    name = words[0]
    if name.startswith("-") or (len(name) == _CODE_DIGITS and name.isdigit()):
        return None
    return name or None


def _print_session(profile: str) -> None:
    found = find(profile, os.environ)
    if found is None:
        return
    data = whole = f"{found.line}\n".encode()
    try:
        while data:
            data = data[os.write(1, data) :]
    except OSError:
        if data == whole:
            return
        # Half an answer is on its way, and whoever asked has gone.
        os._exit(1)
    os._exit(0)


def _run_in_session(profile: str, command: list[str]) -> None:
    from watchword.fastpath.hand_out import variables_of
    from watchword.fastpath.run import names_a_profile, program_of, run

    # What is to be said about the command, the whole program says.
    if names_a_profile(command) or (program := program_of(command[0], os.environ)) is None:
        return
    found = find(profile, os.environ)
    if found is None:
        return
    variables = variables_of(
        found.credentials,
        profile=found.profile,
        region=found.region,
        settings=found.settings,
        environment=os.environ,
    )
    try:
        run(program, command, variables.applied_to(os.environ))
    except OSError:
        return
