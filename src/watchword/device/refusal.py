"""AWS's refusals while a device is made, with what each means and the way out."""

from __future__ import annotations

from watchword.aws.errors import Refusal
from watchword.device.acting import Acting
from watchword.device.errors import SEE, TooManyDevices, login_command
from watchword.device.own import OwnDevice
from watchword.device.owner import Owner
from watchword.errors import SignInNeeded, WatchwordError

MOST_DEVICES = 8  # Source: IAM User Guide, "IAM and AWS STS quotas", MFA devices per user
# Source: AWS security bulletin AWS-2023-001; the text as AWS sends it
_SECOND_DEVICE = "authenticated with an MFA device that is enabled for this user"
_ON_DEVICE = frozenset({"iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice"})


def explained(refusal: Refusal, acting: Acting, *, resource: str) -> WatchwordError:
    """Return the error to show when AWS refused a call of `acting` on `resource`, an ARN.

    For a lack of permission it names the statement, where the caller may read it.
    """
    if refusal.code == "AccessDenied":
        if _SECOND_DEVICE in refusal.aws_message:
            return _sign_in_first(refusal.aws_message.strip().rstrip("."), acting.profile)
        from watchword.device.denied import explain_denial

        return explain_denial(refusal, acting, resource)
    if refusal.code == "LimitExceeded":
        return _limit(refusal, acting)
    return refusal


def is_about_second_device(refusal: Refusal) -> bool:
    """Return whether AWS wants a code of a device that the user has already.

    Source: AWS security bulletin AWS-2023-001.
    """
    return refusal.code == "AccessDenied" and _SECOND_DEVICE in refusal.aws_message


def resource_of(operation: str, owner: Owner, serial_number: str) -> str:
    """Return the resource of a call about a virtual device of `owner`: the device, or the user.

    `operation` is such as `iam:EnableMFADevice`. Source: Service Authorization Reference, AWS Identity and
    Access Management.
    """
    if operation in _ON_DEVICE:
        return serial_number
    if operation == "iam:ListVirtualMFADevices":
        return owner.serial_number("")
    return owner.arn


def second_device(own: tuple[OwnDevice, ...], *, profile: str) -> SignInNeeded:
    """Return the error of a user who has devices and adds one without a session.

    Source: AWS security bulletin AWS-2023-001.
    """
    names = ", ".join(f"`{device.serial_number}`" for device in own)
    if any(device.kind.usable_for_cli for device in own):
        needed = "AWS adds another only in a session opened with a code"
        return _sign_in_first(f"there is a device already ({names}), and {needed}", profile)
    return SignInNeeded(
        f"there is a device already ({names}), and it gives no codes to sign in with here",
        hint="sign in to the AWS console with it and add an authenticator app there",
        see=SEE,
    )


def _sign_in_first(what: str, profile: str) -> SignInNeeded:
    return SignInNeeded(
        what,
        hint=f"`{login_command(profile)}` first, then this again;"
        " a device that is lost has to be removed by an administrator",
        see=SEE,
    )


def too_many(owner: Owner) -> TooManyDevices:
    """Return the error of a user who has as many devices as there can be."""
    return _too_many(owner.user_name)


def _too_many(user_name: str) -> TooManyDevices:
    return TooManyDevices(
        f"`{user_name}` has {MOST_DEVICES} devices, the most that AWS allows a user",
        hint="`watchword device list` shows them; `watchword device remove NAME` makes room",
        see=SEE,
    )


def _limit(refusal: Refusal, acting: Acting) -> WatchwordError:
    if refusal.operation == "iam:EnableMFADevice":
        return _too_many(acting.user_name or acting.identity.name)
    return refusal.explained(
        "the account has as many virtual devices as it may: unused ones must go first", see=SEE
    )
