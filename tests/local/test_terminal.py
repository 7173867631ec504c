from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pexpect
import pytest

from watchword.errors import NoTerminal
from watchword.local.terminal import open_terminal

Start = Callable[[str], "pexpect.spawn[str]"]


def test_a_question_goes_to_the_terminal_even_when_all_else_is_redirected(at_terminal: Start) -> None:
    terminal = at_terminal(
        "import os\nnull = os.open('/dev/null', os.O_RDWR)\n"
        "for number in (0, 1, 2):\n    os.dup2(null, number)\n"
        "terminal.say('heard ' + terminal.ask('name: '))"
    )
    terminal.expect("name: ")
    terminal.sendline("somebody")
    terminal.expect("heard somebody")


def test_a_hidden_answer_is_not_echoed_and_the_next_line_is_a_new_one(at_terminal: Start) -> None:
    terminal = at_terminal("terminal.say(str(len(terminal.ask('secret: ', hidden=True))))")
    terminal.expect("secret: ")
    terminal.sendline("abcdef")
    terminal.expect(pexpect.EOF)
    assert terminal.before == "\r\n6\r\n"


def test_what_was_typed_before_the_question_is_not_the_answer(at_terminal: Start) -> None:
    terminal = at_terminal(
        "import time\ntime.sleep(1)\nterminal.say('<' + terminal.ask('secret: ', hidden=True) + '>')"
    )
    terminal.sendline("too early")
    terminal.expect("secret: ")
    terminal.sendline("in time")
    terminal.expect("<in time>")


@pytest.mark.parametrize(
    ("typed", "answer"), [("y", True), ("YES", True), ("n", False), ("", False), ("yep", False)]
)
def test_only_yes_confirms(at_terminal: Start, typed: str, answer: bool) -> None:
    terminal = at_terminal("terminal.say('answer ' + str(terminal.confirm('really?')))")
    terminal.expect(r"really\? \[y/N\] ")
    terminal.sendline(typed)
    terminal.expect(f"answer {answer}")


def test_a_countdown_is_one_line_that_is_wiped(at_terminal: Start) -> None:
    terminal = at_terminal("terminal.countdown(lambda left: f'{left} left', 2)\nterminal.say('done')")
    terminal.expect(pexpect.EOF)
    assert terminal.before == "\r\x1b[K2 left\r\x1b[K1 left\r\x1b[Kdone\r\n"


def test_end_of_input_is_leaving(at_terminal: Start) -> None:
    terminal = at_terminal("terminal.ask('name: ')")
    terminal.expect("name: ")
    terminal.sendeof()
    terminal.expect("KeyboardInterrupt")


def test_stopped_and_continued_it_shows_the_echo_meanwhile_and_asks_on() -> None:
    program = (
        "from watchword.local.terminal import open_terminal\n"
        "import itertools\n"
        "times = itertools.chain(['secret: '], itertools.repeat('secret of later: '))\n"
        "print(len(open_terminal().ask(lambda: next(times), hidden=True)), 'characters')"
    )
    environment = {"PS1": "$ ", "PATH": "/usr/bin:/bin", "TERM": "dumb"}
    shell = pexpect.spawn("bash", ["--norc", "-i"], encoding="utf-8", timeout=30, env=environment)
    shell.expect_exact("$ ")
    shell.sendline(f'{sys.executable} -c "{program}"')
    shell.expect("(?<!')secret: ")
    shell.sendcontrol("z")
    shell.expect("Stopped")
    shell.expect_exact("$ ")
    shell.sendline("stty -a | grep -o '[-]*echo ' ; echo 'seen'")
    shell.expect(r"\r\necho ")
    shell.expect("seen")
    shell.sendline("fg")
    shell.expect("secret of later: ")
    shell.waitnoecho(timeout=5)
    shell.sendline("abcdef")
    shell.expect("6 characters")


def test_without_a_terminal_it_says_so_with_the_way_out() -> None:
    script = (
        "from watchword.local.terminal import open_terminal\nfrom watchword.errors import NoTerminal\n"
        "try:\n    open_terminal(hint='do this')\n"
        "except NoTerminal as error:\n    print(error.message, error.hint)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, start_new_session=True, check=True
    )
    assert result.stdout == "there is no terminal to ask on do this\n"


def test_no_terminal_is_6() -> None:
    assert NoTerminal.exit_code == 6
    assert callable(open_terminal)


def test_a_prompt_that_tells_the_time_is_kept_true(at_terminal: Start) -> None:
    ask = "import time, os\nbegan = time.monotonic()\nos.environ['TERM'] = '{}'\n"
    ask += "terminal.ask(lambda: 'after ' + str(round(time.monotonic() - began)) + {}, hidden=True)"
    ticking = at_terminal(ask.format("xterm", "' s: '"))
    ticking.expect_exact("after 0 s: ")
    ticking.expect_exact("\r\x1b[Kafter 1 s: ")
    ticking.expect_exact("\r\x1b[Kafter 2 s: ")
    ticking.sendline("x")
    ticking.expect(pexpect.EOF)
    for term, end in (("dumb", "' s: '"), ("xterm", "' s: ' + 100 * '.'")):
        still = at_terminal(ask.format(term, end))
        still.expect_exact("after 0 s: ")
        with pytest.raises(pexpect.TIMEOUT):
            still.expect("after", timeout=2.5)
        still.sendline("x")


def test_what_is_typed_during_a_countdown_is_neither_shown_nor_taken(at_terminal: Start) -> None:
    terminal = at_terminal(
        "terminal.countdown(lambda left: f'{left} left', 2)\n"
        "terminal.say('<' + terminal.ask('secret: ', hidden=True) + '>')"
    )
    terminal.expect("1 left")
    terminal.sendline("123456")
    terminal.expect("secret: ")
    assert "123456" not in str(terminal.before)
    terminal.sendline("in time")
    terminal.expect("<in time>")
