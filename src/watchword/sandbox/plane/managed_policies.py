"""AWS's own managed policies, about 1 600 of them: put into moto's IAM when they are first needed."""

from __future__ import annotations

import copy
import functools
import threading
from collections.abc import Mapping
from datetime import datetime

import msgspec

from watchword.sandbox.plane.moto_object import MotoObject

# Operations that can name or list a managed policy. Before the first of them, none is loaded.
_POLICY_OPERATIONS = frozenset(
    {
        "AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy", "DetachGroupPolicy",
        "DetachRolePolicy", "DetachUserPolicy", "GetAccountAuthorizationDetails", "GetAccountSummary",
        "GetPolicy", "GetPolicyVersion", "ListEntitiesForPolicy", "ListPolicies", "ListPolicyTags",
        "ListPolicyVersions", "PutRolePermissionsBoundary", "PutUserPermissionsBoundary",
    }
)  # fmt: skip
_LOADING = threading.Lock()
# Any other names one in this parameter, if at all.
_BOUNDARY = "PermissionsBoundary"


class _Published(msgspec.Struct, frozen=True, kw_only=True):
    """One policy as moto has it; the document stays text, since few of them are ever read."""

    CreateDate: datetime
    UpdateDate: datetime
    DefaultVersionId: str
    Path: str
    Document: msgspec.Raw


class ManagedPolicies:
    """Loads AWS's managed policies into moto's IAM backends, once into each."""

    def before(self, operation_name: str, params: Mapping[str, object], backend: MotoObject) -> None:
        """Have the policies there, if the IAM operation is one that can see them."""
        if not (operation_name in _POLICY_OPERATIONS or _BOUNDARY in params):
            return
        load_into(backend)


def published_policies(*, account_id: str, region_name: str) -> list[MotoObject]:
    """Return AWS's managed policies as moto's objects of one account.

    They are read once in a process: tests that are reset want them again and again.
    """
    made = []
    for policy in _read(region_name):
        own = copy.copy(policy)
        own.account_id, own.tags, own.versions = account_id, {}, list(policy.versions)
        made.append(own)
    return made


@functools.cache
def _read(region_name: str) -> tuple[MotoObject, ...]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data
    from moto.iam.models import AWSManagedPolicy

    return tuple(
        AWSManagedPolicy(  # type: ignore[abstract] # of what makes it, CloudFormation's part is missing
            name,
            account_id="aws",
            region=region_name,
            default_version_id=published.DefaultVersionId,
            path=published.Path,
            document=bytes(published.Document).decode(),
            create_date=published.CreateDate,
            update_date=published.UpdateDate,
        )
        for name, published in msgspec.json.decode(
            aws_managed_policies_data, type=dict[str, _Published]
        ).items()
    )


def load_into(backend: MotoObject) -> None:
    """Have AWS's policies in a backend; the second time does nothing. Any thread may call it."""
    if backend.aws_managed_policies:
        return
    with _LOADING:
        if not backend.aws_managed_policies:
            policies = published_policies(account_id=backend.account_id, region_name=backend.region_name)
            backend.managed_policies.update({policy.arn: policy for policy in policies})
            backend.aws_managed_policies = policies
