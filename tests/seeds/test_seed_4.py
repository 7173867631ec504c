"""Use MFA protection: groups that let users enrol, force MFA, read, and leave some instances alone."""

from __future__ import annotations

import pytest

from seeds.shell import Shell

CALLS = ("s3 ls", "ec2 describe-instances", "cloudformation describe-stacks", "sns list-topics")
ALLOW_EC2 = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}'
)
GROUPS = ("ManageMFA", "ForceMFA", "ReadOnly", "Ec2RestrictAccess", "CreateIamRole")
IMAGE = "ami-12c6146b"  # one of those that are there
ENROL = """
export AWS_PROFILE=my_profile
aws iam create-virtual-mfa-device --virtual-mfa-device-name dev --outfile qr.png --bootstrap-method QRCodePNG
read -r one two
aws iam enable-mfa-device --user-name dev --serial-number arn:aws:iam::123456789012:mfa/dev \
    --authentication-code1 $one --authentication-code2 $two
"""
MFA_PROFILE = """
read -r code
read -r id secret token <<< "$(aws sts get-session-token --profile my_profile \
    --serial-number arn:aws:iam::123456789012:mfa/dev --token-code $code \
    --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)"
aws configure set aws_access_key_id $id --profile my_profile_mfa
aws configure set aws_secret_access_key $secret --profile my_profile_mfa
aws configure set aws_session_token $token --profile my_profile_mfa
"""


@pytest.fixture(scope="module")
def dev(shell: Shell) -> Shell:
    """Make the document's groups, of which it shows no command, and a user in the first three."""
    iam = shell.aws.client("iam")
    shell.policy("seed-4-ManageMFA")
    key = shell.aws.user("dev")
    for group in GROUPS:
        name = "ManageMFA-corrected" if group == "ManageMFA" else group
        shell.policy(f"seed-4-{name}")
        text = (shell.folder / f"seed-4-{name}.json").read_text(encoding="utf-8")
        iam.create_group(GroupName=group)
        iam.put_group_policy(GroupName=group, PolicyName=group, PolicyDocument=text)
    for group in GROUPS[:3]:
        iam.add_user_to_group(UserName="dev", GroupName=group)
    shell.profile("my_profile", key)
    return shell


def enrolled(dev: Shell) -> Shell:
    """Enrol as the user, unless that was done; the phone is asked once the device is there."""
    if (dev.folder / "qr.png").exists():
        return dev
    create, _, enable = ENROL.partition("read -r one two")
    dev.does(create)
    first = dev.aws.phone("arn:aws:iam::123456789012:mfa/dev")
    second = dev.aws.next_code("arn:aws:iam::123456789012:mfa/dev")
    dev.does(f"export AWS_PROFILE=my_profile\nread -r one two{enable}", typed=f"{first} {second}\n")
    dev.does(MFA_PROFILE, typed=f"{dev.aws.fresh_code('dev')}\n")
    return dev


def test_the_policy_as_it_is_written_is_refused_for_its_missing_comma(dev: Shell) -> None:
    refused = dev.run(
        "aws iam put-group-policy --profile root --group-name ManageMFA --policy-name as-written "
        "--policy-document file://seed-4-ManageMFA.json"
    )
    assert (refused.returncode, "MalformedPolicyDocument" in refused.stdout) == (255, True)


def test_a_user_enrols_alone_and_reads_with_the_profile_that_a_code_gave(dev: Shell) -> None:
    refused = dev.run("\n".join(f"aws {call} --profile my_profile && echo done" for call in CALLS)).stdout
    assert (refused.count("explicit deny"), "done" in refused) == (len(CALLS), False), refused
    enrolled(dev)
    assert (dev.folder / "qr.png").read_bytes().startswith(b"\x89PNG")
    for call in CALLS:
        dev.does(f"aws {call} --profile my_profile_mfa")
    assert "explicit deny" in dev.run("aws s3 ls --profile my_profile").stdout


def test_a_device_of_another_name_than_the_users_is_refused(dev: Shell) -> None:
    refused = dev.run(
        "aws iam create-virtual-mfa-device --profile my_profile --virtual-mfa-device-name phone "
        "--outfile other.png --bootstrap-method QRCodePNG"
    )
    assert "not authorized to perform: iam:CreateVirtualMFADevice" in refused.stdout


def test_instances_with_the_prefix_are_left_alone_and_others_are_not(dev: Shell) -> None:
    ec2 = dev.aws.client("ec2")
    ids = {}
    for name in ("Ec2NamePrefix-1", "mine"):
        tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}]
        made = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, TagSpecifications=tags)
        ids[name] = made["Instances"][0]["InstanceId"]
    iam = dev.aws.client("iam")
    iam.put_user_policy(
        UserName="dev",
        PolicyName="ec2",
        PolicyDocument=ALLOW_EC2,
    )
    iam.add_user_to_group(UserName="dev", GroupName="Ec2RestrictAccess")
    enrolled(dev)
    stop = "aws ec2 stop-instances --profile my_profile_mfa --instance-ids"
    refused = dev.run(f"{stop} {ids['Ec2NamePrefix-1']}")
    assert "with an explicit deny in an identity-based policy" in refused.stdout
    assert '"stopping"' in dev.does(f"{stop} {ids['mine']}")


def test_who_may_create_roles_creates_one_without_mfa_too(dev: Shell) -> None:
    dev.aws.client("iam").add_user_to_group(UserName="dev", GroupName="CreateIamRole")
    (dev.folder / "trust.json").write_text(
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
        ' "Principal": {"Service": "ec2.amazonaws.com"}}]}'
    )
    create = "aws iam create-role --role-name made --assume-role-policy-document file://trust.json"
    # ForceMFA leaves `iam:*` out of its Deny: the key alone does it.
    assert '"RoleName": "made"' in dev.does(f"{create} --profile my_profile")
