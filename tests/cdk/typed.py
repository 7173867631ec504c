"""Somebody who types `cdk` commands into a shell."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pexpect

from local_aws import Key, LocalAws

_BIN = Path(sys.executable).parent
_NODE_APP = re.compile(r'--app "node (\w+(?:-\w+)*)\.js"')
_CODE_PROMPT = r"(?i)\bcode[^\r\n]*: $"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a command wrote, both streams together, and how it ended."""

    output: str
    exit_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody at a shell in `folder`, with the packages of `modules`.

    An app is synthesised once, when a command first names it: that takes most of the time of every command.
    """

    sandbox: LocalAws
    folder: Path
    modules: Path

    def environment(self, **more: str) -> dict[str, str]:
        """Return what the shell has, with `more`."""
        path = os.pathsep.join([str(self.modules / ".bin"), str(_BIN), os.environ["PATH"]])
        return {
            **self.sandbox.environment,
            "PATH": path,
            "HOME": str(self.folder),
            "NODE_PATH": str(self.modules),
            "AWS_REGION": "us-east-1",
            "CDK_DISABLE_VERSION_CHECK": "1",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
            "NO_COLOR": "1",
            **more,
        }

    def type(self, command: str, **more: str) -> Typed:
        """Type a command; codes are asked for at the terminal, and come from the phone of `testuser`."""
        line = _NODE_APP.sub(lambda match: f"--app {self._synthesised(match[1], **more)}", command)
        shell = pexpect.spawn(
            "/bin/sh",
            ["-c", line],
            cwd=str(self.folder),
            env=self.environment(**more),
            dimensions=(50, 400),
            encoding="utf-8",
            codec_errors="replace",
            timeout=120,
        )
        told = ""
        while shell.expect([_CODE_PROMPT, pexpect.EOF]) == 0:
            told += str(shell.before)
            shell.sendline(self.sandbox.fresh_code("testuser"))
        told += str(shell.before)
        shell.close()
        return Typed(output=told.replace("\r\n", "\n"), exit_code=int(shell.exitstatus or 0))

    def _synthesised(self, app: str, **more: str) -> str:
        made = self.folder / f"{app}.out"
        if not made.exists():
            subprocess.run(
                ["node", f"{app}.js"],
                cwd=self.folder,
                env=self.environment(CDK_OUTDIR=str(made), **more),
                timeout=120,
                check=True,
            )
        return shlex.quote(str(made))

    def profile(self, name: str, key: Key) -> None:
        """Add a profile with a key to the sandbox's own credentials."""
        with Path(self.sandbox.environment["AWS_SHARED_CREDENTIALS_FILE"]).open("a") as file:
            file.write(
                f"[{name}]\naws_access_key_id = {key.access_key_id}\n"
                f"aws_secret_access_key = {key.secret_access_key}\n"
            )

    def statuses(self, stack: str) -> list[tuple[str, str]]:
        """Return status and type of every event of a stack, oldest first; none for one that never was."""
        client = self.sandbox.client("cloudformation")
        listed = client.list_stacks()["StackSummaries"]
        found = [each["StackId"] for each in listed if each["StackName"] == stack]
        return [
            (event["ResourceStatus"], event["ResourceType"])
            for stack_id in found[-1:]
            for event in reversed(client.describe_stack_events(StackName=stack_id)["StackEvents"])
        ]


def forced(operator: str) -> str:
    """Return the policy of the walk-through: everything, but without MFA only what it takes to enrol."""
    condition = {operator: {"aws:MultiFactorAuthPresent": "false"}}
    exempt = ["iam:ListMFADevices", "sts:GetSessionToken"]
    refused = {"Effect": "Deny", "NotAction": exempt, "Resource": "*", "Condition": condition}
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed, refused]})
