"""Of many actions, the few that tell a person what it means to have them."""

from __future__ import annotations

from typing import Final

from watchword.iam import AccessLevel, Universe

_HOW_MANY: Final = 6
_ENOUGH: Final = 3

_TELLING: Final = (
    "iam:AttachUserPolicy",
    "iam:PutUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreatePolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:PassRole",
    "iam:EnableMFADevice",
    "iam:DeactivateMFADevice",
    "cloudtrail:StopLogging",
    "kms:Decrypt",
    "kms:ScheduleKeyDeletion",
    "secretsmanager:GetSecretValue",
    "s3:PutBucketPolicy",
    "s3:DeleteObject",
    "s3:GetObject",
    "ec2:RunInstances",
    "ec2:TerminateInstances",
    "ssm:SendCommand",
    "lambda:UpdateFunctionCode",
    "cloudformation:CreateStack",
    "rds:DeleteDBInstance",
    "dynamodb:DeleteTable",
    "dynamodb:GetItem",
    "sts:AssumeRole",
)
"""What gives access, then what destroys, then what reads secrets and data, of the services most used."""

_LEVELS: Final = (
    AccessLevel.PERMISSIONS,
    AccessLevel.WRITE,
    AccessLevel.READ,
    AccessLevel.TAGGING,
    AccessLevel.LIST,
)


def telling(universe: Universe, mask: int) -> tuple[str, ...]:
    """Return a few actions of a mask, the most privileged first; () when it has none that is known."""
    found = [each for each in _TELLING if universe.knows(each) and mask >> universe.bit(each) & 1]
    if len(found) < _ENOUGH:
        others = sorted(
            (each for each in universe.expand(mask) if each not in found),
            key=lambda each: _rank(universe, each),
        )
        found += others[: _ENOUGH + 1 - len(found)]
    return tuple(found[:_HOW_MANY])


def only_lists(universe: Universe, mask: int) -> bool:
    """Whether the known actions of a mask do no more than list what there is, and no unknown one is there."""
    lists = (universe.access_level(each) is AccessLevel.LIST for each in universe.each(mask))
    return all(lists) and not universe.unknown(mask)


def _rank(universe: Universe, action: str) -> int:
    level = universe.access_level(action)
    return len(_LEVELS) if level is None else _LEVELS.index(level)
