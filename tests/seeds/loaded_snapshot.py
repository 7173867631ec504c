"""A snapshot, made in the sandbox: the same people, policies, keys and devices."""

from __future__ import annotations

import json
from typing import Any

from local_aws import Key, LocalAws
from watchword.account.snapshot import Snapshot

NOBODY_YET = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def load(aws: LocalAws, snapshot: Snapshot) -> dict[str, Key]:
    """Make what a snapshot says, in a sandbox that is as it was started; return the active keys by user ARN.

    Organizations are left out, and of the policies of resources all but those of buckets.
    """
    iam = aws.client("iam")
    _policies(iam, snapshot)
    for group in snapshot.groups:
        iam.create_group(GroupName=group.name, Path=group.path)
        _held(iam, "Group", group)
    for user in snapshot.users:
        tags = [{"Key": name, "Value": value} for name, value in user.tags.items()]
        iam.create_user(UserName=user.name, Path=user.path, Tags=tags)
        for name in user.groups:
            iam.add_user_to_group(UserName=user.name, GroupName=name)
        _held(iam, "User", user)
    _roles(iam, snapshot)
    for policy in snapshot.resource_policies or ():
        _bucket(aws.client("s3"), policy.arn, policy.document)
    return _credentials(aws, iam, snapshot)


def _policies(iam: Any, snapshot: Snapshot) -> None:  # noqa: ANN401 - boto3 makes its clients' classes
    for policy in snapshot.policies:
        if ":iam::aws:" in policy.arn:
            continue
        first, *rest = sorted(policy.versions, key=lambda version: int(version.id[1:]))
        iam.create_policy(PolicyName=policy.name, Path=policy.path, PolicyDocument=first.document)
        for version in rest:
            iam.create_policy_version(PolicyArn=policy.arn, PolicyDocument=version.document)
        iam.set_default_policy_version(PolicyArn=policy.arn, VersionId=policy.default_version)


def _roles(iam: Any, snapshot: Snapshot) -> None:  # noqa: ANN401
    for role in snapshot.roles:  # roles may name each other: all of them must be there first
        tags = [{"Key": name, "Value": value} for name, value in role.tags.items()]
        iam.create_role(RoleName=role.name, Path=role.path, AssumeRolePolicyDocument=NOBODY_YET, Tags=tags)
        _held(iam, "Role", role)
    for role in snapshot.roles:
        iam.update_assume_role_policy(RoleName=role.name, PolicyDocument=role.trust)


def _held(iam: Any, kind: str, holder: Any) -> None:  # noqa: ANN401 - a user, group or role
    name = {f"{kind}Name": holder.name}
    put, attach = getattr(iam, f"put_{kind.lower()}_policy"), getattr(iam, f"attach_{kind.lower()}_policy")
    for policy in holder.inline:
        put(**name, PolicyName=policy.name, PolicyDocument=policy.document)
    for arn in holder.attached:
        attach(**name, PolicyArn=arn)
    if getattr(holder, "boundary", None):
        bound = getattr(iam, f"put_{kind.lower()}_permissions_boundary")
        bound(**name, PermissionsBoundary=holder.boundary)


def _bucket(s3: Any, arn: str, document: str) -> None:  # noqa: ANN401
    name = arn.rpartition(":")[2]
    if arn.startswith("arn:aws:s3:::"):
        s3.create_bucket(Bucket=name)
        s3.put_bucket_policy(Bucket=name, Policy=document)


def _credentials(aws: LocalAws, iam: Any, snapshot: Snapshot) -> dict[str, Key]:  # noqa: ANN401
    keys: dict[str, Key] = {}
    arns = {user.name: user.arn for user in snapshot.users}
    for key in snapshot.access_keys or ():
        if key.user in arns:
            made = iam.create_access_key(UserName=key.user)["AccessKey"]
            if key.status == "Active":
                keys[arns[key.user]] = Key.of(made)
            else:
                iam.update_access_key(UserName=key.user, AccessKeyId=made["AccessKeyId"], Status="Inactive")
    for profile in snapshot.login_profiles or ():
        iam.create_login_profile(UserName=profile.user, Password="only for 1 Sandbox")
    for device in snapshot.mfa_devices or ():
        if device.user in arns and device.kind == "virtual":
            aws.device(device.user, device.serial.rpartition("/")[2])
        elif device.user in arns and device.kind == "fido":
            aws.add_security_key(device.user)
    return keys
