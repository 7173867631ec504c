"""The users of an account, and what each can sign in with, whoever asks.

Each raises `Refusal`, `Unreachable` and `UnusableSettings`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from watchword.aws.caller import Signed
from watchword.aws.errors import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user of an account: an entry of ListUsers, or the answer of GetUser.

    `password_last_used` is aware UTC; None when there was no sign-in with a password, or none that AWS noted.
    """

    name: str
    arn: str
    password_last_used: datetime | None


def list_users(signed: Signed) -> Iterator[User]:
    """Yield the users of the caller's account, page by page. Source: ListUsers, IAM API Reference."""
    params: dict[str, Any] = {}
    while True:
        answer = signed.call("iam", "ListUsers", **params)
        yield from (_user(entry) for entry in answer["Users"])
        if not answer.get("IsTruncated"):
            return
        params["Marker"] = answer["Marker"]


def get_user(signed: Signed, user_name: str) -> User:
    """Return the user of that name. Source: GetUser, IAM API Reference."""
    return _user(signed.call("iam", "GetUser", UserName=user_name)["User"])


def has_password(signed: Signed, user_name: str) -> bool:
    """Return whether a user can sign in to the console with a password.

    Source: GetLoginProfile, IAM API Reference: who has none is answered `NoSuchEntity`.
    """
    try:
        signed.call("iam", "GetLoginProfile", UserName=user_name)
    except Refusal as refusal:
        if refusal.code == "NoSuchEntity":
            return False
        raise
    return True


def active_access_keys(signed: Signed, user_name: str) -> int:
    """Return how many access keys of a user are active. Source: ListAccessKeys, IAM API Reference."""
    answer = signed.call("iam", "ListAccessKeys", UserName=user_name)  # two at most: one page
    return sum(key["Status"] == "Active" for key in answer["AccessKeyMetadata"])


def account_summary(signed: Signed) -> Mapping[str, int]:
    """Return the counts of GetAccountSummary, IAM API Reference; `AccountMFAEnabled` is about root."""
    summary: Mapping[str, int] = signed.call("iam", "GetAccountSummary")["SummaryMap"]
    return summary


def _user(entry: Mapping[str, Any]) -> User:
    last_used = entry.get("PasswordLastUsed")
    return User(
        name=entry["UserName"],
        arn=entry["Arn"],
        password_last_used=last_used.astimezone(UTC) if last_used else None,
    )
