from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pytest

PROGRAM = """
import sys
from watchword.errors import WatchwordError
from watchword.local.choice import Choice, choose
names = sys.argv[2:] or ["default", "work", "prod-admin", "prod-read"]
sys.stdin.read() if sys.argv[1] == "read" else None
try:
    print(choose("which profile", [Choice(value=f"<{name}>", label=name, note="key") for name in names]))
except KeyboardInterrupt:
    sys.exit(130)
except WatchwordError as error:
    sys.exit(error.exit_code)
"""
DOWN = "\x1b[B"


class At:
    """The list at a terminal of its own, with stdin, stdout and stderr elsewhere."""

    def __init__(self, folder: Path, *names: str, term: str = "xterm", before: str = "") -> None:
        self.out, self.err = folder / "out", folder / "err"
        command = f"{before}{sys.executable} -c '{PROGRAM}' no {' '.join(names)}"
        script = f"{command} </dev/null >{self.out} 2>{self.err}; echo ended with $?; stty -a"
        self.terminal: pexpect.spawn[str] = pexpect.spawn(
            "bash",
            ["-c", script],
            env={"TERM": term, "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
            encoding="utf-8",
            timeout=30,
            dimensions=(24, 100),
        )

    def shown(self) -> At:
        self.terminal.expect("which profile")
        return self

    def keys(self, text: str) -> At:
        self.terminal.send(text)
        time.sleep(0.2)  # a person's fingers: keys that come at once may be one escape sequence
        return self

    def ended(self, exit_code: int) -> str:
        """Wait for the end; return what stands on stdout."""
        self.terminal.expect(f"ended with {exit_code}\r")
        self.terminal.expect(pexpect.EOF)
        self.terminal.close()
        settings = f" {self.terminal.before}"
        assert " echo " in settings
        assert " icanon " in settings
        assert self.err.read_text() == ""
        return self.out.read_text()


def test_enter_takes_the_first_and_only_the_answer_is_on_stdout(tmp_path: Path) -> None:
    assert At(tmp_path).shown().keys("\r").ended(0) == "<default>\n"


def test_arrows_move(tmp_path: Path) -> None:
    assert At(tmp_path).shown().keys(DOWN).keys(DOWN).keys("\r").ended(0) == "<prod-admin>\n"


def test_typed_letters_search(tmp_path: Path) -> None:
    at = At(tmp_path).shown().keys("PROD").keys(DOWN).keys("\r")
    assert at.ended(0) == "<prod-read>\n"


def test_letters_can_be_taken_back(tmp_path: Path) -> None:
    assert At(tmp_path).shown().keys("wx\x7f").keys("\r").ended(0) == "<work>\n"


def test_enter_takes_nothing_when_nothing_was_found(tmp_path: Path) -> None:
    at = At(tmp_path).shown().keys("nowhere")
    at.terminal.expect("nothing is called that")
    at.keys("\r").keys("\n").keys("\x7f" * 7).keys("work\r")
    assert at.ended(0) == "<work>\n"


@pytest.mark.parametrize("key", ["\x03", "\x04", "\x1b"], ids=["Ctrl-C", "Ctrl-D", "Esc"])
def test_there_is_a_way_out(tmp_path: Path, key: str) -> None:
    assert At(tmp_path).shown().keys(key).ended(130) == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_the_terminal_as_it_was(tmp_path: Path, number: signal.Signals) -> None:
    at = At(tmp_path).shown()
    (child,) = Path(f"/proc/{at.terminal.pid}/task/{at.terminal.pid}/children").read_text().split()
    subprocess.run(["kill", f"-{number.value}", child], check=True)
    assert at.ended(130 if number is signal.SIGINT else 128 + number) == ""


def test_names_command_nothing(tmp_path: Path) -> None:
    at = At(tmp_path, "plain", "$'\\e]0;owned\\a'")
    at.terminal.expect("u001b]0;owned")
    assert "\x1b]0;owned" not in str(at.terminal.before)
    assert at.keys(DOWN).keys("\r").ended(0) == "<\x1b]0;owned\a>\n"


def test_a_terminal_that_cannot_move_its_cursor_shows_numbers(tmp_path: Path) -> None:
    at = At(tmp_path, term="dumb")
    at.terminal.expect("  2  work        key\r")
    at.terminal.expect(r"which profile \[1-4\]: ")
    at.terminal.sendline("5")
    at.terminal.expect("a number from 1 to 4 is needed")
    at.terminal.expect(r"which profile \[1-4\]: ")
    at.terminal.sendline("2")
    assert at.ended(0) == "<work>\n"
    assert "\x1b" not in str(at.terminal.before)


def test_in_the_background_it_ends_at_once(tmp_path: Path) -> None:
    script = f"set -m; {sys.executable} -c '{PROGRAM}' no & wait $!; echo ended with $?"
    terminal: pexpect.spawn[str] = pexpect.spawn(
        "bash", ["-c", script], env={"TERM": "xterm", "PATH": "/usr/bin:/bin"}, encoding="utf-8", timeout=30
    )
    terminal.expect("ended with 6")
    terminal.close()


def test_without_a_terminal_it_ends_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "no"], start_new_session=True, timeout=30, check=False
    )
    assert done.returncode == 6


def test_the_list_is_imported_only_when_it_is_shown() -> None:
    script = "import json, sys, watchword.local.choice; print(json.dumps(list(sys.modules)))"
    loaded = json.loads(subprocess.check_output([sys.executable, "-c", script]))
    assert not {"questionary", "prompt_toolkit"} & set(loaded)
