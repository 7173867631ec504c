"""The hooks for pre-commit and the recipes of docs/policy/ci.md, run as they are written.

pre-commit itself runs the hooks here. It would install Watchword anew for them, from a registry;
here the same entries start the one that is installed already (`language: system`).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
PAGE = ROOT / "docs" / "policy" / "ci.md"
POLICY = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "S3WithMfa",
      "Effect": "Allow",
      "Action": "s3:*",
      "Resource": "*",
      "Condition": {"OPERATOR": {"aws:MultiFactorAuthPresent": "true"}}
    }
  ]
}
"""
RIGHT = POLICY.replace("OPERATOR", "Bool")
WRONG = POLICY.replace("OPERATOR", "BoolIfExists")
CASES = [
    {
        "name": f"with {credential}",
        "identity_policies": ["../policies/s3.json"],
        "principal": "arn:aws:iam::123456789012:user/alice",
        "credential": credential,
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::bucket/key",
        "expect": expect,
    }
    for credential, expect in (("session-mfa", "allowed"), ("access-key", "implicitDeny"))
]


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(folder / ".git" / "pre-commit"),
        "NO_COLOR": "1",
    }
    for name in [name for name in environment if name.startswith("GIT_")]:
        del environment[name]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def manifest() -> dict[str, dict[str, Any]]:
    hooks: list[dict[str, Any]] = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    return {hook["id"]: hook for hook in hooks}


def recipes() -> list[Any]:
    """The YAML of the page: pre-commit, GitHub, GitLab."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [yaml.safe_load(block) for block in blocks]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with policies and cases, and with JSON that is neither."""
    files = {
        "policies/s3.json": RIGHT,
        "policy-tests/s3.json": json.dumps(CASES, indent=2),
        "package.json": '{"name": "no policy"}',
        "policy-tests/fixtures/other.json": "[]",
        "policies/README.md": "no JSON",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert run(tmp_path, "git", "init", "-q").returncode == 0
    return tmp_path


def configure(repository: Path, hooks: list[dict[str, Any]]) -> None:
    """Write a configuration whose hooks are those of the manifest, started from where they are installed."""
    known = manifest()
    local = [{**known[hook["id"]], **hook, "language": "system"} for hook in hooks]
    config = {"repos": [{"repo": "local", "hooks": local}]}
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))


def commit_hooks(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    assert run(repository, "git", "add", "--all").returncode == 0
    return run(repository, "pre-commit", "run", "--verbose", *arguments)


def outcome(result: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """What pre-commit says of each hook: Passed, Failed or Skipped."""
    found = re.findall(r"^watchword policy (\w+)\.+(?:\(.*\))?(\w+)$", result.stdout, re.MULTILINE)
    return dict(found)


def test_pre_commit_takes_the_manifest() -> None:
    result = run(ROOT, "pre-commit", "validate-manifest", str(MANIFEST))
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert {hook["language"] for hook in manifest().values()} == {"python"}


def test_the_hooks_pass_what_is_sound_and_look_at_nothing_else(repository: Path) -> None:
    configure(repository, [{"id": name} for name in manifest()])
    result = commit_hooks(repository, "--all-files")
    assert result.returncode == 0, result.stdout
    assert outcome(result) == {"lint": "Passed", "test": "Passed"}
    assert "ok: nothing found in 1 document" in result.stdout
    assert "PASS  2 passed in 1 file" in result.stdout


def test_the_hooks_stop_a_commit_that_is_not(repository: Path) -> None:
    configure(repository, [{"id": name} for name in manifest()])
    (repository / "policies" / "s3.json").write_text(WRONG)
    result = commit_hooks(repository)
    assert result.returncode == 1
    assert outcome(result) == {"lint": "Failed", "test": "Failed"}
    assert result.stdout.count("- exit code: 3") == 2
    assert "policies/s3.json:9:" in result.stdout
    assert "FAIL  with access-key" in result.stdout


def test_the_recipe_for_pre_commit_tests_a_policy_that_is_changed_alone(repository: Path) -> None:
    recipe = recipes()[0]
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(recipe))
    result = run(repository, "pre-commit", "validate-config")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    configure(repository, recipe["repos"][0]["hooks"])
    assert commit_hooks(repository).returncode == 0
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    assert run(repository, "git", *identity, "commit", "-q", "-m", "all").returncode == 0
    (repository / "policies" / "s3.json").write_text(WRONG)
    assert outcome(commit_hooks(repository)) == {"lint": "Failed", "test": "Failed"}


def commands_of(recipe: dict[str, Any]) -> list[str]:
    """What a recipe for GitHub or GitLab runs, but for the installation."""
    steps = [step for job in recipe.get("jobs", {}).values() for step in job["steps"]]
    found = [step["run"] for step in steps if "run" in step]
    found += [line for job in recipe.values() if isinstance(job, dict) for line in job.get("script", ())]
    return [command for command in found if not command.startswith("pip install")]


@pytest.mark.parametrize("which", [1, 2], ids=["github", "gitlab"])
def test_the_commands_of_a_recipe_run(repository: Path, which: int) -> None:
    commands = commands_of(recipes()[which])
    assert len(commands) == 2
    for policy, code in ((RIGHT, 0), (WRONG, 3)):
        (repository / "policies" / "s3.json").write_text(policy)
        results = [run(repository, "bash", "-e", "-c", command) for command in commands]
        assert [result.returncode for result in results] == [code, code]
    assert any((repository / name).exists() for name in ("policies.sarif", "report.xml"))


def test_what_the_recipe_for_github_uploads_is_what_lint_wrote(repository: Path) -> None:
    recipe = recipes()[1]
    steps = recipe["jobs"]["policies"]["steps"]
    (upload,) = (step for step in steps if "upload-sarif" in step.get("uses", ""))
    lint = commands_of(recipe)[0]
    (repository / "policies" / "s3.json").write_text(WRONG)
    run(repository, "bash", "-e", "-c", lint)
    sarif = json.loads((repository / upload["with"]["sarif_file"]).read_text())
    assert sarif["version"] == "2.1.0"
    assert sarif["runs"][0]["results"]
    # YAML reads the key `on` as true.
    assert recipe[True] == ["push", "pull_request"]
    assert recipe["permissions"]["security-events"] == "write"
