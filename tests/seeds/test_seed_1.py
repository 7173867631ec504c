"""MFA for programmatic access: list the device, get a session of 900 s for a code, describe instances."""

from __future__ import annotations

import shutil

import pytest

from seeds.shell import Shell

jq = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
SESSION = """
export AWS_PROFILE=dev
MFA=$(aws iam list-mfa-devices | jq '.MFADevices[0].SerialNumber' --raw-output)
TOKEN=$(aws sts get-session-token --duration-seconds 900 --serial-number $MFA --token-code {code})
unset AWS_PROFILE
export AWS_ACCESS_KEY_ID=$(echo $TOKEN | jq {raw} ".Credentials.AccessKeyId")
export AWS_SECRET_ACCESS_KEY=$(echo $TOKEN | jq {raw} ".Credentials.SecretAccessKey")
export AWS_SESSION_TOKEN=$(echo $TOKEN | jq {raw} ".Credentials.SessionToken")
aws ec2 describe-instances
"""


@pytest.fixture(scope="module")
def dev(shell: Shell) -> Shell:
    shell.policy("seed-1-programmatic-access")
    policy = (shell.folder / "seed-1-programmatic-access.json").read_text(encoding="utf-8")
    shell.profile("dev", shell.aws.user("dev", policy))
    shell.aws.device("dev")
    return shell


def test_the_key_alone_may_list_devices_and_no_more(dev: Shell) -> None:
    assert "mfa/dev" in dev.does("aws iam list-mfa-devices --profile dev")
    refused = dev.run("aws ec2 describe-instances --profile dev")
    assert (refused.returncode, "UnauthorizedOperation" in refused.stdout) == (255, True)


@jq
def test_with_a_code_any_describe_call_is_allowed_for_a_quarter_of_an_hour(dev: Shell) -> None:
    script = SESSION.format(code=dev.aws.fresh_code("dev"), raw="-r")
    assert '"Reservations": []' in dev.does(script)


@jq
def test_as_it_is_written_the_quotes_of_jq_become_a_part_of_the_key(dev: Shell) -> None:
    refused = dev.run(SESSION.format(code=dev.aws.fresh_code("dev"), raw=""))
    assert refused.returncode != 0
    assert "Reservations" not in refused.stdout
