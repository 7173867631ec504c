"""An account in a sandbox, and the phone of the user in it: what the commands of getting in talk to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from botocore.exceptions import ClientError

from local_aws import Key, LocalAws
from watchword.sandbox.log import LogRecord

USER = "testuser"
_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "iam:ListMFADevices", "Resource": "*"}],
    }
)


@dataclass(kw_only=True)
class Account:
    """The sandbox, a user with a key and a device, and what they have asked for."""

    sandbox: LocalAws
    key: Key
    since: int = 0

    @property
    def url(self) -> str:
        return self.sandbox.endpoint_url

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.sandbox.account}:user/{USER}"

    def serial(self, name: str = USER) -> str:
        return f"arn:aws:iam::{self.sandbox.account}:mfa/{name}"

    def code(self, name: str = USER) -> str:
        """Return the code that the phone shows now."""
        return self.sandbox.phone(self.serial(name))

    def later_code(self, name: str = USER) -> str:
        """Return the code that the phone shows next; AWS takes it already."""
        return self.sandbox.next_code(self.serial(name))

    def wrong_codes(self, count: int = 1) -> Sequence[str]:
        """Return codes that the phone shows neither now nor soon."""
        near = {self.code(), self.later_code()}
        return [guess for guess in (f"{n:06d}" for n in range(111_111, 999_999)) if guess not in near][:count]

    def calls(self, action: str | None = None) -> list[LogRecord]:
        """Return what the user asked for since the account was made, or only the calls of one action."""
        own = [record for record in self.sandbox.log[self.since :] if record.principal == self.arn]
        return [record for record in own if action in (None, record.action)]

    def is_session(self, key: str, secret: str, token: str) -> bool:
        """Return whether these are credentials of the user that the account takes."""
        holder = Key(access_key_id=key, secret_access_key=secret, session_token=token)
        try:
            return bool(self.sandbox.client("sts", holder).get_caller_identity()["Arn"] == self.arn)
        except ClientError:
            return False

    def add_device(self, name: str) -> None:
        """Give the user another device."""
        iam = self.sandbox.client("iam")
        serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
        first, second = self.sandbox.phone(serial), self.sandbox.next_code(serial)
        iam.enable_mfa_device(
            UserName=USER, SerialNumber=serial, AuthenticationCode1=first, AuthenticationCode2=second
        )

    def take_device(self, name: str = USER) -> None:
        """Take a device away from the user, and delete it."""
        iam = self.sandbox.client("iam")
        iam.deactivate_mfa_device(UserName=USER, SerialNumber=self.serial(name))
        iam.delete_virtual_mfa_device(SerialNumber=self.serial(name))

    def forbid_list(self) -> None:
        """Forbid the user to list devices."""
        self.sandbox.client("iam").delete_user_policy(UserName=USER, PolicyName="inline")

    def role_with_mfa(self, name: str) -> None:
        """Make a role that the user may assume from a session with MFA only."""
        self.role(name, mfa=True)

    def role(
        self,
        name: str,
        *,
        trusts: str | None = None,
        actions: Sequence[str] = ("sts:AssumeRole",),
        mfa: bool = False,
        condition: dict[str, dict[str, str]] | None = None,
        longest_seconds: int = 3600,
        path: str = "/",
        may: Sequence[Mapping[str, object]] = (),
    ) -> str:
        """Make a role that the user (or `trusts`, an ARN) may assume, and return its ARN."""
        conditions = {**(condition or {})}
        if mfa:
            conditions["Bool"] = {"aws:MultiFactorAuthPresent": "true"}
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": trusts or self.arn},
            "Action": list(actions),
            "Condition": conditions,
        }
        iam = self.sandbox.client("iam")
        made = iam.create_role(
            RoleName=name,
            Path=path,
            MaxSessionDuration=longest_seconds,
            AssumeRolePolicyDocument=_policy(trust),
        )
        if may:
            iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=_policy(*may))
        return str(made["Role"]["Arn"])

    def allow(self, *statements: Mapping[str, object]) -> None:
        """Allow the user more than to list devices."""
        self.sandbox.client("iam").put_user_policy(
            UserName=USER, PolicyName="more", PolicyDocument=_policy(*statements)
        )

    def all_calls(self, action: str) -> list[LogRecord]:
        """Return the calls of one action, whoever made them, since the account was made."""
        return [record for record in self.sandbox.log[self.since :] if record.action == action]

    def deactivate_key(self) -> None:
        """Make the user's key inactive."""
        self.sandbox.client("iam").update_access_key(
            UserName=USER, AccessKeyId=self.key.access_key_id, Status="Inactive"
        )

    def skew(self, seconds: int) -> None:
        """Set the clock that the account shows and checks signatures with."""
        self.sandbox.inner.clock.skew = timedelta(seconds=seconds)

    def end_sessions(self) -> None:
        """Move the time past the end of every session."""
        self.sandbox.move_clock(timedelta(hours=37))


def account_in(sandbox: LocalAws) -> Account:
    """Make the user, with a key and a device."""
    account = Account(sandbox=sandbox, key=sandbox.user(USER, _POLICY))
    account.add_device(USER)
    account.since = len(sandbox.log)
    return account


def _policy(*statements: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
