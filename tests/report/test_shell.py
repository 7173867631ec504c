from __future__ import annotations

import json
import shlex
import shutil
import subprocess

import pytest

from watchword.errors import UsageError
from watchword.report.shell import CannotBeSaid, Shell, failing_line, guess_shell, shell_lines

NASTY = (
    "a'b\"c $HOME ${HOME} `id` $(id) \\ \\n ; | & (x) {y} [z] <in >out * ? ~ # ! !! % %PATH% ^\n\r\tend"
    " \u2018\u2019\u201a\u201b\u201c\u201d \u00e9 \U0001f600 \x1b[31m \x7f \u2028 "
)


def _printed(program: list[str], script: str) -> subprocess.CompletedProcess[str]:
    environment = {"OLD": "x", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}
    result = subprocess.run([*program, script], capture_output=True, env=environment, check=False)
    return subprocess.CompletedProcess(result.args, result.returncode, result.stdout.decode())


@pytest.mark.parametrize("value", [NASTY, "", " ", "-n", "a", "=", "\n", "'", "''", "\\'", "\\"])
@pytest.mark.parametrize("program", ["bash", "zsh", "fish", "dash"])
def test_nothing_in_a_value_is_run(program: str, value: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    language = Shell.BASH if program == "dash" else Shell(program)
    lines = shell_lines(language, unset=("OLD",), values={"NEW": value})
    result = _printed([program, "-c"], f"{lines}printenv NEW; printenv OLD")
    assert result.stdout == f"{value}\n"


@pytest.mark.parametrize("program", ["bash", "zsh", "dash"])
def test_the_failing_line_ends_a_careful_script(program: str) -> None:
    result = _printed([program, "-ec"], f"eval {shlex.quote(failing_line(Shell.BASH))}; echo went on")
    assert (result.returncode, result.stdout) == (1, "")


def test_fish_is_quoted_as_fish_reads_it() -> None:
    assert (
        shell_lines(Shell.FISH, unset=("A",), values={"B": r"it's \ $x"})
        == "set -e A\nset -gx B 'it\\'s \\\\ $x'\n"
    )


def _read_powershell(line: str) -> str:
    """Read `$env:NEW = …` by the documented rules: verbatim strings and characters, joined."""
    assert line.isascii()
    rest = line.removeprefix("$env:NEW = ")
    units: list[int] = []
    while rest:
        if rest.startswith("'"):
            end = 1
            while rest[end] != "'" or rest[end : end + 2] == "''":
                end += 2 if rest[end] == "'" else 1
            units += [ord(each) for each in rest[1:end].replace("''", "'")]
            rest = rest[end + 1 :]
        else:
            number = rest.removeprefix("[char]").partition(" ")[0]
            units.append(int(number))
            rest = rest[len("[char]") + len(number) :]
        assert not rest or rest.startswith(" + ")
        rest = rest.removeprefix(" + ")
    return b"".join(each.to_bytes(2, "big") for each in units).decode("utf-16-be")


@pytest.mark.parametrize("value", [NASTY, "a", "'", "''", "\u2019; calc #", "\n", "$env:OLD"])
def test_powershell_gets_verbatim_strings_and_numbers(value: str) -> None:
    unset, line = shell_lines(Shell.POWERSHELL, unset=("OLD",), values={"NEW": value}).splitlines()
    assert unset == "Remove-Item -LiteralPath Env:OLD -ErrorAction SilentlyContinue"
    assert line.startswith("$env:NEW = '")
    assert _read_powershell(line) == value
    assert failing_line(Shell.POWERSHELL) == "throw 'watchword failed'\n"


@pytest.mark.skipif(shutil.which("pwsh") is None, reason="PowerShell is not installed")
def test_powershell_itself_reads_them() -> None:
    lines = shell_lines(Shell.POWERSHELL, unset=("OLD",), values={"NEW": NASTY})
    result = _printed(["pwsh", "-NoProfile", "-Command"], f"{lines}printenv NEW; printenv OLD")
    assert result.stdout == f"{NASTY}\n"


def test_cmd_gets_what_means_the_same_at_the_prompt_and_in_a_batch_file() -> None:
    harmless = "a'b c $HOME `id` \\ ; | & (x) {y} <in >out * ~ # ^ end"
    settings = '{"AWS_REGION":"eu-west-1"}'
    lines = shell_lines(Shell.CMD, unset=("OLD",), values={"NEW": harmless, "SET": settings})
    assert lines == f'set "OLD="\nset "NEW={harmless}"\nset "SET={settings}"\n'
    assert failing_line(Shell.CMD) == "cmd /d /c exit 1\n"


@pytest.mark.parametrize(
    "value", ["%PATH%", "hey!", 'a"&calc&"', '(")', "two\nlines", "two\rlines", "caf\u00e9", "", "x" * 8191]
)
def test_cmd_refuses_what_it_would_change_or_run(value: str) -> None:
    with pytest.raises(CannotBeSaid) as refused:
        shell_lines(Shell.CMD, unset=(), values={"NEW": value})
    assert "the value of `NEW` has " in refused.value.message
    assert len(value) < 3 or value not in refused.value.diagnostics()


def test_nushell_is_quoted_as_nushell_reads_it() -> None:
    lines = shell_lines(Shell.NUSHELL, unset=("A",), values={"B": "it's \"\\ $x\n"})
    assert lines == 'hide-env --ignore-errors A\n$env.B = "it\'s \\"\\\\ $x\\u{a}"\n'
    assert failing_line(Shell.NUSHELL) == 'error make { msg: "watchword failed" }\n'


def test_json_says_what_to_set_and_what_to_unset() -> None:
    value = json.loads(shell_lines(Shell.JSON, unset=("OLD",), values={"NEW": NASTY}))
    assert value == {"schema": "watchword/env/v1", "unset": ["OLD"], "set": {"NEW": NASTY}}
    assert failing_line(Shell.JSON) == ""


def test_an_env_file_holds_what_all_its_readers_read_alike() -> None:
    values = {"KEY": "abc/+==", "URL": "http://127.0.0.1:1", "SPACED": 'a "b" # c', "WATCHWORD_SET": "{}"}
    lines = shell_lines(Shell.DOTENV, unset=("OLD",), values=values)
    assert lines == "KEY=abc/+==\nURL=http://127.0.0.1:1\nSPACED='a \"b\" # c'\n"
    assert failing_line(Shell.DOTENV) == ""


@pytest.mark.parametrize("value", ["it's", "a\\b", "$HOME", "`id`", "two\nlines", "two\rlines"])
def test_an_env_file_refuses_what_its_readers_read_differently(value: str) -> None:
    with pytest.raises(CannotBeSaid):
        shell_lines(Shell.DOTENV, unset=(), values={"NEW": value})


@pytest.mark.parametrize("shell", list(Shell))
def test_a_name_or_a_value_that_is_none_is_refused(shell: Shell) -> None:
    wrong = (("A; id", "x"), ("A=B", "x"), ("\u00c4", "x"), ("", "x"), ("A", "\0"), ("A", "\udc80"))
    for name, value in wrong:
        with pytest.raises(CannotBeSaid):
            shell_lines(shell, unset=(), values={name: value})
    with pytest.raises(CannotBeSaid):
        shell_lines(shell, unset=("A$(id)",), values={})


@pytest.mark.parametrize("shell", [each for each in Shell if each is not Shell.JSON])
def test_nothing_to_do_is_nothing(shell: Shell) -> None:
    assert shell_lines(shell, unset=(), values={}) == ""


def test_shells_are_guessed_by_name() -> None:
    assert guess_shell({"SHELL": "/usr/local/bin/fish"}) is Shell.FISH
    assert guess_shell({"SHELL": "/bin/ksh"}) is Shell.BASH
    assert guess_shell({"SHELL": "/usr/bin/nu"}) is Shell.NUSHELL
    assert guess_shell({"SHELL": "/usr/bin/pwsh"}) is Shell.POWERSHELL
    for unknown in ({}, {"SHELL": "/bin/tcsh"}, {"SHELL": "/opt/json"}):
        with pytest.raises(UsageError):
            guess_shell(unknown)
