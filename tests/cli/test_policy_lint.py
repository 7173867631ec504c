from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pexpect
import pytest

SEEDS = Path(__file__).parent.parent / "cases" / "policies"
WATCHWORD = str(Path(sys.executable).with_name("watchword"))
Lint: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]

CLEAN = (
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}\n'
)
NOTED = CLEAN.replace("s3:GetObject", "S3:getobject")
WRONG = CLEAN.replace("s3:GetObject", "iam:GetRoles")
ALL_DEFECTS = {
    "seed-0-force-mfa.json": {(25, "mfa-exempt-service"), (26, "mfa-exempt-service"), (4, "mfa-old-sample")},
    "seed-3-roles-list.json": {(8, "action-unknown"), (10, "resource-action")},
    "seed-3-supervisor-trust.json": {(8, "placeholder")},
    "seed-4-CreateIamRole.json": {(25, "passrole-anywhere")},
    "seed-4-ForceMFA.json": {
        (8, "resource-action"),
        (12, "placeholder"),
        (22, "resource-action"),
        (23, "resource-action"),
        (54, "mfa-device-name"),
        (61, "mfa-exempt-service"),
    },
    "seed-4-ManageMFA.json": {(18, "syntax")},
    "seed-1-programmatic-access.json": set(),
    "seed-2-describe-regions.json": set(),
    "seed-4-ReadOnly.json": set(),
    "seed-4-Ec2RestrictAccess.json": set(),
}
"""What is wrong or weak in the policies of the walk-throughs, by line: at least this."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    folder.chmod(0o700)
    return folder


@pytest.fixture
def lint(tmp_path: Path, cache: Path) -> Lint:
    def run(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [WATCHWORD, "policy", "lint", *arguments],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(cache), "LANG": "C.UTF-8"},
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def value(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    parsed = json.loads(result.stdout)
    assert isinstance(parsed, dict)
    return parsed


def test_every_defect_of_the_walk_throughs_is_found(lint: Lint, tmp_path: Path) -> None:
    for name in ALL_DEFECTS:
        shutil.copy(SEEDS / name, tmp_path)
    result = lint("--output", "json", *ALL_DEFECTS)
    assert (result.returncode, result.stderr) == (3, "")
    found: dict[str, set[tuple[int, str]]] = {name: set() for name in ALL_DEFECTS}
    for each in value(result)["findings"]:
        found[each["file"]].add((each["line"], each["rule"]))
    for name, expected in ALL_DEFECTS.items():
        assert expected <= found[name], name
        if not expected:
            assert found[name] == set(), name


def test_the_missing_comma_is_shown_where_it_is_missing(lint: Lint, tmp_path: Path) -> None:
    shutil.copy(SEEDS / "seed-4-ManageMFA.json", tmp_path / "p.json")
    result = lint("p.json")
    assert result.returncode == 3
    assert result.stdout.split("\n")[:4] == [
        "p.json:18:9: error syntax: expected `,` or `]` before `{`",
        "  18 | {",
        "     | ^",
        "  see: docs/lint/syntax.md",
    ]


@pytest.mark.parametrize(
    ("text", "arguments", "exit_code"),
    [
        (CLEAN, [], 0),
        (NOTED, [], 0),
        (WRONG, [], 3),
        (WRONG, ["--severity", "error"], 0),
        (WRONG, ["--ignore", "action-unknown"], 0),
        (WRONG, ["--rule", "placeholder"], 0),
        (WRONG, ["--rule", "placeholder", "--rule", "action-unknown"], 3),
        ("{", ["--rule", "placeholder"], 3),
        ("", [], 1),
        ("[]", [], 1),
        (CLEAN, ["--rule", "action-unknwn"], 2),
        (CLEAN, ["--ignore", "syntax"], 2),
        (NOTED, ["--diff"], 3),
        (CLEAN, ["--diff"], 0),
        (CLEAN, ["--diff", "--output", "json"], 2),
        (CLEAN, ["--fix", "--output", "json"], 2),
    ],
)
def test_the_exit_code_says_how_it_is(lint: Lint, text: str, arguments: list[str], exit_code: int) -> None:
    result = lint(*arguments, "-", text=text)
    assert (result.returncode, result.stderr.count("Traceback")) == (exit_code, 0)
    if exit_code in {1, 2}:
        assert re.match(r"error: [^\n]+\nhint: [^\n]+\nsee: docs/\S+\.md\n", result.stderr)


def test_one_that_cannot_be_read_keeps_nothing_else_back(lint: Lint, tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text(WRONG)
    (tmp_path / "folder").mkdir()
    result = lint("gone.json", "wrong.json", "folder")
    assert result.returncode == 1
    assert "there is no file `gone.json`" in result.stderr
    assert "`folder` is a folder" in result.stderr
    assert "wrong.json:1:70: warning action-unknown" in result.stdout
    assert result.stdout.endswith("1 warning in 1 document; 2 failed\n")


def test_a_file_of_cases_is_known_for_one(lint: Lint) -> None:
    result = lint("-", text='[{"name": "x", "expect": "allowed"}]')
    assert "run `watchword policy test -`" in result.stderr


def test_json_holds_all_that_the_text_says(lint: Lint) -> None:
    result = lint("--output", "json", "-", text=NOTED)
    report = value(result)
    assert report["schema"] == "watchword/policy-lint/v1"
    assert report["files"] == [{"file": "-", "kind": "identity", "findings": 1, "fixed": 0, "problem": None}]
    assert report["summary"] | {"note": 1, "fixable": 1, "files": 1} == report["summary"]
    (finding,) = report["findings"]
    snippet = finding["snippet"]
    assert snippet["text"][snippet["column"] :][: snippet["length"]] == '"S3:getobject"'
    assert finding["docs"] == "docs/lint/action-case.md"
    (edit,) = finding["fix"]["edits"]
    assert NOTED[edit["offset"] :][: edit["length"]] == '"S3:getobject"'
    assert (edit["line"], edit["column"], edit["text"]) == (1, finding["column"], '"s3:GetObject"')


def test_sarif_goes_to_stdout_also_when_nothing_is_found(lint: Lint) -> None:
    result = lint("--output", "sarif", "-", text=CLEAN)
    assert result.returncode == 0
    assert value(result)["runs"][0]["results"] == []


def test_fix_changes_the_file_shows_what_and_changes_nothing_the_second_time(
    lint: Lint, tmp_path: Path
) -> None:
    file = tmp_path / "p.json"
    file.write_text(NOTED)
    file.chmod(0o604)
    result = lint("--fix", "p.json")
    assert (result.returncode, result.stdout) == (0, "ok: nothing found in 1 document; 1 fixed\n")
    assert (
        '-{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "S3:getobject"'
        in result.stderr
    )
    assert file.read_text() == CLEAN
    assert stat.S_IMODE(file.stat().st_mode) == 0o604
    before = file.stat().st_mtime_ns
    result = lint("--fix", "p.json")
    assert (result.returncode, result.stderr) == (0, "")
    assert file.stat().st_mtime_ns == before


def test_diff_changes_nothing_and_patch_can_apply_it(lint: Lint, tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text(NOTED)
    result = lint("--fix", "--diff", "p.json")
    assert (result.returncode, file.read_text()) == (3, NOTED)
    subprocess.run(["git", "apply", "-"], input=result.stdout, text=True, cwd=tmp_path, check=True)
    assert file.read_text() == CLEAN


def test_fix_of_standard_input_prints_the_document_and_nothing_else(lint: Lint) -> None:
    result = lint("--fix", "-", text=NOTED)
    assert (result.returncode, result.stdout) == (0, CLEAN)
    result = lint("--fix", "-", text=CLEAN + "}")
    assert (result.returncode, result.stdout) == (3, CLEAN + "}")
    assert "syntax" in result.stderr


def test_a_file_that_cannot_be_fixed_is_reported_all_the_same(lint: Lint, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(NOTED)
    os.link(tmp_path / "p.json", tmp_path / "other.json")
    result = lint("--fix", "p.json")
    assert result.returncode == 1
    assert "was not changed: it has other hard links" in result.stderr
    assert result.stdout.endswith("1 note in 1 document; `--fix` can fix 1; 1 failed\n")
    assert (tmp_path / "p.json").read_text() == NOTED


def test_only_the_rules_that_are_asked_for_are_fixed(lint: Lint) -> None:
    result = lint("--fix", "--ignore", "action-case", "-", text=NOTED)
    assert result.stdout == NOTED


def test_two_at_once_fix_each_what_is_left(lint: Lint, tmp_path: Path, cache: Path) -> None:
    statement = '{"Effect": "Allow", "Action": ["S3:getobject", "s3:Get*"], "Resource": "*", "Condition": {}}'
    text = f'{{"Version": "2012-10-17", "Statement": [{", ".join([statement] * 60)}]}}'
    (tmp_path / "p.json").write_text(text)
    running = [
        subprocess.Popen(
            [WATCHWORD, "policy", "lint", "--fix", "--rule", rule, "p.json"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(cache)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for rule in ("condition-empty", "action-repeated")
    ]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    document = json.loads((tmp_path / "p.json").read_text())
    assert document["Statement"] == [{"Effect": "Allow", "Action": ["s3:Get*"], "Resource": "*"}] * 60
    assert [path.name for path in tmp_path.iterdir()] == ["p.json"]


def test_on_a_terminal_it_is_coloured_and_no_wider_than_that(tmp_path: Path, cache: Path) -> None:
    shutil.copy(SEEDS / "seed-4-ForceMFA.json", tmp_path / "p.json")
    terminal = pexpect.spawn(
        WATCHWORD,
        ["policy", "lint", "p.json"],
        cwd=str(tmp_path),
        env={"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(cache), "TERM": "xterm"},
        dimensions=(40, 80),
        encoding="utf-8",
        timeout=60,
    )
    terminal.expect(pexpect.EOF)
    shown = str(terminal.before).replace("\r\n", "\n")
    terminal.close()
    assert terminal.exitstatus == 3
    assert "\x1b[33mwarning\x1b[0m" in shown
    assert max(len(re.sub(r"\x1b\[[\d;]*m", "", line)) for line in shown.split("\n")) <= 80


def test_what_is_piped_has_no_colour_and_one_line_a_finding(lint: Lint, tmp_path: Path) -> None:
    shutil.copy(SEEDS / "seed-4-ForceMFA.json", tmp_path / "p.json")
    output = lint("p.json").stdout
    assert "\x1b" not in output
    found = [line for line in output.split("\n") if line.startswith("p.json:")]
    assert all(re.match(r"p\.json:\d+:\d+: (error|warning|note) [a-z-]+: .{15,}", line) for line in found)
