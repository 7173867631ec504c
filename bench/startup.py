"""How long the command takes to begin, beside what Python itself takes, in the same run."""

from __future__ import annotations

import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.figure import Figure
from watchword.fastpath.line import process_line
from watchword.fastpath.session_file import Credentials, write
from watchword.fastpath.surroundings import surroundings
from watchword.fastpath.way import keep

ROUNDS = 25
WATCHWORD = str(Path(sys.executable).with_name("watchword"))
PYTHON_ALONE = [sys.executable, "-I", "-S", "-c", "pass"]
CLICK_ALONE = [sys.executable, "-c", "import click"]
COMMAND_ALONE = ["/bin/sh", "-c", ":"]
_LINE_PROMISED = 2.0
_EXEC_PROMISED_MS = 60.0
_HELP_PROMISED = 1.5
# A file that has just been written is not taken for settled.
_SETTLED_SECONDS = 2.1


def measure(*, small: bool = False) -> list[Figure]:
    """Return what the line of a profile, `exec` with a cached session and `--help` take."""
    rounds = 3 if small else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        environment = _signed_in(Path(folder))
        return [_line(environment, rounds), _exec(environment, rounds), _help(environment, rounds)]


def _line(environment: Mapping[str, str], rounds: int) -> Figure:
    line, alone = _in_turns(
        [shlex.split(process_line("work")), PYTHON_ALONE], environment, rounds, _cpu_milliseconds
    )
    return Figure(
        name="the line of a profile, CPU",
        value=line,
        unit="ms",
        ratio=line / alone,
        ratio_to="python -I -S -c pass",
        promise=f"at most {_LINE_PROMISED:g} times that",
        kept=line / alone <= _LINE_PROMISED,
    )


def _exec(environment: Mapping[str, str], rounds: int) -> Figure:
    inside = [WATCHWORD, "exec", "work", "--", *COMMAND_ALONE]
    within, alone = _in_turns([inside, COMMAND_ALONE], environment, rounds, _wall_milliseconds)
    return Figure(
        name="exec with a cached session, added to the command",
        value=within - alone,
        unit="ms",
        promise=f"at most {_EXEC_PROMISED_MS:g} ms",
        kept=within - alone <= _EXEC_PROMISED_MS,
    )


def _help(environment: Mapping[str, str], rounds: int) -> Figure:
    shown, alone = _in_turns([[WATCHWORD, "--help"], CLICK_ALONE], environment, rounds, _wall_milliseconds)
    return Figure(
        name="watchword --help",
        value=shown,
        unit="ms",
        ratio=shown / alone,
        ratio_to="python -c 'import click'",
        promise=f"at most {_HELP_PROMISED:g} times that",
        kept=shown / alone <= _HELP_PROMISED,
    )


def _in_turns(
    commands: Sequence[Sequence[str]],
    environment: Mapping[str, str],
    rounds: int,
    milliseconds: Callable[[Sequence[str], Mapping[str, str]], float],
) -> list[float]:
    """Return the median of each; in turns, so that a slower moment of the machine is one for all."""
    times: list[list[float]] = [[] for _ in commands]
    for _ in range(rounds):
        for command, found in zip(commands, times, strict=True):
            found.append(milliseconds(command, environment))
    return [statistics.median(found) for found in times]


def _cpu_milliseconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    to_nowhere = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    process_id = os.posix_spawn(command[0], list(command), environment, file_actions=[to_nowhere])
    _, status, used = os.wait4(process_id, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return 1000 * (used.ru_utime + used.ru_stime)


def _wall_milliseconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    begin = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    return 1000 * (time.perf_counter() - begin)


def _signed_in(home: Path) -> dict[str, str]:
    """Return the environment of somebody with a session in the cache, and the way to it."""
    environment = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "PATH": os.environ["PATH"]}
    environment |= {"LANG": "C.UTF-8"}
    session = home / "cache" / "watchword" / "sessions" / "one.session"
    for folder in (home / ".aws", session.parents[1], session.parent):
        folder.mkdir(mode=0o700, parents=True)
    (home / ".aws" / "config").write_text("[profile work]\nregion = eu-west-1\n")
    credentials = Credentials(
        access_key_id="ASIAEXAMPLE",
        secret_access_key="x" * 40,
        session_token="x" * 360,
        expires_at=datetime.now(UTC) + timedelta(hours=4),
    )
    write(str(session), credentials, {"profile": "work"})
    time.sleep(_SETTLED_SECONDS)
    seen = surroundings("work", environment)
    assert seen is not None
    keep(
        seen,
        environment,
        session=str(session),
        least_seconds=60,
        beside=[],
        region="eu-west-1",
        settings={},
    )
    return environment
