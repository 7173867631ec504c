"""AWS's own managed policies, about 1 600 of them: put into moto's IAM when they are first needed."""

from __future__ import annotations

import json
import threading

from watchword.sandbox.plane.moto_object import MotoObject

# Operations that can name or list a managed policy. Before the first of them, none is loaded.
_POLICY_OPERATIONS = frozenset(
    {
        "AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy", "CreateRole", "CreateUser",
        "DetachGroupPolicy", "DetachRolePolicy", "DetachUserPolicy", "GetAccountAuthorizationDetails",
        "GetAccountSummary", "GetPolicy", "GetPolicyVersion", "ListEntitiesForPolicy", "ListPolicies",
        "ListPolicyTags", "ListPolicyVersions", "PutRolePermissionsBoundary", "PutUserPermissionsBoundary",
    }
)  # fmt: skip


class ManagedPolicies:
    """Loads AWS's managed policies into a moto IAM backend, once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded = False

    def before(self, operation_name: str, backend: MotoObject) -> None:
        """Have the policies there, if `operation_name` is an IAM operation that can see them."""
        if self._loaded or operation_name not in _POLICY_OPERATIONS:
            return
        with self._lock:
            if not self._loaded:
                _load_into(backend)
                self._loaded = True


def _load_into(backend: MotoObject) -> None:
    from moto.iam.aws_managed_policies import aws_managed_policies_data
    from moto.iam.models import AWSManagedPolicy

    policies = [
        AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, data)
        for name, data in json.loads(aws_managed_policies_data).items()
    ]
    backend.aws_managed_policies = policies
    backend.managed_policies.update({policy.arn: policy for policy in policies})
