"""`watchword report`: a page from a snapshot or a proof, a bundle, and the look at one."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from watchword.proof.result import read_proof

WATCHWORD = str(Path(sys.executable).with_name("watchword"))
TESTS = Path(__file__).resolve().parents[1]
PROOF = TESTS / "proof" / "example_proof.json"
GUARDED = TESTS / "accounts" / "right-force-mfa.json"
OPEN = TESTS / "accounts" / "notaction-iam.json"
CLAIMS = TESTS / "accounts" / "exception.claims.yaml"


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [WATCHWORD, "report", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_a_proof_becomes_a_page_for_its_owner_alone(tmp_path: Path) -> None:
    found = run(PROOF, cwd=tmp_path)
    assert (found.returncode, found.stdout) == (3, "")
    assert found.stderr == "the report is `report.html`\n"
    page = tmp_path / "report.html"
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_page_goes_to_stdout_when_that_is_asked(tmp_path: Path) -> None:
    found = run(PROOF, "-o", "-", cwd=tmp_path)
    assert found.stdout.endswith("</html>")
    assert found.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("mine")
    found = run(PROOF, cwd=tmp_path)
    assert found.returncode == 1
    assert found.stderr.startswith("error: `report.html` is there already\nhint: name another file, or add")
    assert (tmp_path / "report.html").read_text() == "mine"
    assert run(PROOF, "--force", cwd=tmp_path).returncode == 3
    assert (tmp_path / "report.html").read_text(encoding="utf-8") != "mine"


@pytest.mark.parametrize(("account", "code", "word"), [(GUARDED, 0, "Proved"), (OPEN, 3, "Not proved")])
def test_a_snapshot_is_proved_and_told(tmp_path: Path, account: Path, code: int, word: str) -> None:
    found = run(account, cwd=tmp_path)
    assert found.returncode == code, found.stderr
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"</svg>{word}</h1>" in page
    assert hashlib.sha256(account.read_bytes()).hexdigest() in page


def test_a_bundle_holds_page_proof_snapshot_claims_and_policies(tmp_path: Path) -> None:
    found = run(OPEN, "--claim", CLAIMS, "--bundle", "evidence.zip", cwd=tmp_path)
    assert found.returncode in {0, 3}, found.stderr
    place = tmp_path / "evidence.zip"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["evidence.zip"]
    with zipfile.ZipFile(place) as archive:
        names = archive.namelist()
        assert archive.read("snapshots/111122223333.json") == OPEN.read_bytes()
        assert archive.read(f"claims/{CLAIMS.name}") == CLAIMS.read_bytes()
        proof = read_proof(archive.read("proof.json"))
        index = json.loads(archive.read("policies/111122223333/index.json"))
    assert {"report.html", "README.txt", "SHA256SUMS"} <= set(names)
    assert {f"policies/111122223333/{row['file']}" for row in index} <= set(names)
    assert proof.accounts[0].snapshot_sha256 == hashlib.sha256(OPEN.read_bytes()).hexdigest()
    told = re.search(r"the SHA-256 of its SHA256SUMS is ([0-9a-f]{64})", found.stderr)
    seen = run("--verify", "evidence.zip", cwd=tmp_path)
    assert seen.returncode == 0
    assert told is not None
    assert told[1] in seen.stdout


def test_a_bundle_in_a_folder_can_be_proved_again(tmp_path: Path) -> None:
    assert run(OPEN, "--bundle", "evidence", cwd=tmp_path).returncode == 3
    readme = (tmp_path / "evidence" / "README.txt").read_text()
    [again] = re.findall(r"^    watchword (prove .*)$", readme, re.MULTILINE)
    command = [WATCHWORD, *again.split(), "--output", "json"]
    found = subprocess.run(command, cwd=tmp_path / "evidence", capture_output=True, check=False)
    before = json.loads((tmp_path / "evidence" / "proof.json").read_bytes())
    after = json.loads(found.stdout)
    assert before | {"proved_at": None} == after | {"proved_at": None}


def test_a_changed_bundle_is_found_out(tmp_path: Path) -> None:
    assert run(OPEN, "--bundle", "evidence", cwd=tmp_path).returncode == 3
    (tmp_path / "evidence" / "proof.json").write_text("{}")
    found = run("--verify", "evidence", cwd=tmp_path)
    assert found.returncode == 1
    assert found.stdout == "`proof.json` was changed\n"
    assert "is not as it was made" in found.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((PROOF, "--bundle", "evidence.zip"), "a bundle holds what it was made from too"),
        ((PROOF, "--claim", CLAIMS), "nothing more can be claimed of one"),
        (("--verify", "evidence.zip", PROOF), "--verify looks at a bundle, and takes nothing else"),
        (("-", "--bundle", "evidence.zip"), "standard input is none"),
        ((OPEN, "--profile", "work"), "--profile has no use"),
    ],
)
def test_what_does_not_fit_together_is_refused(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    found = run(*arguments, cwd=tmp_path)
    assert found.returncode == 2, found.stderr
    assert said in found.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_broken_proof_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "proof.json").write_text('{"schema": "watchword/proof/v1", "watchword": 7}')
    found = run("proof.json", cwd=tmp_path)
    assert found.returncode == 1
    assert found.stderr.startswith("error: `proof.json` is no proof that can be read: expected `str`")


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    found = run("--verify", PROOF, cwd=tmp_path)
    assert found.returncode == 1
    assert "is no bundle of evidence" in found.stderr
