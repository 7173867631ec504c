"""The keys that AWS manages for a service in each account: made when first needed, with AWS's policy.

Source: AWS KMS Developer Guide, concepts (AWS managed keys); the policies: Amazon S3 User Guide,
UsingKMSEncryption, and AWS Secrets Manager User Guide, security-encryption ("Key policy of the
aws/secretsmanager key").
"""

from __future__ import annotations

import json
import threading
from typing import Any

from watchword.sandbox.plane.moto_object import MotoObject

PREFIX = "alias/aws/"
# One key an alias, however many ask for it at once.
_lock = threading.Lock()


def managed_key(alias: str, account: str, region: str) -> str | None:
    """Return the ARN of an AWS managed key (`alias/aws/s3`); None for a service that has none here."""
    from moto.kms.models import kms_backends

    policy = _policy(alias.removeprefix(PREFIX), account, region)
    if policy is None:
        return None
    backend: MotoObject = kms_backends[account][region]
    with _lock:
        found = next((key for key in list(backend.keys.values()) if alias in key.aliases), None)
        if found is None:
            found = backend.create_key(
                policy, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", _description(alias), None
            )
            found.key_manager = "AWS"
            found.key_rotation_status = True
            backend.create_alias(found.id, alias)
    return str(found.arn)


def _description(alias: str) -> str:
    what = {
        "alias/aws/s3": "S3 objects",
        "alias/aws/secretsmanager": "secret data",
        "alias/aws/ssm": "SSM parameters",
    }[alias]
    return f"Default key that protects my {what} when no other key is defined"


def _policy(service: str, account: str, region: str) -> str | None:
    via = {"kms:ViaService": f"{service}.{region}.amazonaws.com", "kms:CallerAccount": account}
    match service:
        case "s3":
            sid = "Allow access through S3 for all principals in the account that are authorized to use S3"
            actions = [
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:DescribeKey",
            ]
            statements = [_through(sid, actions, {"StringEquals": via}), _metadata(account)]
            identifier = "auto-s3-2"
        case "ssm":
            sid = "Allow access through SSM for all principals in the account that are authorized to use SSM"
            actions = [
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:DescribeKey",
            ]
            statements = [_through(sid, actions, {"StringEquals": via}), _metadata(account)]
            identifier = "auto-ssm-1"
        case "secretsmanager":
            sid = (
                "Allow access through AWS Secrets Manager for all principals in the account that are "
                "authorized to use AWS Secrets Manager"
            )
            actions = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:CreateGrant", "kms:DescribeKey"]
            anywhere = {
                "StringEquals": {"kms:CallerAccount": account},
                "StringLike": {"kms:ViaService": "secretsmanager.*.amazonaws.com"},
            }
            statements = [
                _through(sid, actions, {"StringEquals": via}),
                _through(f"{sid} in any Region", ["kms:GenerateDataKey*"], anywhere),
                _metadata(account, "kms:RevokeGrant"),
            ]
            identifier = "auto-secretsmanager-2"
        case _:
            return None
    return json.dumps({"Version": "2012-10-17", "Id": identifier, "Statement": statements})


def _through(sid: str, actions: list[str], condition: dict[str, Any]) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": actions,
        "Resource": "*",
        "Condition": condition,
    }


def _metadata(account: str, *more: str) -> dict[str, Any]:
    return {
        "Sid": "Allow direct access to key metadata to the account",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": ["kms:Describe*", "kms:Get*", "kms:List*", *more],
        "Resource": "*",
    }
