from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from session.account import Account
from session.people import Somebody
from watchword.report.shell import Shell, failing_line, shell_lines

NASTY = (
    "a'b\"c $HOME $env.HOME `id` (id) $(id) \\ \\n ; | & {y} [z] * ~ # % \n\r\tend"
    " \u2018 \u00e9 \U0001f600 \x1b \x7f"
)


@pytest.fixture(scope="module")
def nu(node_modules: Path) -> str:
    path = node_modules / "@nushell" / "linux-x64" / "bin" / "nu"
    if not path.exists():
        pytest.skip("nushell is not made for this machine")
    return str(path)


def _run(nu: str, script: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([nu, "-n", "-c", script], capture_output=True, env=os.environ | more, check=False)


@pytest.mark.parametrize("value", [NASTY, "", " ", "1", "true", "null", "2026-01-01", "'", '"', "\\", "#"])
def test_nothing_in_a_value_is_run_or_read_as_anything_but_text(nu: str, value: str) -> None:
    lines = shell_lines(Shell.NUSHELL, unset=("OLD", "NEVER"), values={"NEW": value})
    result = _run(nu, f"{lines}\n^printenv NEW; ^printenv OLD", OLD="x")
    assert result.stdout.decode() == f"{value}\n", result.stderr


def test_the_failing_line_fails(nu: str) -> None:
    result = _run(nu, f"{failing_line(Shell.NUSHELL)}\nprint 'went on'")
    assert (result.returncode, result.stdout) == (1, b"")


_TAKE = """
def --env take [] {
    let found = (^watchword env --shell json | from json)
    hide-env --ignore-errors ...$found.unset
    load-env $found.set
}
take
^aws sts get-caller-identity --query Arn --output text
"""


def test_the_documented_way_takes_the_session_in(person: Somebody, account: Account, nu: str) -> None:
    person.login(account.code())
    result = person.shell([nu, "-n", "-c", _TAKE])
    assert result.stdout == f"{account.arn}\n", result.stderr


def test_the_documented_way_fails_without_a_session(person: Somebody, account: Account, nu: str) -> None:
    result = person.shell([nu, "-n", "-c", f"{_TAKE}; print 'went on'"])
    assert result.returncode != 0
    assert "went on" not in result.stdout
    assert account.calls() == []
