"""What AWS tells of an account as a whole: who there is, every policy, the summary, the password policy."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from watchword.account.authorization_details import (
    Details,
    groups_of,
    policies_of,
    roles_of,
    text_of,
    users_of,
)
from watchword.account.snapshot import Group, ManagedPolicy, PasswordPolicy, PolicyVersion, Role, User
from watchword.audit.asking import Asking, Paging, Part
from watchword.audit.snapshot_users import time_of
from watchword.aws import Refusal

_DETAILS = Paging(members="UserDetailList")
_ROLES = Paging(members="Roles")
_POLL_SECONDS: Final = 2.0
_POLLS: Final = 30
# Source: GetCredentialReport and GenerateCredentialReport, IAM API Reference, "Errors".
_REPORT_IN_WORK = frozenset({"ReportInProgress", "ReportNotPresent", "CredentialReportNotReadyException"})


class AccountParts:
    """Reads what is said of the account as a whole; what was not read stays None."""

    def __init__(self, asking: Asking, *, wait: Callable[[float], object]) -> None:
        self._asking = asking
        self._wait = wait
        self.users: tuple[User, ...] = ()
        self.groups: tuple[Group, ...] = ()
        self.roles: tuple[Role, ...] = ()
        self.policies: dict[str, ManagedPolicy] = {}
        self.alias: str | None = None
        self.summary: dict[str, int] | None = None
        self.password_policy: PasswordPolicy | None = None
        self.report: tuple[dict[str, str], ...] | None = None
        self.report_at: datetime | None = None
        self._seconds: dict[str, int | None] = {}

    def details(self) -> None:
        """Read GetAccountAuthorizationDetails, without which there is no snapshot. Raises `Refusal`."""
        pages = self._asking.pages("iam", "GetAccountAuthorizationDetails", _DETAILS)
        details = msgspec.convert(pages, list[Details])
        self.users, self.groups = users_of(details), groups_of(details)
        self.roles = roles_of(details)
        self.policies = {policy.arn: policy for policy in policies_of(details)}

    def parts(self) -> list[Part]:
        """Return what is read beside that, none of which has to be had."""
        return [self._aliases, self._summary, self._password_policy, self._durations, self._report]

    def missing_policies(self) -> list[Part]:
        """Return what is read of policies that somebody has and that the details do not hold."""
        bounded: list[User | Role] = [*self.users, *self.roles]
        holders: list[User | Role | Group] = [*bounded, *self.groups]
        wanted = {arn for holder in holders for arn in holder.attached}
        wanted |= {one.boundary for one in bounded if one.boundary}
        wanted -= {policy.arn for policy in self.policies.values() if _has_default(policy)}
        return [partial(self._policy, arn) for arn in sorted(wanted)]

    def _aliases(self) -> None:
        def ask() -> None:
            answer = self._asking.once("iam", "ListAccountAliases") or {}
            self.alias = next(iter(answer.get("AccountAliases") or ()), None)

        self._asking.told(ask, what="alias", leaves_open="what the account is called")

    def _summary(self) -> None:
        def ask() -> None:
            answer = self._asking.once("iam", "GetAccountSummary") or {}
            self.summary = dict(sorted(answer["SummaryMap"].items()))

        self._asking.told(ask, what="account_summary", leaves_open="whether root has a key and a device")

    def _password_policy(self) -> None:
        def ask() -> None:
            answer = self._asking.once("iam", "GetAccountPasswordPolicy", none=frozenset({"NoSuchEntity"}))
            self.password_policy = _password_policy(answer)

        self._asking.told(
            ask, what="password_policy", leaves_open="whether users may change their own passwords"
        )

    def _durations(self) -> None:
        def ask() -> None:
            roles = self._asking.listed("iam", "ListRoles", _ROLES)
            self._seconds = {entry["Arn"]: entry.get("MaxSessionDuration") for entry in roles}

        self._asking.told(ask, what="role_sessions", leaves_open="how long sessions of roles may live")

    def finished_roles(self) -> tuple[Role, ...]:
        """Return the roles with the lives of their sessions, once all is read."""
        return tuple(
            replace(role, max_session_seconds=self._seconds.get(role.arn, role.max_session_seconds))
            for role in self.roles
        )

    def _report(self) -> None:
        def ask() -> None:
            answer = self._credential_report()
            if answer is None:
                self._asking.note(
                    "credential_report",
                    "ReportInProgress",
                    "whether root has a key and a device: AWS had not made its report within a minute",
                    operation="iam:GenerateCredentialReport",
                )
                return
            text = base64.b64decode(answer["Content"]).decode()
            rows = csv.DictReader(io.StringIO(text), restkey="", restval="")
            self.report = tuple({name: one for name, one in row.items() if name} for row in rows)
            self.report_at = time_of(answer.get("GeneratedTime"))

        self._asking.told(ask, what="credential_report", leaves_open="whether root has a key and a device")

    def _credential_report(self) -> dict[str, Any] | None:
        """Have the report made, and return it; None when that takes too long. Each try asks AWS anew."""
        refused: Refusal | None = None
        for _ in range(_POLLS):
            try:
                self._asking.anew("iam", "GenerateCredentialReport")
            except Refusal as refusal:
                refused = refusal  # an earlier report may be there all the same
            try:
                return self._asking.once("iam", "GetCredentialReport")
            except Refusal as refusal:
                if refused or refusal.code not in _REPORT_IN_WORK:
                    raise refused or refusal from None
            self._wait(_POLL_SECONDS)
        return None

    def _policy(self, arn: str) -> None:
        def ask() -> None:
            policy = (self._asking.once("iam", "GetPolicy", PolicyArn=arn) or {})["Policy"]
            version_id = policy["DefaultVersionId"]
            answer = self._asking.once("iam", "GetPolicyVersion", PolicyArn=arn, VersionId=version_id) or {}
            version = answer["PolicyVersion"]
            self.policies[arn] = ManagedPolicy(
                arn=arn,
                id=policy["PolicyId"],
                name=policy["PolicyName"],
                path=policy["Path"],
                default_version=version_id,
                versions=(
                    PolicyVersion(
                        id=version_id,
                        document=text_of(version["Document"]),
                        created=time_of(version.get("CreateDate")),
                    ),
                ),
            )

        self._asking.told(ask, what="policies", of=arn, leaves_open=f"what `{arn}` says, which somebody has")


def _has_default(policy: ManagedPolicy) -> bool:
    return any(version.id == policy.default_version for version in policy.versions)


def _password_policy(answer: dict[str, Any] | None) -> PasswordPolicy:
    if answer is None:
        return PasswordPolicy(custom=False)
    policy = answer["PasswordPolicy"]
    return PasswordPolicy(
        custom=True,
        minimum_length=policy.get("MinimumPasswordLength", 6),
        require_symbols=policy.get("RequireSymbols", False),
        require_numbers=policy.get("RequireNumbers", False),
        require_uppercase=policy.get("RequireUppercaseCharacters", False),
        require_lowercase=policy.get("RequireLowercaseCharacters", False),
        allow_users_to_change=policy.get("AllowUsersToChangePassword", False),
        max_age_days=policy.get("MaxPasswordAge"),
        reuse_prevention=policy.get("PasswordReusePrevention"),
        hard_expiry=bool(policy.get("HardExpiry")),
    )
