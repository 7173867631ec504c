"""What a person without MFA must be able to do, so that there can be MFA: enrol their own device.

The list is that of AWS's own policies for users who manage their device, without what is about others:

- on one's own user: enable a device, synchronise it, see it; and set one's own password, which a first
  sign-in to the console may demand before anything else;
- on devices: make a virtual one, under whatever name, and remove one that nobody has. AWS refuses to delete a
  device that is enabled, so this takes no device away from anybody;
- without a resource: list the virtual devices, and read what a password must be like;
- what AWS gives to everybody, and no policy can deny: `sts:GetCallerIdentity` and `sts:GetSessionToken`.

`iam:ListUsers`, which some of AWS's samples leave open, is not among them: it is about others.

Source: IAM User Guide, reference_policies_examples_iam_mfa-selfmanage,
reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only,
reference_policies_examples_aws_my-sec-creds-self-manage-password-only; IAM API Reference,
DeleteVirtualMFADevice; STS API Reference, GetCallerIdentity and GetSessionToken.
"""

from __future__ import annotations

from typing import Final

ON_ONESELF: Final = (
    "iam:ChangePassword",
    "iam:EnableMFADevice",
    "iam:GetMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ResyncMFADevice",
)
ON_DEVICES: Final = ("iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice")
ON_NOTHING: Final = ("iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices")
"""Virtual devices are listed on `*` or on the path of devices: which is contested, and both are meant."""
EVERYBODYS: Final = ("sts:GetCallerIdentity", "sts:GetSessionToken")

OWN_ENROLMENT: Final = tuple(sorted((*ON_ONESELF, *ON_DEVICES, *ON_NOTHING, *EVERYBODYS)))
