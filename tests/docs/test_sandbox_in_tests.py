"""What the pages on the sandbox in tests show is executed as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.pages import ROOT
from watchword.sandbox import sandbox
from watchword.sandbox.scenario import ScenarioInvalid, read_scenario

TESTS = ROOT / "docs/sandbox/tests.md"
SCENARIO = ROOT / "docs/sandbox/scenario.md"
LIMITS = '{"Version": "2012-10-17", "Statement": {"Effect": "%s", "Action": "*", "Resource": "*"}}'
BIN = Path(sys.executable).parent


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


def write_named(page: Path, folder: Path) -> list[str]:
    """Write each block whose first line names a file; return the names."""
    names = []
    for text in (*blocks(page, "python"), *blocks(page, "yaml")):
        named = re.match(r"# (\S+\.(?:py|yaml))\n", text)
        if named:
            (folder / named[1]).write_text(text)
            names.append(named[1])
    return names


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    path = f"{BIN}:{environment['PATH']}"
    return subprocess.run(
        command,
        cwd=folder,
        env={**environment, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_tests_that_the_page_shows_pass_with_the_plugin_as_it_is_installed(tmp_path: Path) -> None:
    assert write_named(TESTS, tmp_path) == ["test_reports.py", "test_team.py", "team.yaml"]
    told = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder=tmp_path)
    assert "2 passed" in told.stdout, told.stdout


def test_the_program_that_the_page_shows_prints_what_stands_below_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (program,) = [text for text in blocks(TESTS, "python") if not text.startswith("# ")]
    exec(compile(program, str(TESTS), "exec"), {})  # noqa: S102 - our own page
    assert capsys.readouterr().out == blocks(TESTS, "text")[0]


def test_the_command_that_the_page_shows_runs_a_script_as_alice(tmp_path: Path) -> None:
    write_named(TESTS, tmp_path)
    script = tmp_path / "test.sh"
    script.write_text("#!/bin/sh\naws sts get-caller-identity --query Arn --output text\n")
    script.chmod(0o700)
    (command,) = [text for text in blocks(TESTS, "sh") if "sandbox run" in text]
    told = run("sh", "-c", command, folder=tmp_path)
    assert told.stdout == "arn:aws:iam::123456789012:user/alice\n", told.stderr


def test_the_scenario_that_the_page_shows_can_be_used(tmp_path: Path) -> None:
    assert write_named(SCENARIO, tmp_path) == ["team.yaml"]
    (tmp_path / "limits.json").write_text(LIMITS % "Allow")
    with sandbox(tmp_path / "team.yaml") as aws:
        assert aws.sign_in(aws.key("alice")).session_token
        assert aws.key("ops", account="production")


def test_the_problems_that_the_page_shows_are_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("limits.json").write_text(LIMITS % "Allowed")
    Path("team.yaml").write_text(
        "schema: watchword/sandbox-scenario/v1\npolicies: {Limits: {file: limits.json}}\nusers:\n  alice:\n"
        "    polices: []\n    groups: [developers]\n"
    )
    with pytest.raises(ScenarioInvalid) as caught:
        read_scenario("team.yaml")
    assert caught.value.diagnostics() + "\n" == blocks(SCENARIO, "text")[0]
