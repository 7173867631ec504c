"""IAM with MFA using the CLI: denied, a code, allowed, denied again."""

from __future__ import annotations

import pytest

from seeds.shell import Shell

# The helper of the walk-through, to be sourced: it reads a code and exports a session of four hours.
TEMP_CREDS = """unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
echo -n "Enter token followed by [ENTER]: "
read token

output=`aws sts get-session-token --duration-seconds 14400 --serial-number {serial} \\
  --token-code $token --output text "$@"`
rc=$?

if [[ $rc -ne 0 ]] ; then
return $rc
fi

oarr=($output)

export AWS_ACCESS_KEY_ID="${{oarr[1]}}"
export AWS_SECRET_ACCESS_KEY="${{oarr[3]}}"
export AWS_SESSION_TOKEN="${{oarr[4]}}"
"""
WALK_THROUGH = """
. ./aws-temp-creds.sh --profile testuser
aws ec2 describe-regions --region eu-west-1 --output text
echo "--- and without"
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
aws ec2 describe-regions --region eu-west-1
aws ec2 describe-regions --region eu-west-1 --profile testuser
"""
DENIED = "(UnauthorizedOperation) when calling the DescribeRegions operation: You are not authorized"


@pytest.fixture(scope="module")
def testuser(shell: Shell) -> Shell:
    shell.policy("seed-2-describe-regions")
    shell.does(
        """
        export AWS_PROFILE=root
        aws iam create-user --user-name testuser
        aws iam create-group --group-name mfa
        aws iam put-group-policy --group-name mfa --policy-name regions \
            --policy-document file://seed-2-describe-regions.json
        aws iam add-user-to-group --group-name mfa --user-name testuser
        read -r id secret <<< "$(aws iam create-access-key --user-name testuser \
            --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text)"
        printf '%s\\n%s\\neu-west-1\\njson\\n' "$id" "$secret" | aws configure --profile testuser
        """
    )
    serial = shell.aws.device("testuser")
    (shell.folder / "aws-temp-creds.sh").write_text(TEMP_CREDS.format(serial=serial))
    return shell


def test_denied_then_a_code_then_allowed_then_denied(testuser: Shell) -> None:
    refused = testuser.run("aws ec2 describe-regions --profile testuser --region eu-west-1")
    assert (refused.returncode, DENIED in refused.stdout) == (255, True)
    shown = testuser.run(WALK_THROUGH, typed=f"{testuser.aws.fresh_code('testuser')}\n").stdout
    allowed, _, after = shown.partition("--- and without")
    assert allowed.startswith("Enter token followed by [ENTER]: ")
    assert "REGIONS\tec2.eu-west-1.amazonaws.com" in allowed
    assert "nable to locate credentials" in after
    assert DENIED in after


def test_a_wrong_code_gives_no_session(testuser: Shell) -> None:
    right = testuser.aws.fresh_code("testuser")
    wrong = "000000" if right != "000000" else "000001"
    shown = testuser.run(
        ". ./aws-temp-creds.sh --profile testuser; echo ended with $?", typed=f"{wrong}\n"
    ).stdout
    assert "invalid MFA one time pass code" in shown
    assert "ended with 255" in shown


def test_the_session_is_over_after_four_hours(testuser: Shell) -> None:
    key = testuser.aws.session(
        testuser.aws.user("other", (testuser.folder / "seed-2-describe-regions.json").read_text()),
        testuser.aws.device("other"),
        duration_seconds=14_400,
    )
    testuser.profile("short", key)
    with (testuser.folder / "credentials").open("a") as file:
        file.write(f"aws_session_token = {key.session_token}\n")
    call = "aws ec2 describe-regions --profile short --output text"
    testuser.aws.move_clock(14_390)
    assert "REGIONS" in testuser.does(call)
    testuser.aws.move_clock(20)
    over = testuser.run(call)
    assert (over.returncode, "RequestExpired" in over.stdout) == (255, True)
