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


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = CliRunner().invoke(watchword, ["prove", str(ACCOUNT), "--fixes", str(tmp_path / "file" / "fixes")])
    assert "cannot be made: not a directory" in str(done.exception) + done.stderr
