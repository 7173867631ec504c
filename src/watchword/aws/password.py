"""IAM's operations on console passwords, whoever signs them.

Each raises `Refusal`, `Unreachable` and `UnusableSettings`. A password is in no error and no `repr`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from watchword.aws.caller import ONCE, Signed
from watchword.aws.errors import Refusal

LONGEST: Final = 128
_SIGN_IN_HOSTS: Final = {
    "aws": "signin.aws.amazon.com",
    "aws-cn": "signin.amazonaws.cn",
    "aws-us-gov": "signin.amazonaws-us-gov.com",
}
_UNFIT = re.compile(r"[^\t\n\r\u0020-\u00ff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginProfile:
    """A user's console password: `created_at`, aware UTC, is when there first was one.

    `must_change`: the next sign-in to the console asks for a new one.
    """

    created_at: datetime
    must_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordRules:
    """What a new password must be like.

    `of_account` is false when the account has no policy of its own, and AWS's default one holds: then
    `classes_needed` of the four kinds of characters are wanted, else exactly those named. `barred` is how
    many of one's last passwords may not come again. `users_may_change` is whether the account lets every
    user change their own.
    """

    of_account: bool
    length: int
    uppercase: bool = False
    lowercase: bool = False
    numbers: bool = False
    symbols: bool = False
    classes_needed: int = 0
    barred: int = 0
    users_may_change: bool = False


AWS_DEFAULT: Final = PasswordRules(of_account=False, length=8, classes_needed=3)
"""Source: id_credentials_passwords_account-policy, "Default password policy"."""


def login_profile(signed: Signed, user_name: str) -> LoginProfile | None:
    """Return the user's console password as AWS shows it; None when there is none.

    Source: GetLoginProfile, IAM API Reference.
    """
    try:
        answer = signed.call("iam", "GetLoginProfile", UserName=user_name)["LoginProfile"]
    except Refusal as refusal:
        if refusal.code == "NoSuchEntity":
            return None
        raise
    return LoginProfile(
        created_at=answer["CreateDate"].astimezone(UTC),
        must_change=bool(answer.get("PasswordResetRequired", False)),
    )


def password_rules(signed: Signed) -> PasswordRules:
    """Return the account's rules for passwords, or AWS's own where it has none.

    Source: GetAccountPasswordPolicy, IAM API Reference: without one the answer is `NoSuchEntity`.
    """
    try:
        policy: Mapping[str, Any] = signed.call("iam", "GetAccountPasswordPolicy")["PasswordPolicy"]
    except Refusal as refusal:
        if refusal.code == "NoSuchEntity":
            return AWS_DEFAULT
        raise
    return PasswordRules(
        of_account=True,
        length=int(policy.get("MinimumPasswordLength", 6)),
        uppercase=bool(policy.get("RequireUppercaseCharacters")),
        lowercase=bool(policy.get("RequireLowercaseCharacters")),
        numbers=bool(policy.get("RequireNumbers")),
        symbols=bool(policy.get("RequireSymbols")),
        barred=int(policy.get("PasswordReusePrevention") or 0),
        users_may_change=bool(policy.get("AllowUsersToChangePassword")),
    )


def console_address(account: str, partition: str) -> str | None:
    """Return where users of an account sign in to its console; None for a partition whose page is not known.

    Source: IAM User Guide, console_account-alias ("sign-in page URL"); the guides of AWS in China and of AWS
    GovCloud (US).
    """
    host = _SIGN_IN_HOSTS.get(partition)
    return None if host is None else f"https://{account}.{host}/console"


def unfit(password: str) -> str | None:
    """Return why AWS cannot take this as a password, whatever the rules are; None when it can.

    Source: ChangePassword, IAM API Reference (the pattern and length of a password).
    """
    if not password:
        return "a password is needed"
    if len(password) > LONGEST:
        return f"a password has at most {LONGEST} characters"
    if _UNFIT.search(password):
        return "AWS takes only the letters, digits and signs of western Europe (up to U+00FF)"
    return None


def change_password(signed: Signed, *, old: str, new: str) -> None:
    """Change the password of whoever signs, a user. Both are fit, or `ValueError`, which repeats neither.

    It is sent once: when no answer comes, nobody knows here which of the two is good.
    Source: ChangePassword, IAM API Reference.
    """
    if unfit(old) or unfit(new):
        # The SDK would quote what it cannot send.
        raise ValueError("not a password that AWS takes")
    signed.call("iam", "ChangePassword", _attempts=ONCE, OldPassword=old, NewPassword=new)
