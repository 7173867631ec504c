"""`watchword prove`: exit codes, outputs, claims, and the account as it is now."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from local_aws import LocalAws, local_aws
from watchword.proof.result import read_proof

WATCHWORD = str(Path(sys.executable).with_name("watchword"))
TESTS = Path(__file__).resolve().parents[1]
ACCOUNTS = TESTS / "accounts"
DOCS = TESTS.parent / "docs" / "prove"
GUARDED = ACCOUNTS / "right-force-mfa.json"
OPEN = ACCOUNTS / "bool-mistake.json"


def run(
    *arguments: str | Path, cwd: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [WATCHWORD, "prove", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize(
    ("account", "code", "said"), [(GUARDED, 0, "✓ Proved: "), (OPEN, 3, "✗ Not proved: ")]
)
def test_the_answer_comes_first_and_is_the_exit_code(
    tmp_path: Path, account: Path, code: int, said: str
) -> None:
    found = run(account, cwd=tmp_path)
    assert (found.returncode, found.stderr) == (code, "")
    assert found.stdout.startswith(said)


def test_what_cannot_be_told_is_not_proved(tmp_path: Path) -> None:
    found = run(ACCOUNTS / "unreadable-policy.json", cwd=tmp_path)
    assert found.returncode == 3
    assert found.stdout.startswith("? Not proved: for 1 of 2 principals it cannot be told")


def test_the_json_is_a_proof_and_full_names_each_action(tmp_path: Path) -> None:
    short, full = (
        read_proof(run(OPEN, "--output", "json", *more, cwd=tmp_path).stdout.encode())
        for more in ((), ("--full",))
    )
    assert short.schema == "watchword/proof/v1"
    assert short.accounts[0].snapshot_sha256 is not None
    (finding,) = short.findings
    assert any("*" in each for each in short.action_sets[finding.actions.set])
    named = full.action_sets[full.findings[0].actions.set]
    assert not any("*" in each for each in named)
    assert sum(not each.endswith("?") for each in named) == finding.actions.count


def test_a_file_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    found = run(OPEN, "--output", "sarif", "-o", "proof.sarif", cwd=tmp_path)
    assert (found.returncode, found.stdout) == (3, "")
    assert stat.S_IMODE((tmp_path / "proof.sarif").stat().st_mode) == 0o600
    assert json.loads((tmp_path / "proof.sarif").read_text())["version"] == "2.1.0"


@pytest.mark.parametrize("link", [False, True])
def test_what_is_read_is_not_replaced(tmp_path: Path, *, link: bool) -> None:
    (tmp_path / "a.json").write_bytes(OPEN.read_bytes())
    (tmp_path / "b.json").symlink_to("a.json")
    found = run("a.json", "-o", "b.json" if link else "./a.json", cwd=tmp_path)
    assert (found.returncode, found.stdout) == (2, "")
    assert (tmp_path / "a.json").read_bytes() == OPEN.read_bytes()


def test_a_row_a_principal_and_state(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run(OPEN, "--output", "csv", cwd=tmp_path).stdout)))
    alice = {row["state"]: row for row in rows if row["arn"].endswith("user/alice")}
    assert set(alice) == {"absent", "false", "true"}
    assert (alice["absent"]["outcome"], alice["false"]["outcome"]) == ("refuted", "")


def test_some_principals_alone(tmp_path: Path) -> None:
    found = run(OPEN, "--principal", "root", "--output", "json", cwd=tmp_path)
    assert found.returncode == 0
    assert [each["kind"] for each in json.loads(found.stdout)["principals"]] == ["root"]
    unknown = run(OPEN, "--principal", "user/alise", cwd=tmp_path)
    assert unknown.returncode == 1
    assert unknown.stderr.splitlines()[:2] == [
        "error: no principal of the account is `user/alise`",
        "hint: did you mean `user/alice`",
    ]


def test_claims_are_taken_from_files_and_what_is_wrong_is_said(tmp_path: Path) -> None:
    good = tmp_path / "claims.yaml"
    good.write_text("schema: watchword/claims/v1\nclaims:\n  - name: no-keys\n    actions: kms:Decrypt\n")
    assert run(OPEN, "--claim", good, cwd=tmp_path).returncode == 0
    bad = tmp_path / "bad.yaml"
    bad.write_text("schema: watchword/claims/v1\nclaims:\n  - name: a\n    mfa: maybe\n    whom: x\n")
    found = run(OPEN, "--claim", "bad.yaml", cwd=tmp_path)
    assert (found.returncode, found.stdout) == (1, "")
    assert "  bad.yaml:4:10: expected" in found.stderr
    assert "  bad.yaml:5:5: `whom` is not known here" in found.stderr


def test_an_expired_exception_ends_with_3(tmp_path: Path) -> None:
    account = ACCOUNTS / "role-without-mfa.json"
    held = run(account, "--claim", ACCOUNTS / "exception.claims.yaml", cwd=tmp_path)
    late = run(account, "--claim", ACCOUNTS / "exception-expired.claims.yaml", cwd=tmp_path)
    assert "Excepted:" in held.stdout
    assert late.returncode == 3
    assert "expired on 2020-12-31" in " ".join(late.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nowhere.json",), 1, "there is no file `nowhere.json`"),
        ((OPEN, "--profile", "x"), 2, "is taken as it is"),
        ((OPEN, "--output", "html"), 2, "`html` is not one of"),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, arguments: tuple[str | Path, ...], code: int, said: str
) -> None:
    found = run(*arguments, cwd=tmp_path)
    assert (found.returncode, found.stdout) == (code, "")
    assert said in found.stderr


def test_names_of_an_account_do_not_command_the_terminal(tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.json"
    hostile.write_text(OPEN.read_text().replace("people", "peo\\u001b[31mple"))
    assert any("\x1b" in each["name"] for each in json.loads(hostile.read_text())["groups"])
    for output in ("text", "markdown", "csv", "sarif"):
        assert "\x1b" not in run(hostile, "--output", output, "--color", "never", cwd=tmp_path).stdout


def test_progress_is_shown_on_a_terminal_only_and_is_gone_afterwards(tmp_path: Path) -> None:
    terminal = pexpect.spawn(
        WATCHWORD, ["prove", str(OPEN)], cwd=str(tmp_path), encoding="utf-8", timeout=60, dimensions=(40, 100)
    )
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 3
    assert "Not proved" in str(terminal.before)


# --- the account as it is now, and the recipe for CI ------------------------------------------------------


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with local_aws(tmp_path_factory.mktemp("prove") / "sandbox") as running:
        yield running


def environment_of(aws: LocalAws, folder: Path) -> dict[str, str]:
    """A shell in which a profile `ci` has the key of somebody with the policy of the page, and no more."""
    iam = aws.client("iam")
    policy = (DOCS / "ci.md").read_text(encoding="utf-8").split("```json\n")[1].split("```")[0]
    iam.create_user(UserName="ci")
    iam.put_user_policy(UserName="ci", PolicyName="Read", PolicyDocument=policy)
    key = iam.create_access_key(UserName="ci")["AccessKey"]
    (folder / "credentials").write_text(
        f"[ci]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n"
    )
    (folder / "config").write_text("[profile ci]\nregion = us-east-1\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **kept,
        "HOME": str(folder),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_ENDPOINT_URL": aws.environment["AWS_ENDPOINT_URL"],
    }


def test_the_policy_of_the_recipe_is_enough_to_read_and_prove(aws: LocalAws, tmp_path: Path) -> None:
    environment = environment_of(aws, tmp_path)
    found = run("--profile", "ci", "--key-alone", "--output", "json", cwd=tmp_path, environment=environment)
    assert found.returncode == 3, found.stderr
    proof = read_proof(found.stdout.encode())
    assert {each.code for each in proof.accounts[0].unread} <= {"NotAsked"}
    assert "AccessDenied" not in found.stderr
    (ci,) = (each for each in proof.findings if each.principal.endswith("user/ci"))
    assert ci.fix is not None


def test_the_policies_of_the_recipe_are_clean() -> None:
    from watchword.lint import lint_text
    from watchword.local.universe import load_universe

    blocks = (DOCS / "ci.md").read_text(encoding="utf-8").split("```json\n")[1:]
    assert len(blocks) == 2
    for block in blocks:
        found = lint_text(block.split("```")[0], name="ci", universe=load_universe())
        assert {each.rule for each in found} <= {"placeholder"}  # whose account it is, the reader knows


def test_the_recipes_are_workflows_that_parse_and_run_what_the_page_runs() -> None:
    import yaml

    page = (DOCS / "ci.md").read_text(encoding="utf-8")
    github, gitlab = (yaml.safe_load(block.split("```")[0]) for block in page.split("```yaml\n")[1:])
    steps = [step["run"] for step in github["jobs"]["proof"]["steps"] if "run" in step]
    lines = [line for line in (*steps, *gitlab["proof"]["script"]) if line.startswith("watchword")]
    assert len(lines) == 5
    for line in lines:
        arguments = line.split(" >> ")[0].split()
        assert arguments[1:3] in (["account", "snapshot"], ["prove", "account.json"])
