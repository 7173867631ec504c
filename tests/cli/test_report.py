"""`watchword report`: a page from a snapshot or a proof, a bundle, and the look at one."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from local_aws import LocalAws, local_aws
from watchword.cli import watchword
from watchword.cli.failure import exit_code_of
from watchword.proof.result import read_proof

WATCHWORD = str(Path(sys.executable).with_name("watchword"))
TESTS = Path(__file__).resolve().parents[1]
PROOF = TESTS / "proof" / "example_proof.json"
GUARDED = TESTS / "accounts" / "right-force-mfa.json"
OPEN = TESTS / "accounts" / "notaction-iam.json"
CLAIMS = TESTS / "accounts" / "exception.claims.yaml"


Here: TypeAlias = Callable[..., tuple[int, str]]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """Run the command in this process, in an empty folder; give its exit code and what it says."""
    monkeypatch.chdir(tmp_path)

    def run_here(*arguments: str | Path) -> tuple[int, str]:
        code = exit_code_of(watchword, ["report", *map(str, arguments)])
        return code, capsys.readouterr().err

    return run_here


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


def test_neither_what_is_read_nor_a_pipe_gives_way_to_a_page(here: Here, tmp_path: Path) -> None:
    Path("a.json").write_bytes(GUARDED.read_bytes())
    assert here("a.json", "-o", "a.json", "--force")[0] == 2
    assert here("a.json", "--bundle", "a.json", "--force")[0] == 2
    assert Path("a.json").read_bytes() == GUARDED.read_bytes()
    os.mkfifo("pipe")
    code, said = here("a.json", "-o", "pipe", "--force")
    assert (code, said.splitlines()[0]) == (1, "error: `pipe` is not a file")
    assert stat.S_ISFIFO((tmp_path / "pipe").lstat().st_mode)


def test_a_snapshot_is_proved_and_told(tmp_path: Path) -> None:
    found = run(GUARDED, cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "</svg>Proved</h1>" in page
    assert hashlib.sha256(GUARDED.read_bytes()).hexdigest() in page


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


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle in a folder; nobody changes it."""
    folder = tmp_path_factory.mktemp("bundle")
    assert run(OPEN, "--bundle", "evidence", cwd=folder).returncode == 3
    return folder / "evidence"


def test_a_bundle_in_a_folder_can_be_proved_again(bundle: Path) -> None:
    [again] = re.findall(r"^    watchword (prove .*)$", (bundle / "README.txt").read_text(), re.MULTILINE)
    command = [WATCHWORD, *again.split(), "--output", "json"]
    found = subprocess.run(command, cwd=bundle, capture_output=True, check=False)
    before, after = json.loads((bundle / "proof.json").read_bytes()), json.loads(found.stdout)
    assert before | {"proved_at": None} == after | {"proved_at": None}


def test_a_changed_bundle_is_found_out(bundle: Path, tmp_path: Path) -> None:
    shutil.copytree(bundle, tmp_path / "evidence")
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
        ((OPEN, "--profile", "work"), "is taken as it is"),
        ((OPEN, "--role", "Audit"), "is taken as it is"),
        ((PROOF, "--key-alone"), "is taken as it is"),
        (("--verify", "evidence.zip", "--resources"), "takes nothing else"),
    ],
)
def test_what_does_not_fit_together_is_refused(here: Here, arguments: tuple[str, ...], said: str) -> None:
    code, told = here(*arguments)
    assert (code, said in told) == (2, True), told
    assert list(Path.cwd().iterdir()) == []


def test_a_broken_proof_is_said_to_be_one(here: Here) -> None:
    Path("proof.json").write_text('{"schema": "watchword/proof/v1", "watchword": 7}')
    code, told = here("proof.json")
    assert code == 1
    assert told.startswith("error: `proof.json` is no proof that can be read: expected `str`")


def test_what_is_no_bundle_is_refused(here: Here) -> None:
    code, told = here("--verify", PROOF)
    assert code == 1
    assert "is no bundle of evidence" in told


def test_a_folder_of_snapshots_becomes_one_page_of_all_accounts(tmp_path: Path) -> None:
    folder = tmp_path / "accounts"
    folder.mkdir()
    shutil.copy(GUARDED, folder / "guarded.json")
    other = OPEN.read_text().replace(json.loads(OPEN.read_text())["account_id"], "444455556666")
    (folder / "open.json").write_text(other)
    found = run("accounts", "--bundle", "evidence", "-o", "all.html", cwd=tmp_path)
    assert found.returncode == 3, found.stderr
    page = (tmp_path / "all.html").read_text(encoding="utf-8")
    for file in ("guarded.json", "open.json"):
        assert json.loads((folder / file).read_text())["account_id"] in page
        assert hashlib.sha256((folder / file).read_bytes()).hexdigest() in page
    proof = read_proof((tmp_path / "evidence" / "proof.json").read_bytes())
    assert len({each.account for each in proof.principals}) == 2
    assert len(list((tmp_path / "evidence" / "snapshots").iterdir())) == 2


# --- the account as it is now -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with local_aws(tmp_path_factory.mktemp("report") / "sandbox") as running:
        yield running


def test_the_account_as_it_is_now_is_read_as_asked(aws: LocalAws, tmp_path: Path) -> None:
    aws.write_profiles()
    reader = aws.user("reader", ["arn:aws:iam::aws:policy/AdministratorAccess"])
    (tmp_path / "credentials").write_text(
        f"[reader]\naws_access_key_id = {reader.access_key_id}\n"
        f"aws_secret_access_key = {reader.secret_access_key}\n"
    )
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **aws.environment,
        "HOME": str(tmp_path),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }

    def live(*options: str) -> subprocess.CompletedProcess[str]:
        command = [WATCHWORD, "report", "--profile", "reader", *options, "--bundle", "b", "--force"]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    for options in (("--key-alone",), ("--key-alone", "--resources")):
        found = live(*options)
        assert found.returncode == 3, found.stderr
        (file,) = (tmp_path / "b" / "snapshots").iterdir()
        left_out = any(each["code"] == "NotAsked" for each in json.loads(file.read_text())["unread"])
        assert left_out == ("--resources" not in options)
    as_role = live("--role", "Audit")  # a role takes a code, and nobody is there to give it
    assert (as_role.returncode, "no terminal to ask on" in as_role.stderr) == (6, True), as_role.stderr
