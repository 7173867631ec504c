from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from small_account import LISTING, NO_IAM, inline, snapshot, user
from watchword.account.read import write_snapshot

WATCHWORD = str(Path(sys.executable).with_name("watchword"))


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """Two snapshots of one account: alice has a policy more in the second one."""
    before, after = tmp_path / "monday.json", tmp_path / "friday.json"
    before.write_bytes(write_snapshot(snapshot(users=[user()])))
    after.write_bytes(write_snapshot(snapshot(users=[user(inline=[inline("own", LISTING)])])))
    return before, after


def diff(*arguments: object, given: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [WATCHWORD, "account", "diff", *map(str, arguments)]
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, input=given, timeout=60
    )


def test_differences_end_with_0_and_with_3_where_the_exit_code_shall_tell(two: tuple[Path, Path]) -> None:
    plain, telling = diff(*two), diff("--exit-code", *two)
    assert (plain.returncode, telling.returncode) == (0, 3)
    assert plain.stdout == telling.stdout
    assert "statement number 1: Allow s3:ListAllMyBuckets on *" in plain.stdout
    assert plain.stdout.endswith("\n1 changed\n")
    assert plain.stderr == ""


def test_what_means_the_same_is_no_difference_to_the_exit_code(two: tuple[Path, Path]) -> None:
    other = {**LISTING, "Sid": "List", "Action": ["S3:ListAllMyBuckets"]}
    two[0].write_bytes(write_snapshot(snapshot(users=[user(inline=[inline("own", other)])])))
    found = diff("--exit-code", *two)
    assert found.returncode == 0
    assert "inline policy own: written otherwise, says the same" in found.stdout
    assert diff("--exit-code", two[0], two[0]).stdout.endswith("\nno difference\n")


def test_the_data_say_what_the_text_says(two: tuple[Path, Path]) -> None:
    value = json.loads(diff(*two, "--output", "json").stdout)
    assert value["schema"] == "watchword/account-diff/v1"
    assert value["before"] == {"name": str(two[0]), "taken_at": None}
    (thing,) = value["changed"]
    assert (thing["kind"], thing["name"], thing["change"]) == ("user", "alice", "changed")
    (policy,) = thing["differences"]
    assert policy["parts"][0]["after"] == "Allow s3:ListAllMyBuckets on *"


def test_in_markdown_additions_are_where_a_diff_has_them(two: tuple[Path, Path]) -> None:
    lines = diff(*two, "--output", "markdown").stdout.splitlines()
    assert "### Users" in lines
    assert any(line.startswith("+ ") and line.endswith("inline policy own") for line in lines)


def test_aws_s_own_answer_can_be_compared_from_standard_input(two: tuple[Path, Path]) -> None:
    raw = {
        "UserDetailList": [
            {
                "UserName": "alice",
                "Path": "/",
                "UserId": "AIDAALICE",
                "Arn": "arn:aws:iam::123456789012:user/alice",
                "UserPolicyList": [
                    {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [NO_IAM]}}
                ],
            }
        ]
    }
    found = diff(two[0], "-", given=json.dumps(raw))
    assert "statement number 1: Deny iam:* on *" in found.stdout
    assert "not compared: access keys: neither holds it" in found.stdout


def test_no_sign_of_a_name_commands_the_terminal(two: tuple[Path, Path]) -> None:
    evil = user(inline=[inline("own", {**LISTING, "Resource": "arn:aws:s3:::\u202ea\u009b2J"})])
    two[1].write_bytes(write_snapshot(snapshot(users=[evil])))
    found = diff(*two)
    assert "\u202e" not in found.stdout
    assert "\u009b" not in found.stdout


@pytest.mark.parametrize("output", ["text", "json"])
def test_two_accounts_and_what_is_no_snapshot_are_refused(
    two: tuple[Path, Path], output: str, tmp_path: Path
) -> None:
    two[1].write_bytes(write_snapshot(snapshot("210987654321")))
    other = diff(*two, "--output", output)
    assert other.returncode == 1
    assert "is of account 123456789012" in other.stderr
    two[1].write_text("{}")
    assert diff(*two).returncode == 1
    missing = diff(two[0], tmp_path / "nowhere.json")
    assert missing.returncode == 1
    assert missing.stderr.startswith("error: there is no file `")


# -- a folder


def test_a_folder_of_one_snapshot_is_that_snapshot_and_one_of_two_is_refused(
    two: tuple[Path, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "proof.json").write_text('{"schema": "watchword/proof/v1"}')
    two[0].rename(folder / "one.json")
    found = diff(folder, two[1])
    assert found.returncode == 0
    assert "proof.json`: it is watchword/proof/v1" in found.stderr
    (folder / "two.json").write_bytes(two[1].read_bytes())
    both = diff(folder, two[1])
    assert both.returncode == 1
    assert "is a folder with 2 snapshots, and one is wanted" in both.stderr
    (tmp_path / "empty").mkdir()
    empty = diff(tmp_path / "empty", two[1])
    assert "holds no `*.json`" in empty.stderr
