"""A person at a bash prompt, with the real `aws` command and the sandbox's own files."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from local_aws import Key, LocalAws

BIN = Path(sys.executable).parent
POLICIES = Path(__file__).parents[1] / "cases" / "policies"


@dataclass(kw_only=True)
class Shell:
    """Runs scripts in one folder, with a config and a credentials file in it."""

    aws: LocalAws
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.profile("root", self.aws.root)
        self.environment = {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder),
            "AWS_ENDPOINT_URL": self.aws.endpoint_url,
            "AWS_CONFIG_FILE": str(self.folder / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "credentials"),
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def profile(self, name: str, key: Key) -> None:
        """Add a profile, as `aws configure` does."""
        with (self.folder / "credentials").open("a") as file:
            file.write(f"[{name}]\naws_access_key_id = {key.access_key_id}\n")
            file.write(f"aws_secret_access_key = {key.secret_access_key}\n")
        with (self.folder / "config").open("a") as file:
            file.write(f"[profile {name}]\nregion = us-east-1\noutput = json\n")

    def policy(self, name: str) -> None:
        """Copy the policy of a document into the folder; its account is the sandbox's."""
        text = (POLICIES / f"{name}.json").read_text(encoding="utf-8")
        for example in ("111122223333", "999999999999"):
            text = text.replace(example, self.aws.account)
        (self.folder / f"{name}.json").write_text(text, encoding="utf-8")

    def run(self, script: str, *, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run a script with bash; what it prints to stdout and stderr is one text."""
        return subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            input=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )

    def does(self, script: str, *, typed: str = "") -> str:
        """Run a script of which every command must succeed, and return what it printed."""
        done = self.run(f"set -euo pipefail\n{script}", typed=typed)
        assert done.returncode == 0, done.stdout
        return done.stdout
