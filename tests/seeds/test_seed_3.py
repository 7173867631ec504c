"""Roles and access keys with MFA: a group that lists roles, a role behind MFA, a bootstrap administrator."""

from __future__ import annotations

import json

import pytest

from local_aws import Key
from seeds.shell import Shell

SETUP = """
export AWS_PROFILE=setup
aws iam create-group --group-name roles_list
aws iam put-group-policy --group-name roles_list --policy-name roles_list \\
  --policy-document file://seed-3-roles-list.json
aws iam create-user --user-name myuser
aws iam add-user-to-group --user-name myuser --group-name roles_list
aws iam create-login-profile --generate-cli-skeleton > create-login-profile.json
sed -i -e 's/"UserName": ""/"UserName": "myuser"/' create-login-profile.json
sed -i -e 's/"Password": ""/"Password": "First-Passw0rd"/' create-login-profile.json
aws iam create-login-profile --cli-input-json file://create-login-profile.json
for role in supervise dailyoperation; do
  aws iam create-role --role-name $role --assume-role-policy-document file://seed-3-supervisor-trust.json
done
aws iam attach-role-policy --role-name supervise --policy-arn arn:aws:iam::aws:policy/IAMFullAccess
"""
# `assume list`, and `assume ROLE USER CODE` in plain calls of the aws command.
ASSUME = """
assume() {
  if [ "$1" = list ]; then aws iam list-roles --query 'Roles[].Arn' --output text | tr '\\t' '\\n'; return; fi
  local account; account=$(aws sts get-caller-identity --query Account --output text)
  local got
  got=$(aws sts assume-role --role-arn "arn:aws:iam::$account:role/$1" --role-session-name "$2" \
      --serial-number "arn:aws:iam::$account:mfa/$2" --token-code "$3" \
      --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken,Expiration]' --output text) || {
    echo "Fail to assume the role"; return 1
  }
  read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN until <<< "$got"
  unset AWS_PROFILE
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
  echo "Assuming role of arn:aws:iam::$account:role/$1 until [$until]"
}
export AWS_PROFILE=myuser
"""


@pytest.fixture(scope="module")
def team(shell: Shell) -> Shell:
    """Set the account up as a user who may do all of IAM and no more, and take that user's key away."""
    iam = shell.aws.client("iam")
    key = shell.aws.user("setup")
    iam.attach_user_policy(UserName="setup", PolicyArn="arn:aws:iam::aws:policy/IAMFullAccess")
    shell.profile("setup", key)
    shell.policy("seed-3-roles-list")
    shell.policy("seed-3-supervisor-trust")
    shell.does(SETUP)
    made = iam.create_access_key(UserName="myuser")["AccessKey"]
    shell.profile("myuser", Key.of(made))
    shell.aws.device("myuser")
    iam.delete_access_key(UserName="setup", AccessKeyId=key.access_key_id)
    return shell


def test_the_user_lists_the_roles_and_assumes_one_with_a_code_for_an_hour(team: Shell) -> None:
    listed = team.does(f"{ASSUME}\nassume list").split()
    assert {arn.rpartition("/")[2] for arn in listed} >= {"dailyoperation", "supervise"}
    code = team.aws.fresh_code("myuser")
    shown = team.does(
        f"{ASSUME}\nassume supervise myuser {code}\naws iam list-users\naws sts get-caller-identity"
    )
    assert "Assuming role of arn:aws:iam::123456789012:role/supervise until [" in shown
    assert '"UserName": "myuser"' in shown
    assert "assumed-role/supervise/myuser" in shown


def test_an_hour_is_the_limit_unless_the_role_allows_more(team: Shell) -> None:
    code = team.aws.fresh_code("myuser")
    refused = team.run(
        f"aws sts assume-role --profile myuser --role-arn arn:aws:iam::123456789012:role/supervise "
        f"--role-session-name me --serial-number arn:aws:iam::123456789012:mfa/myuser --token-code {code} "
        "--duration-seconds 7200"
    )
    assert "exceeds the MaxSessionDuration set for this role" in refused.stdout


def test_a_wrong_code_and_none_assume_nothing(team: Shell) -> None:
    right = team.aws.fresh_code("myuser")
    wrong = "111111" if right != "111111" else "111112"
    refused = team.run(f"{ASSUME}\nassume supervise myuser {wrong}").stdout
    assert (
        "(AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication failed with invalid"
        in refused
    )
    assert refused.endswith("Fail to assume the role\n")
    without = team.run(
        "aws sts assume-role --profile myuser --role-arn arn:aws:iam::123456789012:role/supervise "
        "--role-session-name me"
    )
    assert (without.returncode, "not authorized to perform: sts:AssumeRole" in without.stdout) == (255, True)


def test_the_key_alone_does_nothing_but_list_roles(team: Shell) -> None:
    refused = team.run("aws iam list-users --profile myuser")
    assert (refused.returncode, "AccessDenied" in refused.stdout) == (255, True)
    # `iam:GetRoles`, which the group's policy allows, is no action of IAM.
    policy = json.loads((team.folder / "seed-3-roles-list.json").read_text())
    assert "iam:GetRoles" in policy["Statement"][0]["Action"]


def test_the_administrator_of_the_setup_is_gone(team: Shell) -> None:
    refused = team.run("aws iam list-users --profile setup")
    assert (refused.returncode, "InvalidClientTokenId" in refused.stdout) == (255, True)
