"""Who a device is for: the IAM user whose credentials these are."""

from __future__ import annotations

import dataclasses
import re

from watchword.aws import Identity, Refusal, Signed
from watchword.device.errors import SEE, NoSuchUser, NotAUser
from watchword.errors import UsageError

# A serial number has 256 characters at most, up to 38 before the name (`arn:…:mfa/`).
_LONGEST_NAME = 218
_NAME = re.compile(rf"[A-Za-z0-9_+=,.@-]{{1,{_LONGEST_NAME}}}")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """An IAM user: `account` has twelve digits, `partition` is `aws`, `aws-cn`…"""

    arn: str
    user_name: str
    account: str
    partition: str

    def serial_number(self, device_name: str) -> str:
        """Return the serial number of a virtual device of that name, made without a path.

        Source: IAM User Guide, "IAM identifiers".
        """
        return f"arn:{self.partition}:iam::{self.account}:mfa/{device_name}"


def check_name(name: str) -> None:
    """Raise `UsageError` unless AWS takes this as the name of a virtual device.

    Source: CreateVirtualMFADevice, IAM API Reference (VirtualMFADeviceName); the whole serial number
    has 256 characters at most.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"`{name}` cannot be the name of a device",
            hint=f"1 to {_LONGEST_NAME} letters, digits and `_+=,.@-`",
            see=SEE,
        )


def owner_of(identity: Identity) -> Owner:
    """Return the user that GetCallerIdentity names.

    Raises `NotAUser` for root, roles and federated users: only IAM users get devices here.
    """
    if identity.is_root:
        raise NotAUser(
            f"these are root's credentials (`{identity.arn}`)",
            hint="root enrols its device in the AWS console, and should have no access key",
            see=SEE,
        )
    if not identity.arn.split(":", 5)[5].startswith("user/"):
        raise NotAUser(
            f"`{identity.arn}` is not an IAM user, and only users have MFA devices",
            hint="use the profile that holds the user's own access key: `--profile NAME`",
            see=SEE,
        )
    return Owner(
        arn=identity.arn, user_name=identity.name, account=identity.account, partition=identity.partition
    )


def owner_named(signed: Signed, identity: Identity, user_name: str) -> Owner:
    """Return the user of that name in the account of `identity`.

    Whoever may not ask (iam:GetUser) gets the ARN of a user without a path.
    Raises `NoSuchUser`, `Refusal`, `Unreachable`.
    """
    arn = f"arn:{identity.partition}:iam::{identity.account}:user/{user_name}"
    try:
        arn = signed.call("iam", "GetUser", UserName=user_name)["User"]["Arn"]
    except Refusal as refusal:
        if refusal.code == "NoSuchEntity":
            raise NoSuchUser(
                f"account {identity.account} has no user `{user_name}`",
                hint="names of users mind case, and are without the path",
                see=SEE,
            ) from None
        if refusal.code != "AccessDenied":
            raise
    return Owner(arn=arn, user_name=user_name, account=identity.account, partition=identity.partition)
