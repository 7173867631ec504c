from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pexpect
import pytest

from watchword.cli import watchword
from watchword.cli.failure import exit_code_of

SEEDS = Path(__file__).parent.parent / "cases" / "policies"
WATCHWORD = str(Path(sys.executable).with_name("watchword"))
MINE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["ec2:DescribeRegions", "s3:Get*"],
            "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        },
        {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"},
    ],
}

Tabulate: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for path in SEEDS.glob("*.json"):
        shutil.copy(path, tmp_path)
    (tmp_path / "mine.json").write_text(json.dumps(MINE))
    return tmp_path


@pytest.fixture
def tabulate(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tabulate:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.chdir(folder)
        code = exit_code_of(watchword, ["policy", "table", *arguments])
        return subprocess.CompletedProcess(arguments, code, *capsys.readouterr())

    return run


def test_it_marks_every_cell_that_passes_without_mfa(tabulate: Tabulate) -> None:
    done = tabulate("--policy", "mine.json", "--action", "ec2:DescribeRegions", "s3:ListAllMyBuckets")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        """\
                                access  session session console role    forward
action                          key             + MFA           session ed call
ec2:DescribeRegions             -       -       ✓       -       -       -
s3:ListAllMyBuckets             ✓ !     ✓ !     ✓       ✓ !     ✓ !     ✓ !

! 1 of 2 actions passes without MFA

✓ allowed   ✓ ! allowed without MFA   ✗ a Deny matches   - nothing allows it
note: no principal was named: arn:aws:iam::123456789012:user/alice stands for
      it, with role/example for the other columns
"""
    )


def test_patterns_are_shown_as_written_with_how_many_they_stand_for(tabulate: Tabulate) -> None:
    lines = tabulate("--policy", "mine.json").stdout.splitlines()
    at = lines.index("s3:Get*:")
    assert lines[at + 1].startswith("  s3:GetObject")
    assert lines[at + 2].startswith("    and ")
    assert lines[at + 2].endswith(" more like it")


def test_a_policy_that_only_denies_is_shown_beside_one_that_allows(tabulate: Tabulate) -> None:
    alone = tabulate("--policy", "seed-0-force-mfa.json")
    assert "no policy here allows anything; --with-administrator shows" in alone.stdout
    # Nobody needs a permission to call GetSessionToken, and no policy can deny it.
    assert "\n! 1 of " in alone.stdout
    beside = tabulate("--policy", "seed-0-force-mfa.json", "--with-administrator", "--output", "json")
    value = json.loads(beside.stdout)
    rows = {row["action"]: row for row in value["rows"]}
    assert rows["iam:CreateVirtualMFADevice"]["without_mfa"]
    assert 0 < value["summary"]["without_mfa"] < 400
    named = tabulate(
        "--policy", "seed-0-force-mfa.json", "--with-administrator", "--action", "ec2:RunInstances"
    )
    assert "✓ 0 of 1 action pass without MFA" in named.stdout


def test_all_kinds_keep_to_the_width_in_several_blocks(tabulate: Tabulate) -> None:
    done = tabulate("--policy", "mine.json", "--all-kinds")
    assert [line for line in done.stdout.splitlines() if len(line) > 80] == []
    assert done.stdout.count("ec2:DescribeRegions ") == 3


def test_a_column_that_cannot_be_is_said_to_be_none(tabulate: Tabulate) -> None:
    done = tabulate("--policy", "mine.json", "--principal", "arn:aws:iam::123456789012:role/team/dev")
    assert "n/a" in done.stdout
    assert "note: n/a: this principal cannot sign with access-key, session," in done.stdout
    nobody = tabulate("--policy", "mine.json", "--principal", "anonymous")
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert "`anonymous` can sign with none of these kinds" in nobody.stderr


def test_the_same_table_as_data(tabulate: Tabulate) -> None:
    mine = ("--policy", "mine.json", "--action", "ec2:DescribeRegions", "s3:ListAllMyBuckets")
    value = json.loads(tabulate(*mine, "--output", "json").stdout)
    assert value["schema"] == "watchword/policy-table/v1"
    assert [each["credential"] for each in value["columns"]] == [
        "access-key",
        "session",
        "session-mfa",
        "console",
        "role-session",
        "forwarded",
    ]
    assert value["columns"][0]["mfa"] == "absent"
    assert value["summary"] == {"actions": 2, "without_mfa": 1, "undetermined_without_mfa": 0}
    assert value["rows"][1]["cells"][0] == {
        "outcome": "allowed",
        "layer": "identity",
        "without_mfa": True,
        "missing": [],
    }
    lines = list(csv.DictReader(io.StringIO(tabulate(*mine, "--output", "csv").stdout)))
    assert [line["access-key"] for line in lines] == ["implicitDeny", "allowed"]
    assert [line["without_mfa"] for line in lines] == ["false", "true"]
    markdown = tabulate(*mine, "--output", "markdown").stdout.splitlines()
    assert markdown[0] == "1 of 2 actions passes without MFA."
    assert markdown[5].startswith("| `s3:ListAllMyBuckets` | `*` | **allowed without MFA** |")


def test_what_is_not_known_is_named(tabulate: Tabulate, folder: Path) -> None:
    statement = {**MINE["Statement"][1], "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}  # type: ignore[dict-item]
    (folder / "office.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}))
    done = tabulate("--policy", "office.json")
    assert "? 1 more may\n  they hang on aws:SourceIp" in done.stdout
    given = tabulate("--policy", "office.json", "--context", "aws:SourceIp=203.0.113.1")
    assert "! 1 of 1 action passes without MFA" in given.stdout


def test_an_action_that_aws_does_not_have_is_named(tabulate: Tabulate) -> None:
    done = tabulate("--policy", "mine.json", "--action", "iam:GetRoles", "nosuch:*")
    assert "note: AWS is not known to have iam:GetRoles, nosuch:*: they grant nothing" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "no policy is given"),
        (["--policy", "seed-4-ManageMFA.json"], 1, "seed-4-ManageMFA.json:18:9: expected `,` or `]`"),
        (["--policy", "mine.json", "--action", "ListUsers"], 2, "`ListUsers` is no action"),
        (["--policy", "mine.json", "--resource", "bucket"], 2, "`bucket` is no resource"),
        (["--policy", "mine.json", "--output", "xml"], 2, "`xml` is not one of"),
        (["mine.json"], 2, "`--policy mine.json`"),
    ],
)
def test_what_is_typed_wrongly_says_what_to_do(
    tabulate: Tabulate, arguments: list[str], code: int, message: str
) -> None:
    done = tabulate(*arguments)
    assert message in done.stderr
    assert (done.returncode, done.stdout) == (code, "")


def test_at_a_terminal_it_has_colours_beside_the_signs(folder: Path) -> None:
    arguments = ["policy", "table", "--policy", "mine.json"]
    child = pexpect.spawn(WATCHWORD, arguments, cwd=str(folder), dimensions=(50, 80), encoding="utf-8")
    child.expect(pexpect.EOF, timeout=60)
    child.close()
    assert child.exitstatus == 0
    assert "\x1b[1;31m✓ !" in (child.before or "")
    assert "\x1b[32m✓\x1b[0m " in (child.before or "")


def test_an_option_without_its_value_is_told_of_with_this_commands_help(tabulate: Tabulate) -> None:
    done = tabulate("--action", "s3:*", "--policy")
    assert done.returncode == 2
    assert "hint: `watchword policy table --help` shows how it is written" in done.stderr
