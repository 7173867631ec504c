"""GetAccountAuthorizationDetails: every user, role, group and policy, with what they have.

Source: API_GetAccountAuthorizationDetails. As observed on AWS: which lists are there when they are empty,
that policies have no description and come with their versions from the last to the first, that profiles
within a role have no tags, the order in which a page is filled, and the two texts of refusals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from watchword.sandbox.identity.paging import DEFAULT_ITEMS
from watchword.sandbox.identity.refusals import validation_error
from watchword.sandbox.plane.account_summary import policies_in_use
from watchword.sandbox.plane.directory import MotoDirectory, boundary_arn
from watchword.sandbox.plane.last_used import LastUsed, role_last_used
from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.opaque_marker import read_marker, written_marker
from watchword.sandbox.plane.trust import trust_as_it_stands

_KINDS: Final = ("User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy")
_SECTIONS: Final = {
    "User": "UserDetailList",
    "Role": "RoleDetailList",
    "Group": "GroupDetailList",
    "LocalManagedPolicy": "Policies",
    "AWSManagedPolicy": "Policies",
}
_FILTER_REFUSED: Final = (
    "1 validation error detected: Value at 'filter' failed to satisfy constraint: Member must satisfy "
    "constraint: [Member must satisfy enum value set: "
    "[LocalManagedPolicy, User, AWSManagedPolicy, Role, Group]]"
)

Detail = dict[str, Any]


def check_filter(params: Mapping[str, Any]) -> None:
    """Refuse a filter that there is not, in AWS's own words. Raises AwsError (ValidationError)."""
    if any(kind not in _KINDS for kind in params.get("Filter") or ()):
        raise validation_error(_FILTER_REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationDetails:
    """What one account's report is made of. `now` is the sandbox's time."""

    directory: MotoDirectory
    last_used: LastUsed
    now: datetime

    def page(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the page that `Filter`, `Marker` and `MaxItems` ask for.

        Raises AwsError (ValidationError) when the marker is none, or one of another filter.
        """
        wanted = [kind for kind in _KINDS if kind in (params.get("Filter") or _KINDS)]
        start = 0
        if params.get("Marker") is not None:
            found = read_marker(params["Marker"], of=_about(wanted))
            if found is None:
                raise validation_error("Marker and Filter do not match")
            start = found
        entries = [(kind, make) for kind in wanted for make in self._makers(kind)]
        shown = entries[start : start + int(params.get("MaxItems") or DEFAULT_ITEMS)]
        result: dict[str, Any] = {section: [] for section in dict.fromkeys(_SECTIONS.values())}
        for kind, make in shown:
            result[_SECTIONS[kind]].append(make())
        end = start + len(shown)
        result["IsTruncated"] = end < len(entries)
        if end < len(entries):
            result["Marker"] = written_marker(end, of=_about(wanted))
        return result

    def _makers(self, kind: str) -> Iterator[Callable[[], Detail]]:
        backend = self.directory.backend
        match kind:
            case "User":
                yield from (partial(self._user, each) for each in _by_name(backend.users.values()))
            case "Role":
                yield from (partial(self._role, each) for each in _by_name(backend.roles.values()))
            case "Group":
                yield from (partial(_group, each) for each in _by_name(backend.groups.values()))
            case _:
                of_aws = kind == "AWSManagedPolicy"
                yield from (partial(self._policy, each) for each in _policies(backend, of_aws=of_aws))

    def _user(self, user: MotoObject) -> Detail:
        groups = [group for group in list(self.directory.backend.groups.values()) if user in group.users]
        detail: Detail = {
            "Path": user.path,
            "UserName": user.name,
            "UserId": user.id,
            "Arn": user.arn,
            "CreateDate": _aware(user.create_date),
            "GroupList": [group.name for group in groups],
            "AttachedManagedPolicies": _attached(user),
            "Tags": _tags(user),
            **_boundary(user),
        }
        inline = _inline(user)
        return {**detail, "UserPolicyList": inline} if inline else detail

    def _role(self, role: MotoObject) -> Detail:
        profiles = [
            profile
            for profile in list(self.directory.backend.instance_profiles.values())
            if role in profile.roles
        ]
        return {
            **self._bare_role(role),
            "InstanceProfileList": [self._profile(profile) for profile in profiles],
            "RolePolicyList": _inline(role),
            "AttachedManagedPolicies": _attached(role),
            "Tags": _tags(role),
            "RoleLastUsed": role_last_used(self.last_used.of_role(role.id, now=self.now)),
            **_boundary(role),
        }

    def _profile(self, profile: MotoObject) -> Detail:
        return {
            "Path": profile.path,
            "InstanceProfileName": profile.name,
            "InstanceProfileId": profile.id,
            "Arn": f"arn:{profile.partition}:iam::{profile.account_id}"
            f":instance-profile{profile.path}{profile.name}",
            "CreateDate": _aware(profile.create_date),
            "Roles": [self._bare_role(role) for role in profile.roles],
        }

    def _bare_role(self, role: MotoObject) -> Detail:
        return {
            "Path": role.path,
            "RoleName": role.name,
            "RoleId": role.id,
            "Arn": role.arn,
            "CreateDate": _aware(role.create_date),
            "AssumeRolePolicyDocument": encoded(trust_as_it_stands(role, self.directory.ids_of)),
        }

    def _policy(self, policy: MotoObject) -> Detail:
        backend = self.directory.backend
        holders = [*backend.users.values(), *backend.groups.values(), *backend.roles.values()]
        return {
            "PolicyName": policy.name,
            "PolicyId": policy.id,
            "Arn": policy.arn,
            "Path": policy.path,
            "DefaultVersionId": policy.default_version_id,
            "AttachmentCount": sum(policy.arn in holder.managed_policies for holder in holders),
            "PermissionsBoundaryUsageCount": sum(boundary_arn(holder) == policy.arn for holder in holders),
            "IsAttachable": policy.is_attachable,
            "CreateDate": _aware(policy.create_date),
            "UpdateDate": _aware(policy.update_date),
            "PolicyVersionList": [_version(version) for version in _from_the_last(policy.versions)],
        }


def encoded(document: str) -> str:
    """Write a policy as IAM answers with it: URL-encoded as RFC 3986 says."""
    return quote(document, safe="")


def _group(group: MotoObject) -> Detail:
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.id,
        "Arn": group.arn,
        "CreateDate": _aware(group.create_date),
        "GroupPolicyList": _inline(group),
        "AttachedManagedPolicies": _attached(group),
    }


def _version(version: MotoObject) -> Detail:
    return {
        "Document": encoded(version.document),
        "VersionId": version.version_id,
        "IsDefaultVersion": version.is_default,
        "CreateDate": _aware(version.create_date),
    }


def _from_the_last(versions: Sequence[MotoObject]) -> list[MotoObject]:
    return sorted(versions, key=lambda version: -int(version.version_id.removeprefix("v")))


def _inline(holder: MotoObject) -> list[Detail]:
    return [
        {"PolicyName": name, "PolicyDocument": encoded(text)} for name, text in list(holder.policies.items())
    ]


def _attached(holder: MotoObject) -> list[Detail]:
    return [
        {"PolicyName": policy.name, "PolicyArn": policy.arn}
        for policy in list(holder.managed_policies.values())
    ]


def _boundary(holder: MotoObject) -> Detail:
    arn = boundary_arn(holder)
    if arn is None:
        return {}
    # Source: API_AttachedPermissionsBoundary, whose text says `Policy`; the model's own enum says otherwise.
    return {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}}


def _tags(holder: MotoObject) -> list[Detail]:
    return [{"Key": tag["Key"], "Value": tag["Value"]} for tag in holder.tags or []]


def _policies(backend: MotoObject, *, of_aws: bool) -> list[MotoObject]:
    """Return the account's own policies, or those of AWS's that somebody has."""
    in_use = policies_in_use(backend)
    found = [
        each for each in backend.managed_policies.values() if (each.arn.split(":")[4] == "aws") is of_aws
    ]
    return _by_name(each for each in found if not of_aws or each.arn in in_use)


def _by_name(entities: Any) -> list[MotoObject]:  # noqa: ANN401 - moto's own dictionaries' values
    return sorted(entities, key=lambda entity: (entity.name.lower(), entity.name))


def _about(kinds: Sequence[str]) -> str:
    return "details:" + ",".join(kinds)


def _aware(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).replace(microsecond=0)
