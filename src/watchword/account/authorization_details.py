"""The answer of GetAccountAuthorizationDetails, as AWS, its CLI and its SDKs write it.

Source: GetAccountAuthorizationDetails, IAM API Reference, and the data types that it names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

import msgspec

from watchword.account.snapshot import (
    Group,
    InlinePolicy,
    ManagedPolicy,
    PolicyVersion,
    Role,
    RoleLastUsed,
    User,
    Utc,
)

# Text, URL-encoded or not; boto3 and the AWS CLI make an object of it.
Document = str | dict[str, Any]


class _Answer(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename="pascal"):
    """A part of an answer, under AWS's names; what is not needed here is passed over."""


class _Inline(_Answer, frozen=True, kw_only=True, gc=False):
    policy_name: str
    policy_document: Document


class _Attached(_Answer, frozen=True, kw_only=True, gc=False):
    policy_arn: str


class _Boundary(_Answer, frozen=True, kw_only=True, gc=False):
    permissions_boundary_arn: str


class _Tag(_Answer, frozen=True, kw_only=True, gc=False):
    key: str
    value: str


class _Version(_Answer, frozen=True, kw_only=True, gc=False):
    version_id: str
    is_default_version: bool = False
    document: Document | None = None
    create_date: Utc | None = None


class _Entity(_Answer, frozen=True, kw_only=True, gc=False):
    arn: str
    path: str
    create_date: Utc | None = None
    attached_managed_policies: tuple[_Attached, ...] = ()


class _User(_Entity, frozen=True, kw_only=True, gc=False):
    user_name: str
    user_id: str
    group_list: tuple[str, ...] = ()
    user_policy_list: tuple[_Inline, ...] = ()
    permissions_boundary: _Boundary | None = None
    tags: tuple[_Tag, ...] = ()


class _Group(_Entity, frozen=True, kw_only=True, gc=False):
    group_name: str
    group_id: str
    group_policy_list: tuple[_Inline, ...] = ()


class _Profile(_Answer, frozen=True, kw_only=True, gc=False):
    arn: str


class _LastUsed(_Answer, frozen=True, kw_only=True, gc=False):
    last_used_date: Utc | None = None
    region: str | None = None


class _Role(_Entity, frozen=True, kw_only=True, gc=False):
    role_name: str
    role_id: str
    assume_role_policy_document: Document
    instance_profile_list: tuple[_Profile, ...] = ()
    role_policy_list: tuple[_Inline, ...] = ()
    permissions_boundary: _Boundary | None = None
    tags: tuple[_Tag, ...] = ()
    role_last_used: _LastUsed | None = None
    max_session_duration: int | None = None  # ListRoles and GetRole tell it, this operation does not


class _Policy(_Answer, frozen=True, kw_only=True, gc=False):
    arn: str
    policy_name: str
    policy_id: str
    path: str
    default_version_id: str
    policy_version_list: tuple[_Version, ...] = ()


class Details(_Answer, frozen=True, kw_only=True, gc=False):
    """An answer, or a page of one; a list is None where it is not in the answer at all."""

    user_detail_list: tuple[_User, ...] | None = None
    group_detail_list: tuple[_Group, ...] | None = None
    role_detail_list: tuple[_Role, ...] | None = None
    policies: tuple[_Policy, ...] | None = None
    is_truncated: bool = False


LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


def text_of(document: Document) -> str:
    """Return a policy's text: as AWS has it, or written anew (indented) from what an SDK made of it.

    AWS sends documents URL-encoded (RFC 3986).
    """
    if isinstance(document, dict):
        return json.dumps(document, indent=2, ensure_ascii=False)
    text = document
    return unquote(text) if text.lstrip()[:1] == "%" else text


def users_of(details: Iterable[Details]) -> tuple[User, ...]:
    """Return the users of all pages, in the order of their names."""
    found = (
        User(
            arn=one.arn,
            id=one.user_id,
            name=one.user_name,
            path=one.path,
            created=one.create_date,
            groups=tuple(sorted(one.group_list)),
            inline=_inline(one.user_policy_list),
            attached=_attached(one),
            boundary=_boundary(one.permissions_boundary),
            tags=_tags(one.tags),
        )
        for page in details
        for one in page.user_detail_list or ()
    )
    return tuple(sorted(found, key=lambda one: one.name))


def groups_of(details: Iterable[Details]) -> tuple[Group, ...]:
    """Return the groups of all pages, in the order of their names."""
    found = (
        Group(
            arn=one.arn,
            id=one.group_id,
            name=one.group_name,
            path=one.path,
            created=one.create_date,
            inline=_inline(one.group_policy_list),
            attached=_attached(one),
        )
        for page in details
        for one in page.group_detail_list or ()
    )
    return tuple(sorted(found, key=lambda one: one.name))


def roles_of(details: Iterable[Details]) -> tuple[Role, ...]:
    """Return the roles of all pages, in the order of their names."""
    return tuple(
        sorted(
            (_role(one) for page in details for one in page.role_detail_list or ()), key=lambda one: one.name
        )
    )


def policies_of(details: Iterable[Details]) -> tuple[ManagedPolicy, ...]:
    """Return the managed policies of all pages, in the order of their ARNs; versions newest first."""
    found = (
        ManagedPolicy(
            arn=one.arn,
            id=one.policy_id,
            name=one.policy_name,
            path=one.path,
            default_version=one.default_version_id,
            versions=tuple(
                PolicyVersion(id=it.version_id, document=text_of(it.document), created=it.create_date)
                for it in sorted(one.policy_version_list, key=_number, reverse=True)
                if it.document is not None
            ),
        )
        for page in details
        for one in page.policies or ()
    )
    return tuple(sorted(found, key=lambda one: one.arn))


def _role(one: _Role) -> Role:
    used = one.role_last_used
    return Role(
        arn=one.arn,
        id=one.role_id,
        name=one.role_name,
        path=one.path,
        trust=text_of(one.assume_role_policy_document),
        created=one.create_date,
        inline=_inline(one.role_policy_list),
        attached=_attached(one),
        boundary=_boundary(one.permissions_boundary),
        tags=_tags(one.tags),
        max_session_seconds=one.max_session_duration,
        last_used=RoleLastUsed(at=used.last_used_date, region=used.region)
        if used and used.last_used_date
        else None,
        instance_profiles=tuple(sorted(profile.arn for profile in one.instance_profile_list)),
    )


def _inline(policies: tuple[_Inline, ...]) -> tuple[InlinePolicy, ...]:
    found = (InlinePolicy(name=one.policy_name, document=text_of(one.policy_document)) for one in policies)
    return tuple(sorted(found, key=lambda one: one.name))


def _attached(entity: _Entity) -> tuple[str, ...]:
    return tuple(sorted(one.policy_arn for one in entity.attached_managed_policies))


def _boundary(boundary: _Boundary | None) -> str | None:
    return boundary.permissions_boundary_arn if boundary else None


def _tags(tags: tuple[_Tag, ...]) -> dict[str, str]:
    return {one.key: one.value for one in sorted(tags, key=lambda one: one.key)}


def _number(version: _Version) -> int:
    digits = version.version_id.removeprefix("v")
    return int(digits) if digits.isdecimal() else 0
