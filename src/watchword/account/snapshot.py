"""The snapshot of an account: `watchword/snapshot/v1`, everything in AWS's words.

In every optional part None means "not read" and empty means "read, and there is none"; what was not read, and
what stays open because of it, stands in `unread`. A policy document is kept as the text that AWS returned, so
that lines and columns are right. Lists are in the order of names (or ARNs), so that two snapshots of an
account that did not change are alike.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

SCHEMA: Final = "watchword/snapshot/v1"
# How AWS's credential report names root, whose name no user can have; the `user` of what belongs to root.
ROOT_USER: Final = "<root_account>"

Utc = Annotated[datetime, msgspec.Meta(tz=True)]


class InlinePolicy(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A policy that lives in one user, group or role."""

    name: str
    document: str


class User(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A user. `groups` are names, `attached` ARNs of managed policies, `boundary` the ARN of one."""

    arn: str
    id: str
    name: str
    path: str = "/"
    created: Utc | None = None
    groups: tuple[str, ...] = ()
    inline: tuple[InlinePolicy, ...] = ()
    attached: tuple[str, ...] = ()
    boundary: str | None = None
    tags: dict[str, str] = {}


class Group(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A group of users; `attached` are ARNs of managed policies."""

    arn: str
    id: str
    name: str
    path: str = "/"
    created: Utc | None = None
    inline: tuple[InlinePolicy, ...] = ()
    attached: tuple[str, ...] = ()


class RoleLastUsed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When a role was last used, within AWS's tracking period of 400 days, and where."""

    at: Utc
    region: str | None = None


class Role(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A role. `trust` is its trust policy; `instance_profiles` are ARNs.

    `max_session_seconds` is None when not read (GetAccountAuthorizationDetails does not tell it), `last_used`
    when AWS knows of no use.
    """

    arn: str
    id: str
    name: str
    path: str = "/"
    trust: str
    created: Utc | None = None
    inline: tuple[InlinePolicy, ...] = ()
    attached: tuple[str, ...] = ()
    boundary: str | None = None
    tags: dict[str, str] = {}
    max_session_seconds: int | None = None
    last_used: RoleLastUsed | None = None
    instance_profiles: tuple[str, ...] = ()


class PolicyVersion(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A version (`v1`…) of a managed policy."""

    id: str
    document: str
    created: Utc | None = None


class ManagedPolicy(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A managed policy, the account's own or AWS's, with the versions that AWS returned."""

    arn: str
    id: str
    name: str
    path: str = "/"
    default_version: str
    versions: tuple[PolicyVersion, ...] = ()


class LoginProfile(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A user (the name) has a console password; `reset_required` at the next sign-in."""

    user: str
    created: Utc | None = None
    reset_required: bool = False


class KeyLastUsed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When an access key was last used, and for which service in which region."""

    at: Utc
    service: str | None = None
    region: str | None = None


class AccessKey(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An access key of a user (the name). `last_used` is None when AWS knows of no use, or was not asked."""

    user: str
    id: str
    status: Literal["Active", "Inactive", "Expired"]
    created: Utc | None = None
    last_used: KeyLastUsed | None = None


class MfaDevice(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A device of a user: the name, or `<root_account>` for root; None for a device that nobody has."""

    user: str | None
    serial: str
    enabled: Utc | None = None
    kind: Literal["virtual", "hardware", "fido"]


class PasswordPolicy(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What passwords must be. Where the account has set nothing, `custom` is false, and AWS's defaults stand.

    Source: "Set an account password policy for IAM users", IAM User Guide.
    """

    custom: bool
    minimum_length: int = 8
    require_symbols: bool = False
    require_numbers: bool = False
    require_uppercase: bool = False
    require_lowercase: bool = False
    allow_users_to_change: bool = False
    max_age_days: int | None = None
    reuse_prevention: int | None = None
    hard_expiry: bool = False


class ControlPolicy(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A service control or resource control policy of an organization."""

    id: str
    arn: str
    name: str
    document: str


class Level(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A root, unit or account of an organization with what is attached to it."""

    id: str
    name: str | None = None
    kind: Literal["root", "ou", "account"]
    scps: tuple[ControlPolicy, ...] = ()
    rcps: tuple[ControlPolicy, ...] = ()


class Organization(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The organization that the account is in. `id` is None when it is certain that it is in none.

    `path` goes from the root to the account; None when it could not be read. `policy_types` are those
    that are enabled, in AWS's words (`SERVICE_CONTROL_POLICY`…); a level has no policies of other types, and
    then none are in force.
    """

    id: str | None
    management_account: str | None = None
    policy_types: tuple[str, ...] | None = None
    path: tuple[Level, ...] | None = None

    @property
    def is_none(self) -> bool:
        """Return whether the account is in no organization."""
        return self.id is None


class ResourcePolicy(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The policy of a resource of `account_id`. `service` is IAM's prefix: `s3`, `kms`, `sqs`…"""

    arn: str
    account_id: str
    service: str
    region: str | None = None
    document: str


class Unread(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something that was not read. `what` is the field of the snapshot that is not whole.

    It is also `role_sessions` (how long they may live) and `access_keys_last_used`. `of` is whom it was not
    read of (a user's name, an ARN…), None when of all. `code` is AWS's (`AccessDenied`), or `NotAsked`,
    `NotInTheFile`, `Truncated`, `Unreachable`. `operation` is as IAM writes it (`iam:ListMFADevices`).
    `leaves_open` is a sentence without a full stop.
    """

    what: str
    of: str | None = None
    code: str
    operation: str | None = None
    leaves_open: str


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An account as it was at `taken_at`, which is None when a file does not say.

    `taken_by` is the ARN of who read it. `source` says whether Watchword read it, or it is made of AWS's raw
    GetAccountAuthorizationDetails, which holds no keys, passwords, devices or organization.
    """

    schema: Literal["watchword/snapshot/v1"] = SCHEMA
    watchword: str = ""
    account_id: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{12}$")]
    partition: str = "aws"
    alias: str | None = None
    taken_at: Utc | None = None
    taken_by: str | None = None
    source: Literal["read", "GetAccountAuthorizationDetails"]
    users: tuple[User, ...]
    groups: tuple[Group, ...]
    roles: tuple[Role, ...]
    policies: tuple[ManagedPolicy, ...]
    login_profiles: tuple[LoginProfile, ...] | None = None
    access_keys: tuple[AccessKey, ...] | None = None
    mfa_devices: tuple[MfaDevice, ...] | None = None
    unassigned_devices: tuple[MfaDevice, ...] | None = None
    credential_report: tuple[dict[str, str], ...] | None = None
    credential_report_at: Utc | None = None
    account_summary: dict[str, int] | None = None
    password_policy: PasswordPolicy | None = None
    organization: Organization | None = None
    resource_policies: tuple[ResourcePolicy, ...] | None = None
    unread: tuple[Unread, ...] = ()

    def is_read(self, what: str, of: str | None = None) -> bool:
        """Return whether a field was read: of this one (`access_keys` of user `bob`), or, None, of all."""
        whole = getattr(self, what) is not None
        missing = (one for one in self.unread if one.what == what)
        return whole and not any(of is None or one.of in (None, of) for one in missing)
