"""A small account that can be changed, its snapshot, and the policies that apply to its principals."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from proof.right.alphabet import HERE

Document = dict[str, Any]

ADMINISTRATOR: Final[Document] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
_CONTROL_POLICIES: Final = "arn:aws:organizations::999999999999:policy/o-exampleorgid/service_control_policy"
_WHEN: Final = "2026-01-01T00:00:00Z"


@dataclass(kw_only=True)
class Managed:
    """A managed policy of the account: its versions, oldest first, and which one is in force."""

    name: str
    versions: list[Document]
    default: int = 0

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{HERE}:policy/{self.name}"

    @property
    def document(self) -> Document:
        return self.versions[self.default]


@dataclass(kw_only=True)
class Holder:
    """What has policies: a user, a group or a role."""

    name: str
    path: str = "/"
    inline: dict[str, Document] = field(default_factory=dict)
    attached: list[str] = field(default_factory=list)
    boundary: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    kind: ClassVar[str] = ""

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{HERE}:{self.kind}{self.path}{self.name}"


@dataclass(kw_only=True)
class User(Holder):
    """`keys`: active ones. `devices`: `virtual`, `hardware` or `fido`, each enabled."""

    groups: list[str] = field(default_factory=list)
    keys: int = 1
    inactive_keys: int = 0
    password: bool = False
    devices: list[str] = field(default_factory=list)
    kind: ClassVar[str] = "user"


@dataclass(kw_only=True)
class Group(Holder):
    """A group of users."""

    kind: ClassVar[str] = "group"


@dataclass(kw_only=True)
class Role(Holder):
    """A role."""

    trust: Document = field(default_factory=dict)
    kind: ClassVar[str] = "role"


@dataclass(kw_only=True)
class SmallAccount:
    """An account. `resource_policies` are by the ARN of the resource; `scps` are level by level."""

    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    policies: dict[str, Managed] = field(default_factory=dict)
    scps: list[list[Document]] = field(default_factory=list)
    resource_policies: dict[str, Document] = field(default_factory=dict)

    def copied(self) -> SmallAccount:
        return copy.deepcopy(self)

    def holder(self, arn: str) -> User | Role:
        """Return the user or the role of an ARN."""
        found: list[User | Role] = [*self.users.values(), *self.roles.values()]
        return next(each for each in found if each.arn == arn)

    def identity(self, arn: str) -> list[Document]:
        """List the documents that give permissions: own, attached, and those of the groups."""
        own = self.holder(arn)
        groups = [self.groups[name] for name in own.groups] if isinstance(own, User) else []
        found: list[Document] = []
        for each in (own, *groups):
            found += each.inline.values()
            found += [self.policies[name].document for name in each.attached]
        return found

    def boundary(self, arn: str) -> list[Document]:
        name = self.holder(arn).boundary
        return [] if name is None else [self.policies[name].document]


def snapshot(account: SmallAccount) -> dict[str, Any]:
    """Return the account as `watchword/snapshot/v1`."""
    return {
        "schema": "watchword/snapshot/v1",
        "watchword": "0.1.0",
        "account_id": HERE,
        "partition": "aws",
        "alias": None,
        "taken_at": _WHEN,
        "taken_by": f"arn:aws:iam::{HERE}:user/auditor",
        "source": "read",
        "users": [_user(account, each) for each in account.users.values()],
        "groups": [_holder(account, each, "AGPA") for each in account.groups.values()],
        "roles": [_role(account, each) for each in account.roles.values()],
        "policies": [_managed(each) for each in account.policies.values()],
        "login_profiles": [
            {"user": each.name, "created": _WHEN, "reset_required": False}
            for each in account.users.values()
            if each.password
        ],
        "access_keys": [key for each in account.users.values() for key in _keys(each)],
        "mfa_devices": [
            {"user": each.name, "serial": _serial(each, kind, at), "enabled": _WHEN, "kind": kind}
            for each in account.users.values()
            for at, kind in enumerate(each.devices)
        ],
        "unassigned_devices": [],
        "credential_report": None,
        "account_summary": {
            "AccountMFAEnabled": 1,
            "AccountAccessKeysPresent": 0,
            "AccountPasswordPresent": 1,
        },
        "password_policy": None,
        "organization": _organization(account.scps),
        "resource_policies": [
            {"arn": arn, "account_id": HERE, "service": arn.split(":")[2], "document": _text(document)}
            for arn, document in account.resource_policies.items()
        ],
        "unread": [],
    }


def _text(document: Document) -> str:
    return json.dumps(document, indent=1)


def _holder(account: SmallAccount, holder: Holder, prefix: str) -> dict[str, Any]:
    return {
        "arn": holder.arn,
        "id": identity_of(prefix, holder.name),
        "name": holder.name,
        "path": holder.path,
        "inline": [{"name": name, "document": _text(each)} for name, each in holder.inline.items()],
        "attached": [account.policies[name].arn for name in holder.attached],
    }


def identity_of(prefix: str, name: str) -> str:
    return f"{prefix}{name.upper():X<17.17}"


def _user(account: SmallAccount, user: User) -> dict[str, Any]:
    boundary = None if user.boundary is None else account.policies[user.boundary].arn
    return {
        **_holder(account, user, "AIDA"),
        "created": _WHEN,
        "groups": user.groups,
        "boundary": boundary,
        "tags": user.tags,
    }


def _role(account: SmallAccount, role: Role) -> dict[str, Any]:
    boundary = None if role.boundary is None else account.policies[role.boundary].arn
    return {
        **_holder(account, role, "AROA"),
        "created": _WHEN,
        "trust": _text(role.trust),
        "boundary": boundary,
        "tags": role.tags,
        "max_session_seconds": 3600,
        "last_used": None,
        "instance_profiles": [],
    }


def _managed(policy: Managed) -> dict[str, Any]:
    return {
        "arn": policy.arn,
        "id": identity_of("ANPA", policy.name),
        "name": policy.name,
        "path": "/",
        "default_version": f"v{policy.default + 1}",
        "versions": [
            {"id": f"v{at + 1}", "document": _text(each), "created": _WHEN}
            for at, each in enumerate(policy.versions)
        ],
    }


def _keys(user: User) -> list[dict[str, Any]]:
    states = ["Active"] * user.keys + ["Inactive"] * user.inactive_keys
    return [
        {
            "user": user.name,
            "id": f"AKIA{user.name.upper():X<12.12}{at:04}",
            "status": status,
            "created": _WHEN,
            "last_used": None,
        }
        for at, status in enumerate(states)
    ]


def _serial(user: User, kind: str, at: int) -> str:
    match kind:
        case "fido":
            return f"arn:aws:iam::{HERE}:u2f/user/{user.name}/key{at}-ABCDEF"
        case "hardware":
            return f"GAHT{at:08}"
        case _:
            return f"arn:aws:iam::{HERE}:mfa/{user.name}-{at}"


def _organization(scps: list[list[Document]]) -> dict[str, Any]:
    if not scps:
        return {"id": None}
    kinds = ["root", "ou", "account"]
    return {
        "id": "o-exampleorgid",
        "management_account": "999999999999",
        "policy_types": ["SERVICE_CONTROL_POLICY"],
        "path": [
            {
                "id": f"level-{at}",
                "name": f"level {at}",
                "kind": kinds[min(at, 2)],
                "scps": [
                    {
                        "id": f"p-{at}{number}",
                        "arn": f"{_CONTROL_POLICIES}/p-{at}{number}",
                        "name": f"scp {at}.{number}",
                        "document": _text(document),
                    }
                    for number, document in enumerate(level)
                ],
                "rcps": [],
            }
            for at, level in enumerate(scps)
        ],
    }
