"""How long `watchword prove` takes for an account of a thousand principals, and of ten thousand."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.figure import Figure

WATCHWORD = str(Path(sys.executable).with_name("watchword"))
_GENERATOR = Path(__file__).resolve().parents[1] / "tests" / "accounts" / "generated.py"
_ROUNDS = 3
_LOAD = "import json, sys; json.load(open(sys.argv[1], encoding='utf-8'))"
_NOT_PROVED = 3
_ENOUGH = 8
"""So many times what was promised it may compute: whoever takes longer has not kept it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Promise:
    principals: int
    seconds: float
    gigabytes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Used:
    """What a process took.

    - `wall_seconds`: from its start to its end, by the clock: what whoever calls it waits.
    - `cpu_seconds`: of its own, of those it started and of the kernel for them. More than the wall's where
      two processors work at once, less where others were at work on the machine.
    - `gigabytes`: its memory at the highest. `ended`: whether it came to its end by itself.
    """

    wall_seconds: float
    cpu_seconds: float
    gigabytes: float
    ended: bool


_PROMISES = (
    _Promise(principals=1_000, seconds=2.0),
    _Promise(principals=10_000, seconds=25.0, gigabytes=1.5),
)
_SMALL = (_Promise(principals=10, seconds=2.0, gigabytes=1.5),)


def measure(*, small: bool = False) -> list[Figure]:
    """Return what the whole process takes, from the file to the JSON, beside `json.load` of the same file."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "XDG_CACHE_HOME": folder,
            "LANG": "C.UTF-8",
        }
        return [
            figure
            for promise in (_SMALL if small else _PROMISES)
            for figure in _figures(promise, Path(folder), environment, rounds=1 if small else _ROUNDS)
        ]


def _figures(promise: _Promise, folder: Path, environment: dict[str, str], *, rounds: int) -> list[Figure]:
    file = folder / f"{promise.principals}.json"
    with file.open("wb") as to:
        command = [sys.executable, str(_GENERATOR), str(promise.principals)]
        subprocess.run(command, stdout=to, check=True)
    prove = [WATCHWORD, "prove", str(file), "--output", "json"]
    _used([WATCHWORD, "prove", str(_smallest(folder)), "--output", "json"], environment)  # packs the universe
    load = _quickest([sys.executable, "-c", _LOAD, str(file)], environment, rounds)
    used = _quickest(prove, environment, rounds, most_seconds=_ENOUGH * promise.seconds)
    who = f"{promise.principals:,} principals"
    stopped = "" if used.ended else ", stopped before it came to its end"
    beside = "python -c json.load of the same file"
    figures = [
        Figure(
            name=f"prove, {who}, whole process, wall{stopped}",
            value=used.wall_seconds,
            unit="s",
            ratio=used.wall_seconds / load.wall_seconds,
            ratio_to=f"{beside} ({load.wall_seconds:.3f} s)",
            promise=f"within {promise.seconds:g} s",
            kept=used.ended and used.wall_seconds <= promise.seconds,
        ),
        Figure(
            name=f"prove, {who}, whole process, CPU{stopped}",
            value=used.cpu_seconds,
            unit="s",
            ratio=used.cpu_seconds / load.cpu_seconds,
            ratio_to=f"{beside} ({load.cpu_seconds:.3f} s)",
        ),
    ]
    if promise.gigabytes is not None:
        figures.append(
            Figure(
                name=f"prove, {who}, memory at the highest",
                value=used.gigabytes,
                unit="GB",
                promise=f"within {promise.gigabytes:g} GB",
                kept=used.ended and used.gigabytes <= promise.gigabytes,
            )
        )
    return figures


def _smallest(folder: Path) -> Path:
    file = folder / "smallest.json"
    if not file.exists():
        with file.open("wb") as to:
            subprocess.run([sys.executable, str(_GENERATOR), "2"], stdout=to, check=True)
    return file


def _quickest(
    command: list[str], environment: dict[str, str], rounds: int, *, most_seconds: float | None = None
) -> _Used:
    """Return what the quickest of some rounds took: the others were disturbed. A stopped one is the last."""
    found: list[_Used] = []
    while len(found) < rounds and (not found or found[-1].ended):
        found.append(_used(command, environment, most_seconds=most_seconds))
    return min(found, key=lambda used: used.wall_seconds)


def _used(command: list[str], environment: dict[str, str], *, most_seconds: float | None = None) -> _Used:
    before = time.perf_counter()
    to_nowhere = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    process_id = os.posix_spawn(command[0], command, environment, file_actions=[to_nowhere])
    if most_seconds is not None:
        limit = max(1, int(most_seconds))
        resource.prlimit(process_id, resource.RLIMIT_CPU, (limit, limit + 1))
    _, status, usage = os.wait4(process_id, 0)
    wall_seconds = time.perf_counter() - before
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, _NOT_PROVED, -signal.SIGXCPU, -signal.SIGKILL):
        raise RuntimeError(f"`{' '.join(command)}` ended with {code}")
    return _Used(
        wall_seconds=wall_seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        gigabytes=usage.ru_maxrss * 1024 / 1e9,
        ended=code >= 0,
    )
