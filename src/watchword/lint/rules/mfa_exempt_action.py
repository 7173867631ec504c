"""A Deny for lack of MFA that exempts actions which enrolling does not take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from watchword.lint._exempt import changing, nearly_total
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_HARMLESS: Final = frozenset(
    {
        "iam:ChangePassword",
        "iam:CreateVirtualMFADevice",
        "iam:DeleteVirtualMFADevice",
        "iam:EnableMFADevice",
        "iam:ResyncMFADevice",
        "iam:TagMFADevice",
        "iam:UntagMFADevice",
    }
)
"""What enrolling, and a first password, take. AWS refuses to delete a device that is enabled."""

_GIVING: Final = frozenset(
    {
        "iam:AddUserToGroup",
        "iam:AttachGroupPolicy",
        "iam:AttachRolePolicy",
        "iam:AttachUserPolicy",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:CreatePolicyVersion",
        "iam:CreateServiceSpecificCredential",
        "iam:DeleteUserPermissionsBoundary",
        "iam:DeleteUserPolicy",
        "iam:DetachUserPolicy",
        "iam:PassRole",
        "iam:PutGroupPolicy",
        "iam:PutRolePolicy",
        "iam:PutUserPermissionsBoundary",
        "iam:PutUserPolicy",
        "iam:RemoveUserFromGroup",
        "iam:ResetServiceSpecificCredential",
        "iam:SetDefaultPolicyVersion",
        "iam:UpdateAccessKey",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateLoginProfile",
        "iam:UploadSSHPublicKey",
        "iam:UploadSigningCertificate",
    }
)
"""What gives or keeps access: credentials, policies, and the ways out of a policy such as this one."""

_SHOWN: Final = 3


def check(subject: Subject) -> Iterator[Finding]:
    """Find each exempt action of IAM and STS that changes something and is not needed to enrol."""
    for statement in nearly_total(subject):
        for entry in statement.actions if statement.not_action else ():
            service, _, name = entry.text.lower().partition(":")
            if service not in {"iam", "sts"} or name.strip("*") == "":
                continue
            open_actions = [each for each in changing(subject, entry.text) if each not in _HARMLESS]
            giving = [each for each in open_actions if each in _GIVING]
            if open_actions:
                yield RULE.finding(
                    subject,
                    at=entry.offset,
                    statement=statement,
                    severity=Severity.ERROR if giving else Severity.WARNING,
                    message=_message(giving or open_actions, giving=bool(giving)),
                )


def _message(actions: Sequence[str], *, giving: bool) -> str:
    shown = ", ".join(f"`{each}`" for each in actions[:_SHOWN])
    if len(actions) > _SHOWN:
        shown += f" and {len(actions) - _SHOWN} more"
    return f"{shown} {'stay' if len(actions) > 1 else 'stays'} open without MFA: {_meaning(actions, giving)}"


def _meaning(actions: Sequence[str], giving: bool) -> str:
    if giving:
        return "this gives, or keeps, access that the Deny is to prevent"
    if "iam:DeactivateMFADevice" in actions:
        return "whoever holds an access key can take a device away"
    if any(each.startswith("sts:AssumeRole") for each in actions):
        return "so does every role whose trust policy does not ask for it"
    return "enrolling a device does not take this"


RULE: Final = Rule(
    ident="mfa-exempt-action",
    severity=Severity.ERROR,
    title="A Deny for lack of MFA exempts more than enrolling takes",
    why=(
        "A user without a device must be able to make one, so some actions are exempt. Any other that is "
        "exempt is open to a stolen access key: `iam:CreateAccessKey` makes a second key that survives "
        "the first, `iam:UpdateLoginProfile` sets a password, `iam:DeactivateMFADevice` removes "
        "somebody's device. Where it does not give access it is a warning."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny",
    "NotAction": [
      "iam:ChangePassword",
      "iam:CreateAccessKey",
      "iam:CreateVirtualMFADevice",
      "iam:EnableMFADevice",
      "iam:ListMFADevices",
      "iam:ListVirtualMFADevices"
    ],
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny",
    "NotAction": [
      "iam:ChangePassword",
      "iam:CreateVirtualMFADevice",
      "iam:EnableMFADevice",
      "iam:ListMFADevices",
      "iam:ListVirtualMFADevices"
    ],
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
  }]
}""",
    source=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
        "reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html"
    ),
    check=check,
)
