"""`watchword policy test`, run as a command: exit codes, streams, files, terminals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pexpect
import pytest

WATCHWORD = str(Path(sys.executable).with_name("watchword"))
ROOT = Path(__file__).resolve().parents[2]
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"},
        {
            "Sid": "DenyWithoutMfa",
            "Effect": "Deny",
            "NotAction": "iam:ListMFADevices",
            "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        },
    ],
}


def fields(name: str, **changed: object) -> dict[str, object]:
    return {
        "name": name,
        "identity_policies": ["policies/mfa.json"],
        "principal": "arn:aws:iam::123456789012:user/alice",
        "credential": "session-mfa",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::bucket/key",
        "expect": "allowed",
        **changed,
    }


PASSES = fields("a session with MFA")
DENIED = fields("an access key", credential="access-key", expect="explicitDeny")
FAILS = fields("a session", credential="session")
BROKEN = fields("a case with an odd field", scp="red")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "mfa.json").write_text(json.dumps(POLICY, indent=2))
    return tmp_path


def write(folder: Path, name: str, *cases: object) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(cases, indent=2))
    return name


def run(
    folder: Path, *arguments: str, text: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [WATCHWORD, "policy", "test", *arguments],
        cwd=folder,
        input=text or "",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )


# -- exit codes


def test_all_passed_is_0(folder: Path) -> None:
    result = run(folder, write(folder, "a.json", PASSES, DENIED))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "PASS  a.json  2 passed\n\nPASS  2 passed in 1 file\n"


def test_a_misspelt_action_is_told_of_even_where_the_case_passes(folder: Path) -> None:
    typo = fields("nobody reads", credential="access-key", action="s3:GetObjekt", expect="explicitDeny")
    result = run(folder, write(folder, "a.json", PASSES, typo))
    assert result.returncode == 0
    assert result.stderr == (
        "note: a.json:13: AWS is not known to have `s3:GetObjekt` (did you mean `s3:GetObject`?)\n"
    )


def test_a_failure_is_3_and_is_told_with_the_statement_that_decided(folder: Path) -> None:
    result = run(folder, write(folder, "a.json", PASSES, FAILS))
    assert (result.returncode, result.stderr) == (3, "")
    assert "FAIL  a session\n      at        a.json:13\n" in result.stdout
    assert "      expected  allowed\n      actual    explicitDeny\n" in result.stdout
    assert "      because   `DenyWithoutMfa` at policies/mfa.json:10:5 denies it" in result.stdout
    assert result.stdout.endswith("\nFAIL  1 passed, 1 failed in 1 file\n")


def test_a_broken_case_is_1_and_the_others_are_asked(folder: Path) -> None:
    result = run(folder, write(folder, "a.json", FAILS, BROKEN, PASSES))
    assert result.returncode == 1
    assert "ERROR a case with an odd field\n" in result.stdout
    assert "a.json:23:5: expected a field of a case, found `scp`" in result.stdout
    assert result.stdout.endswith("FAIL  1 passed, 1 failed, 1 broken in 1 file\n")


def test_a_broken_policy_is_told_once_a_case_with_its_own_file_and_line(folder: Path) -> None:
    broken = (folder / "policies" / "mfa.json").read_text().replace('"Deny"', '"deny"')
    (folder / "policies" / "broken.json").write_text(broken)
    result = run(folder, write(folder, "a.json", fields("broken", identity_policies="policies/broken.json")))
    assert result.returncode == 1
    assert 'policies/broken.json:12:17: expected `"Allow"` or `"Deny"`' in result.stdout


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[", "a.json:1:2: "),
        ("[]", "a.json:1:1: expected a case, found none"),
        ('{"Version": "2012-10-17", "Statement": []}', "hint: this is a policy"),
        ("[" * 300_000, "expected fewer levels of nesting"),
        ('[{"name": NaN}]', "a.json:1:11: expected a value, found `NaN`"),
    ],
)
def test_a_file_that_holds_no_cases_is_1_and_the_others_are_asked(folder: Path, text: str, told: str) -> None:
    (folder / "a.json").write_text(text)
    result = run(folder, "a.json", write(folder, "b.json", PASSES))
    assert result.returncode == 1
    assert told in result.stderr
    assert "FAIL  a.json  not read\nPASS  b.json  1 passed\n" in result.stdout
    assert result.stdout.endswith("FAIL  1 passed in 2 files, 1 not read\n")


def test_a_file_that_is_not_there_is_1(folder: Path) -> None:
    result = run(folder, "gone.json")
    assert result.returncode == 1
    assert result.stderr.startswith("error: there is no file `gone.json`\nhint: ")


def test_a_name_that_no_case_has_is_2(folder: Path) -> None:
    result = run(folder, "-k", "colour", write(folder, "a.json", PASSES))
    assert (result.returncode, result.stdout) == (2, "")
    assert "error: no case has `colour` in its name" in result.stderr


def test_nothing_to_test_is_2(folder: Path) -> None:
    result = run(folder)
    assert (result.returncode, result.stdout) == (2, "")


# -- what is asked


def test_only_the_cases_that_are_named(folder: Path) -> None:
    write(folder, "a.json", PASSES, DENIED, FAILS)
    write(folder, "b.json", PASSES)
    result = run(folder, "-v", "-k", "ACCESS", "-k", "with mfa", "a.json", "b.json")
    assert result.returncode == 0
    assert [line for line in result.stdout.splitlines() if line.startswith("PASS  a")] == [
        "PASS  a session with MFA  a.json:2",
        "PASS  an access key  a.json:13",
        "PASS  a session with MFA  b.json:2",
    ]
    assert "PASS  a.json" not in run(folder, "-k", "a session", "-k", "b", "b.json").stdout


def test_a_folder_stands_for_the_files_in_it_and_not_for_those_below(folder: Path) -> None:
    write(folder, "tests/b.json", fields("b", identity_policies=["../policies/mfa.json"]))
    write(folder, "tests/a.json", fields("a", identity_policies=["../policies/mfa.json"]))
    write(folder, "tests/below/c.json", {"not": "a case"})
    (folder / "tests" / "README.md").write_text("no cases")
    (folder / "tests" / ".hidden.json").write_text("no cases")
    (folder / "link").symlink_to("tests")
    for name in ("tests", "tests/", "link"):
        result = run(folder, name)
        assert result.returncode == 0
        shown = [line.split()[1] for line in result.stdout.splitlines()[:2]]
        assert shown == [f"{name.rstrip('/')}/a.json", f"{name.rstrip('/')}/b.json"]
    result = run(folder, "policies/..")
    assert result.returncode == 1
    assert "there is no .json file in the folder `policies/..`" in result.stderr


def test_standard_input_is_a_file_whose_policies_are_here(folder: Path) -> None:
    result = run(folder, "-", text=json.dumps([PASSES]))
    assert (result.returncode, result.stdout) == (0, "PASS  -  1 passed\n\nPASS  1 passed in 1 file\n")


def test_policies_are_looked_for_from_the_folder_of_the_file(folder: Path) -> None:
    write(folder, "deep/tests/a.json", fields("a", identity_policies=["../../policies/mfa.json"]))
    assert run(folder, "deep/tests/a.json").returncode == 0
    assert run(folder / "deep", "tests/a.json").returncode == 0
    assert run(folder / "policies", str(folder / "deep" / "tests" / "a.json")).returncode == 0


def test_the_place_of_a_statement_leaves_the_way_out_unless_it_leads_through_a_link(folder: Path) -> None:
    failing = {**FAILS, "identity_policies": ["../policies/mfa.json"]}
    write(folder, "tests/a.json", failing)
    assert "`DenyWithoutMfa` at policies/mfa.json:10:5" in run(folder, "tests").stdout
    elsewhere = folder / "elsewhere" / "tests"
    elsewhere.mkdir(parents=True)
    (elsewhere.parent / "policies").symlink_to(folder / "policies")
    (elsewhere / "a.json").write_text(json.dumps([failing]))
    (folder / "link").symlink_to(elsewhere)
    assert "`DenyWithoutMfa` at policies/mfa.json:10:5" in run(folder, "link").stdout
    (folder / "policies").rename(folder / "elsewhere" / "moved")
    (folder / "elsewhere" / "policies").unlink()
    (folder / "elsewhere" / "moved").rename(folder / "elsewhere" / "policies")
    assert "`DenyWithoutMfa` at link/../policies/mfa.json:10:5" in run(folder, "link").stdout


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("loop", "too many levels of symbolic links"),
        ("pipe", "`pipe` is not a regular file"),
        ("/dev/zero", "`/dev/zero` is not a regular file"),
        ("policies", "`policies` is a folder"),
        ("-", "there is no file `./-`"),
        ("gone/../x", "there is no file `gone/../x`"),
    ],
)
def test_a_path_that_leads_to_no_policy_is_told(folder: Path, path: str, told: str) -> None:
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "pipe")
    result = run(folder, write(folder, "a.json", fields("a", identity_policies=[path]), PASSES))
    assert result.returncode == 1
    assert told in result.stdout
    assert "1 passed, 1 broken" in result.stdout


# -- data and JUnit


def test_as_data(folder: Path) -> None:
    write(folder, "a.json", PASSES, FAILS, BROKEN)
    result = run(folder, "--output", "json", "a.json", "gone.json")
    assert result.returncode == 1
    value = json.loads(result.stdout)
    assert value["schema"] == "watchword/policy-test/v1"
    assert [(case["name"], case["expected"], case["actual"], case["passed"]) for case in value["cases"]] == [
        ("a session with MFA", "allowed", "allowed", True),
        ("a session", "allowed", "explicitDeny", False),
        ("a case with an odd field", "allowed", None, False),
    ]
    assert all(case["reason"] for case in value["cases"])
    assert [file["problem"] for file in value["files"]] == [None, "there is no file `gone.json`"]
    assert value["summary"]["unreadable"] == 1


def test_junit_to_a_file_beside_the_text(folder: Path) -> None:
    write(folder, "a.json", PASSES, FAILS)
    (folder / "report.xml").write_text("old")
    result = run(folder, "--junit", "report.xml", "a.json")
    assert result.returncode == 3
    assert "FAIL  a session" in result.stdout
    written = (folder / "report.xml").read_text()
    assert ET.fromstring(written).get("failures") == "1"  # noqa: S314 our own text
    assert run(folder, "--output", "junit", "a.json").stdout == written
    assert sorted(path.name for path in folder.iterdir()) == ["a.json", "policies", "report.xml"]


def test_junit_never_takes_the_place_of_a_file_of_cases(folder: Path) -> None:
    write(folder, "a.json", PASSES)
    write(folder, "b.json", PASSES)
    (folder / "report.xml").symlink_to("b.json")
    for arguments in (("a.json", "b.json"), ("report.xml", "b.json"), ("-", "b.json")):
        result = run(folder, "--junit", *arguments)
        assert result.returncode == 2
        assert json.loads((folder / arguments[1]).read_text()) == [PASSES]


def test_a_report_that_cannot_be_written_is_1(folder: Path) -> None:
    result = run(folder, "--junit", "gone/report.xml", write(folder, "a.json", PASSES))
    assert result.returncode == 1
    assert "error: cannot write `gone/report.xml`: no such file or directory" in result.stderr


def test_a_report_to_an_open_stream_is_written_there_and_the_stream_stays(folder: Path) -> None:
    write(folder, "a.json", PASSES)
    with (folder / "log").open("w") as log:
        log.write("before\n")
        log.flush()
        subprocess.run(
            [WATCHWORD, "policy", "test", "--junit", "/dev/stdout", "a.json"],
            cwd=folder,
            stdout=log,
            timeout=60,
            check=True,
        )
    text = (folder / "log").read_text()
    assert text.startswith("before\n")
    assert "</testsuites>" in text
    assert text.endswith("PASS  1 passed in 1 file\n")


# -- terminals


def on_terminal(folder: Path, *arguments: str) -> tuple[str, int | None]:
    shell = pexpect.spawn(
        WATCHWORD,
        ["policy", "test", *arguments],
        cwd=str(folder),
        env={key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "CLICOLOR_FORCE")}
        | {"TERM": "xterm"},
        encoding="utf-8",
        timeout=60,
        dimensions=(40, 100),
    )
    shell.expect(pexpect.EOF)
    shell.close()
    return shell.before or "", shell.exitstatus


def test_a_terminal_gets_colour_and_a_count_that_goes_away(folder: Path) -> None:
    many = [fields(f"case {number}") for number in range(6_000)]
    shown, code = on_terminal(folder, write(folder, "a.json", *many))
    assert code == 0
    assert "of 6000 cases" in shown
    before, _, after = shown.rpartition("\r\x1b[K")
    assert "cases" not in after
    assert "\x1b[32mPASS\x1b[0m  a.json  6000 passed" in after
    assert "\x1b[32mPASS" not in before


def test_a_short_run_shows_no_count(folder: Path) -> None:
    shown, code = on_terminal(folder, write(folder, "a.json", PASSES))
    assert code == 0
    assert "of 1 cases" not in shown


def test_no_count_without_a_terminal(folder: Path) -> None:
    many = [fields(f"case {number}") for number in range(6_000)]
    result = run(folder, write(folder, "a.json", *many), CLICOLOR_FORCE="1")
    assert (result.returncode, result.stderr) == (0, "")


def test_the_cases_of_this_project_run_as_any_others() -> None:
    files = ["mfa-allow.json", "mfa-deny.json", "seeds.json", "service-rules.json", "trust-policies.json"]
    result = run(ROOT, *(f"tests/cases/{name}" for name in files))
    assert (result.returncode, result.stderr) == (0, "")
    assert [line.split()[1] for line in result.stdout.splitlines()[:5]] == [
        f"tests/cases/{name}" for name in files
    ]
