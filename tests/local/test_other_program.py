from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pexpect
import pytest

from watchword.local.other_program import OtherProgramFailed, output_of

Start = Callable[[str], "pexpect.spawn[str]"]


def _python(text: str) -> list[str]:
    return [sys.executable, "-IS", "-c", text]


def test_what_it_prints_and_how_it_ends_are_told() -> None:
    ended = output_of(_python("print('out'); raise SystemExit(3)"))
    assert (ended.exit_code, ended.output) == (3, b"out\n")
    assert "out" not in repr(ended)


def test_a_thread_may_run_one() -> None:
    with ThreadPoolExecutor() as threads:
        assert threads.submit(output_of, _python("print('out')")).result().output == b"out\n"


@pytest.mark.parametrize(
    "text",
    [
        "import time; time.sleep(60)",
        "import os, time; os.close(1); time.sleep(60)",
        "import signal, time; signal.signal(15, signal.SIG_IGN); print('x', flush=True); time.sleep(60)",
        "import subprocess; subprocess.Popen(['sleep', '5'])",
    ],
)
def test_one_that_does_not_end_is_ended(text: str) -> None:
    began = time.monotonic()
    with pytest.raises(OtherProgramFailed, match="it did not end within 1 s"):
        output_of(_python(text), longest_run_seconds=1)
    assert time.monotonic() - began < 4


def test_one_that_cannot_be_run_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no program")
    (tmp_path / "text").chmod(0o755)
    with pytest.raises(OtherProgramFailed, match="it cannot be run: exec format error"):
        output_of([str(tmp_path / "text")])


def test_the_echo_comes_back_when_one_is_ended_that_had_turned_it_off(at_terminal: Start) -> None:
    terminal = at_terminal(
        "import sys, termios\n"
        "from watchword.local.other_program import output_of, OtherProgramFailed\n"
        "try:\n"
        "    output_of(['sh', '-c', 'stty -echo; sleep 60'], longest_run_seconds=1)\n"
        "except OtherProgramFailed:\n"
        "    print('echo is', bool(termios.tcgetattr(0)[3] & termios.ECHO))"
    )
    terminal.expect("echo is True")


def test_a_signal_that_ends_this_process_ends_the_other_one_too(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    script = (
        "import sys\nfrom watchword.local.other_program import output_of\n"
        f"output_of([sys.executable, '-c', {program!r}])"
    )
    process = subprocess.Popen([sys.executable, "-c", script], start_new_session=True)
    while not (note.exists() and note.read_text()):
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == -signal.SIGTERM
    assert _ends(int(note.read_text()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_comes_while_the_other_is_being_started_ends_both(number: signal.Signals) -> None:
    script = (
        "import os, subprocess, sys\n"
        "from watchword.local.other_program import output_of\n"
        "class Interrupted(subprocess.Popen):\n"
        "    def __init__(self, *given, **more):\n"
        "        super().__init__(*given, **more)\n"
        "        print(self.pid, flush=True)\n"
        f"        os.kill(os.getpid(), {int(number)})\n"
        "        for _ in range(1000): pass\n"
        "subprocess.Popen = Interrupted\n"
        "output_of(['sleep', '60'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == -number
    assert _ends(int(done.stdout))


def _ends(process_id: int) -> bool:
    end = time.monotonic() + 5
    while _runs(process_id) and time.monotonic() < end:
        time.sleep(0.05)
    return not _runs(process_id)


def _runs(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process_id}/stat").read_text().split()[2] != "Z"
