"""The recipe of docs/prove/ci.md: its commands run as they stand, with the role that the page gives them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs.pages import ROOT
from local_aws import Key, LocalAws, local_aws

PAGE = (ROOT / "docs/prove/ci.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent
FORCED = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {
            "Effect": "Deny",
            "NotAction": ["iam:EnableMFADevice"],
            "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
        },
    ],
}
CLAIMS = """schema: watchword/claims/v1
claims:
  - {name: users-have-mfa, who: users}
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with local_aws(tmp_path_factory.mktemp("ci") / "sandbox") as running:
        running.user("bob", FORCED)
        yield running


@pytest.fixture(scope="module")
def reader(aws: LocalAws) -> Key:
    """A session of a role that has the policy of the page, as an identity provider would give one."""
    caller = aws.user("provider")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{aws.account}:user/provider"}}
    document = {"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]}
    iam = aws.client("iam")
    iam.create_role(RoleName="ci", AssumeRolePolicyDocument=json.dumps(document))
    iam.put_role_policy(RoleName="ci", PolicyName="Read", PolicyDocument=blocks("json")[0])
    made = aws.client("sts", caller).assume_role(
        RoleArn=f"arn:aws:iam::{aws.account}:role/ci", RoleSessionName="run"
    )
    return Key.of(made["Credentials"])


def run(command: str, aws: LocalAws, key: Key, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "AWS_ENDPOINT_URL": aws.endpoint_url,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        **key.environment,
    }
    return subprocess.run(
        ["bash", "-e", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def commands(recipe: dict[str, Any]) -> list[str]:
    """Return what a recipe runs with watchword, in order."""
    (job,) = (each for each in (recipe.get("jobs") or recipe).values() if isinstance(each, dict))
    found = [each["run"] for each in job["steps"] if "run" in each] if "steps" in job else job["script"]
    return [each for each in found if each.startswith("watchword")]


@pytest.mark.parametrize("number", range(len(blocks("yaml"))))
def test_the_commands_of_the_recipe_read_prove_and_tell(
    aws: LocalAws, reader: Key, tmp_path: Path, number: int
) -> None:
    (tmp_path / "claims.yaml").write_text(CLAIMS)
    read, *others = commands(yaml.safe_load(blocks("yaml")[number]))
    done = run(read, aws, reader, tmp_path)
    assert done.returncode == 0, done.stderr
    codes = [run(each, aws, reader, tmp_path).returncode for each in others]
    assert codes[0] == 3  # a job that finds something fails; what only tells of it does not
    assert not any(codes[1:])
    if any("sarif" in each for each in others):
        results = json.loads((tmp_path / "proof.sarif").read_text())["runs"][0]["results"]
        assert any("user/bob" in str(each) or "`bob`" in str(each) for each in results)
        assert "bob" in (tmp_path / "summary.md").read_text()


def test_the_roles_policy_is_enough_to_read_all_but_resources(
    aws: LocalAws, reader: Key, tmp_path: Path
) -> None:
    done = run("watchword account snapshot --key-alone -o account.json", aws, reader, tmp_path)
    assert done.returncode == 0, done.stderr
    unread = json.loads((tmp_path / "account.json").read_text())["unread"]
    assert [(each["what"], each["code"]) for each in unread] == [("resource_policies", "NotAsked")]
