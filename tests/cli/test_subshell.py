"""`watchword exec` without a command: the shells are real, and so are their users' own files."""

from __future__ import annotations

import json
import re
import shutil
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pexpect
import pytest

from session.account import Account
from session.people import AT, Somebody, end

LEFT = r"(?:4h0m|3h5\dm)"  # of four hours: all of them within the first second
SEGMENT = rf"\[work {LEFT}\] "
SHELLS = ["bash", "zsh", "fish"]


def _shell(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def _own_files(home: Path) -> None:
    """Write what users have: a prompt and a variable of their own, and zsh's files in another place."""
    (home / ".bashrc").write_text("PS1='mine> '\nOWN=bashrc\n")
    (home / ".zshenv").write_text("export ZDOTDIR=$HOME/zsh\n")
    (home / "zsh").mkdir()
    (home / "zsh" / ".zshrc").write_text("PROMPT='mine> '\nOWN=zshrc\nHISTFILE=$ZDOTDIR/history\n")
    fish = home / ".config" / "fish"
    fish.mkdir(parents=True)
    (fish / "config.fish").write_text("set OWN config\nfunction fish_prompt\n  printf 'mine> '\nend\n")


def _enter(person: Somebody, shell: str, *arguments: str, **more: str) -> pexpect.spawn[str]:
    terminal = person.at_terminal("exec", *arguments, SHELL=_shell(shell), TERM="xterm", NO_COLOR="1", **more)
    terminal.timeout = 30
    return terminal


@pytest.mark.parametrize(("shell", "own"), [("bash", "bashrc"), ("zsh", "zshrc"), ("fish", "config")])
def test_the_prompt_says_which_session_and_how_long(
    person: Somebody, account: Account, shell: str, own: str
) -> None:
    _own_files(person.home)
    person.login(account.code())
    terminal = _enter(person, shell)
    terminal.expect(r"a shell in the session of `work`, until " + AT + r" \(4 h left\); `exit` leaves it")
    terminal.expect(SEGMENT + "mine> ")
    terminal.sendline(
        "printf '%s %s %s %s\\n' \"<$OWN\" $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN"
    )
    terminal.expect(rf"<{own} (ASIA\S+) (\S+) (\S+)\r\n")
    assert isinstance(terminal.match, re.Match)
    assert account.is_session(*terminal.match.groups())
    terminal.expect(SEGMENT + "mine> ")
    terminal.sendline("exit 7")
    terminal.expect("left the session of work\r\n")
    end(terminal, 7)


@pytest.mark.parametrize("shell", SHELLS)
def test_it_shows_when_the_session_is_over(person: Somebody, account: Account, shell: str) -> None:
    _own_files(person.home)
    person.login(account.code())
    path = person.sessions()[0]
    first, second = path.read_text().splitlines()
    soon = (datetime.now(UTC) + timedelta(seconds=64)).strftime("%Y-%m-%dT%H:%M:%SZ")
    path.write_text(f"{json.dumps(json.loads(first) | {'Expiration': soon})}\n{second}\n")
    terminal = _enter(person, shell)
    terminal.expect(r"\[work (1m|\d+s)\] mine> ")
    past = "2020-01-01T00:00:00Z"
    setting = "set -gx WATCHWORD_UNTIL" if shell == "fish" else "WATCHWORD_UNTIL="
    terminal.sendline(f"{setting}{' ' if shell == 'fish' else ''}'{past} 1577836800'")
    terminal.expect(r"\[work\] mine> ")  # no longer the session that the moment is of
    setting = "set -gx AWS_CREDENTIAL_EXPIRATION " if shell == "fish" else "AWS_CREDENTIAL_EXPIRATION="
    terminal.sendline(f"{setting}{past}")
    terminal.expect(r"\[work expired\] mine> ")
    terminal.sendline("exit")
    end(terminal, 0)


@pytest.mark.parametrize("shell", SHELLS)
def test_nothing_in_a_profiles_name_is_run_by_the_prompt(
    person: Somebody, account: Account, shell: str
) -> None:
    _own_files(person.home)
    (person.home / "zsh" / ".zshrc").write_text("setopt PROMPT_SUBST\nPROMPT='mine> '\n")
    nasty = "w%n$(touch${IFS}$HOME/run)`touch${IFS}$HOME/run`"
    files = person.home / "aws"
    config, credentials = files / "config", files / "credentials"
    config.write_text(f"[profile {nasty}]\nregion = eu-west-1\n")
    credentials.write_text(credentials.read_text().replace("[work]", f"[{nasty}]"))
    person.environment["AWS_PROFILE"] = nasty
    person.login(account.code())
    terminal = _enter(person, shell)
    terminal.expect(re.escape(f"[{nasty} ") + LEFT + r"\] ")
    terminal.expect("mine> ")
    terminal.sendline("exit")
    end(terminal, 0)
    assert not (person.home / "run").exists()


def test_one_inside_another_says_so_and_exit_leads_back(person: Somebody, account: Account) -> None:
    _own_files(person.home)
    person.login(account.code())
    terminal = _enter(person, "bash")
    terminal.expect(SEGMENT)
    terminal.sendline("watchword exec")
    terminal.expect("note: this subshell is inside the one of `work`; `exit` leads back there")
    terminal.expect(rf"\[work \(2 deep\) {LEFT}\] mine> ")
    terminal.sendline("exit")
    terminal.expect(SEGMENT)
    terminal.sendline("exit")
    end(terminal, 0)


def test_after_logout_the_prompt_says_nothing(person: Somebody, account: Account) -> None:
    _own_files(person.home)
    person.login(account.code())
    terminal = _enter(person, "bash")
    terminal.expect(SEGMENT)
    terminal.sendline('eval "$(watchword logout --shell bash)"')
    terminal.expect(r"\n[^\]]*mine> ")
    terminal.sendline("exit")
    end(terminal, 0)


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_ctrl_c_and_ctrl_z_belong_to_the_subshell(person: Somebody, account: Account, shell: str) -> None:
    _own_files(person.home)
    person.login(account.code())
    terminal = _enter(person, shell)
    terminal.expect(SEGMENT)
    terminal.sendline("echo pid $$; sleep 100")
    terminal.expect(r"pid (\d+)\r\n")
    assert isinstance(terminal.match, re.Match)
    assert int(terminal.match.group(1)) == terminal.pid  # nobody of ours waits around it
    time.sleep(0.5)
    terminal.sendintr()
    terminal.expect(SEGMENT + "mine> ")
    terminal.sendline("sleep 100")
    time.sleep(0.5)
    terminal.sendcontrol("z")
    terminal.expect("(?i)(stopped|suspended)")
    terminal.expect(SEGMENT + "mine> ")
    terminal.sendline("kill -9 %1; sleep 0.2; exit")
    terminal.expect(pexpect.EOF)


def test_a_hangup_ends_it(person: Somebody, account: Account) -> None:
    person.login(account.code())
    terminal = _enter(person, "bash")
    terminal.expect(SEGMENT)
    terminal.kill(signal.SIGHUP)
    terminal.expect(pexpect.EOF)


def test_another_shell_is_told_where_it_is_in_a_variable(person: Somebody, account: Account) -> None:
    person.login(account.code())
    terminal = _enter(person, "dash")
    terminal.expect(r"note: put \$WATCHWORD_PROMPT into the prompt of `dash`")
    terminal.sendline('echo "<$WATCHWORD_PROMPT>"')
    terminal.expect("<work>")
    terminal.sendline("exit")
    end(terminal, 0)


def test_a_shell_that_cannot_be_run_is_said(person: Somebody, account: Account) -> None:
    person.login(account.code())
    shown = end(person.at_terminal("exec", SHELL="/no/such/shell"), 1)
    assert "error: cannot run your shell `/no/such/shell`: no such file or directory" in shown
    assert "hint: set SHELL to the path of one" in shown


def test_dashes_without_a_command_are_a_mistake_at_a_terminal_too(person: Somebody) -> None:
    assert "there is no command to run" in end(person.at_terminal("exec", "work", "--"), 2)


def test_what_the_shells_read_holds_no_secret(person: Somebody, account: Account) -> None:
    from watchword.local import subshell

    before = {path: path.read_bytes() for path in Path(subshell.__file__).parent.glob("subshell_rc/*")}
    assert {path.name for path in before} == {"bashrc", ".zshenv", ".zshrc", "prompt.fish"}
    person.login(account.code())
    terminal = _enter(person, "zsh")
    terminal.expect(SEGMENT)
    terminal.sendline("exit")
    end(terminal, 0)
    assert before == {path: path.read_bytes() for path in before}
    assert not list(Path(subshell.__file__).parent.glob("subshell_rc/.zsh_*"))
