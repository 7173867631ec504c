from __future__ import annotations

import shutil
import subprocess

import pytest

from watchword.errors import UsageError
from watchword.report.shell import Shell, guess_shell, shell_lines

NASTY = "a'b\"c $HOME `id` \\ ; | & (x) {y} * ~ # ! \n end"


@pytest.mark.parametrize("shell", list(Shell))
def test_nothing_in_a_value_is_run(shell: Shell) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    lines = shell_lines(shell, unset=("OLD",), values={"NEW": NASTY})
    script = f"{lines}printenv NEW; printenv OLD"
    result = subprocess.run(
        [shell, "-c", script],
        capture_output=True,
        text=True,
        env={"OLD": "x", "PATH": "/usr/bin:/bin"},
        check=False,
    )
    assert result.stdout == f"{NASTY}\n"


def test_fish_is_quoted_as_fish_reads_it() -> None:
    assert (
        shell_lines(Shell.FISH, unset=("A",), values={"B": r"it's \ $x"})
        == "set -e A\nset -gx B 'it\\'s \\\\ $x'\n"
    )


def test_nothing_to_do_is_nothing() -> None:
    assert shell_lines(Shell.BASH, unset=(), values={}) == ""


def test_shells_are_guessed_by_name() -> None:
    assert guess_shell({"SHELL": "/usr/local/bin/fish"}) is Shell.FISH
    assert guess_shell({"SHELL": "/bin/ksh"}) is Shell.BASH
    for unknown in ({}, {"SHELL": "/bin/tcsh"}):
        with pytest.raises(UsageError):
            guess_shell(unknown)
