"""The real `aws` command against the sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local_aws import Key, LocalAws

BIN = Path(sys.executable).parent
REGIONS_WITH_MFA = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "ec2:DescribeRegions",
                "Resource": "*",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            }
        ],
    }
)
Aws = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def aws(sandbox: LocalAws, tmp_path: Path) -> Aws:
    def run(*arguments: str, key: Key | None = None) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **sandbox.environment}
        if key is None:
            environment["AWS_PROFILE"] = "root"
        else:
            environment["AWS_ACCESS_KEY_ID"] = key.access_key_id
            environment["AWS_SECRET_ACCESS_KEY"] = key.secret_access_key
            if key.session_token is not None:
                environment["AWS_SESSION_TOKEN"] = key.session_token
        return subprocess.run(
            [str(BIN / "aws"), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=tmp_path,
        )

    return run


def test_the_walk_through_with_the_aws_command(sandbox: LocalAws, aws: Aws) -> None:
    key = sandbox.user("testuser", REGIONS_WITH_MFA)
    serial = sandbox.device("testuser")
    refused = aws("ec2", "describe-regions", key=key)
    assert refused.returncode in (254, 255)
    assert (
        "An error occurred (UnauthorizedOperation) when calling the DescribeRegions operation: "
        "You are not authorized to perform this operation." in refused.stderr
    )
    wrong = aws("sts", "get-session-token", "--serial-number", serial, "--token-code", "000000", key=key)
    assert "MultiFactorAuthentication failed with invalid MFA one time pass code." in wrong.stderr
    code = sandbox.fresh_code(serial)
    answer = aws("sts", "get-session-token", "--serial-number", serial, "--token-code", code, key=key)
    session = Key.of(json.loads(answer.stdout)["Credentials"])
    regions = aws("ec2", "describe-regions", "--region", "eu-west-1", "--output", "text", key=session)
    assert "ec2.eu-west-1.amazonaws.com" in regions.stdout
    sandbox.move_clock(50_000)
    assert "(RequestExpired)" in aws("ec2", "describe-regions", key=session).stderr


def test_files_go_into_buckets_and_out(sandbox: LocalAws, aws: Aws, tmp_path: Path) -> None:
    (tmp_path / "a file").write_bytes(b"text " * 2_000_000)
    assert aws("s3", "mb", "s3://books").returncode == 0
    up = aws("s3", "cp", "a file", "s3://books/dir/a file")
    assert up.returncode == 0, up.stderr
    assert "dir/" in aws("s3", "ls", "s3://books").stdout
    assert aws("s3", "cp", "s3://books/dir/a file", "back").returncode == 0
    assert (tmp_path / "back").read_bytes() == (tmp_path / "a file").read_bytes()
    assert aws("s3", "rm", "--recursive", "s3://books").returncode == 0
    assert (
        "watchword sandbox: "
        in aws("s3api", "put-bucket-acl", "--bucket", "books", "--acl", "private").stderr
    )


def test_no_other_file_is_written_than_the_sandboxs(sandbox: LocalAws, aws: Aws, tmp_path: Path) -> None:
    assert aws("iam", "list-users").returncode == 0
    assert [file.name for file in tmp_path.iterdir()] == ["sandbox"]
