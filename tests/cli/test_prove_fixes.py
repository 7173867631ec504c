"""`watchword prove --fixes`: what is written is what the proof proposes, and what is said can be typed."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from watchword.cli import watchword

ACCOUNT = Path(__file__).parents[1] / "accounts" / "bool-mistake.json"


def test_each_fixed_policy_is_written_with_the_command_that_stores_it(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "fixes"
    done = CliRunner().invoke(watchword, ["prove", str(ACCOUNT), "--fixes", str(folder)])
    assert done.exit_code == 3
    (file,) = folder.iterdir()
    assert '"BoolIfExists"' in file.read_text()
    assert json.loads(file.read_text())["Version"] == "2012-10-17"
    assert f"--policy-document file://{file.name}" in done.stderr
    assert "aws iam put-group-policy" in done.stderr


def test_two_accounts_with_policies_of_one_name_give_two_files(tmp_path: Path) -> None:
    accounts = tmp_path / "accounts"
    accounts.mkdir()
    text = ACCOUNT.read_text()
    (accounts / "a.json").write_text(text)
    (accounts / "b.json").write_text(text.replace("111122223333", "444455556666"))
    done = CliRunner().invoke(watchword, ["prove", str(accounts), "--fixes", str(tmp_path / "fixes")])
    first, second = sorted(each.name for each in (tmp_path / "fixes").iterdir())
    assert first.replace("-2.json", ".json") == second
    assert done.stderr.count(f"file://{first}") == done.stderr.count(f"file://{second}") == 1


def test_a_name_with_separators_stays_in_the_folder(tmp_path: Path) -> None:
    value = json.loads(ACCOUNT.read_text())
    value["groups"][0]["inline"][0]["name"] = "/../../../outside;\n" + "x" * 500
    (tmp_path / "account.json").write_text(json.dumps(value))
    folder = tmp_path / "made" / "fixes"
    done = CliRunner().invoke(watchword, ["prove", str(tmp_path / "account.json"), "--fixes", str(folder)])
    (file,) = folder.iterdir()
    assert f"file://{file.name}" in done.stderr
    assert {each.name for each in tmp_path.iterdir()} == {"account.json", "made"}


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = CliRunner().invoke(watchword, ["prove", str(ACCOUNT), "--fixes", str(tmp_path / "file" / "fixes")])
    assert "cannot be made: not a directory" in str(done.exception) + done.stderr
