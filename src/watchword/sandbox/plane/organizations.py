"""The organizations of the sandbox, read from moto: who is in which, and which policies bind whom."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from watchword.sandbox.plane.directory import PolicyDocument
from watchword.sandbox.plane.moto_object import MotoObject

SERVICE_CONTROL: Final = "SERVICE_CONTROL_POLICY"
RESOURCE_CONTROL: Final = "RESOURCE_CONTROL_POLICY"

# Source: the patterns in the service's model.
_ENTITIES: Final = (
    (re.compile(r"[0-9]{12}"), "account"),
    (re.compile(r"ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}"), "ou"),
    (re.compile(r"r-[0-9a-z]{4,32}"), "root"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """An account's place in an organization. `path` is `o-ID/r-ID/ou-ID/`: from the root to its parent.

    Source: IAM User Guide, reference_policies_condition-keys (aws:PrincipalOrgPaths).
    """

    organization_id: str
    management_account: str
    path: str


def backend_of(account: str, partition: str = "aws") -> MotoObject:
    """Return moto's backend of the organization that an account is in; None when it is in none."""
    from moto.organizations.models import organizations_backends

    own = _there(organizations_backends, account, partition)
    if own is not None:
        return own
    manager, _ = organizations_backends.master_accounts.get(account, (None, None))
    return None if manager is None else _there(organizations_backends, manager, partition)


def _there(backends: MotoObject, account: str, partition: str) -> MotoObject:
    """Return the backend of an account that manages an organization; looking makes none."""
    found = (backends.get(account) or {}).get(partition)
    return None if found is None or found.org is None else found


def membership(account: str) -> Membership | None:
    """Return an account's place in its organization, or None."""
    backend = backend_of(account)
    chain = _chain(backend, account)
    if not chain:
        return None
    path = "/".join((backend.org.id, *(entity.id for entity in chain[:-1])))
    return Membership(
        organization_id=backend.org.id, management_account=backend.org.master_account_id, path=f"{path}/"
    )


def service_control(account: str) -> Sequence[Sequence[PolicyDocument]]:
    """Return the SCPs that bind the principals of an account; see `authorise.control_policies`."""
    return _levels(account, SERVICE_CONTROL)


def resource_control(account: str) -> Sequence[Sequence[PolicyDocument]]:
    """Return the RCPs that bind the resources of an account; see `authorise.control_policies`."""
    return _levels(account, RESOURCE_CONTROL)


def arn_of(account: str, entity_id: str) -> str | None:
    """Return the ARN of an account, unit, root or policy of an account's organization.

    Only a policy must be there: without it, its type is not known. Source: Service Authorization Reference,
    list_awsorganizations; AWS's own policies belong to no account.
    """
    backend = backend_of(account)
    if backend is None:
        return None
    home = f"arn:aws:organizations::{backend.org.master_account_id}:"
    for form, kind in _ENTITIES:
        if form.fullmatch(entity_id):
            return f"{home}{kind}/{backend.org.id}/{entity_id}"
    found = next((policy for policy in list(backend.policies) if policy.id == entity_id), None)
    if found is None:
        return None
    if found.aws_managed:
        return f"arn:aws:organizations::aws:policy/{found.type.lower()}/{entity_id}"
    return f"{home}policy/{backend.org.id}/{found.type.lower()}/{entity_id}"


def root_of(backend: MotoObject) -> MotoObject:
    """Return the root of an organization: the one that has no parent."""
    return next(entity for entity in list(backend.ou) if entity.type == "ROOT")


def enabled(backend: MotoObject, policy_type: str) -> bool:
    """Tell whether policies of a type are enabled in an organization."""
    return any(each["Type"] == policy_type for each in list(root_of(backend).policy_types))


def _levels(account: str, policy_type: str) -> Sequence[Sequence[PolicyDocument]]:
    backend = backend_of(account)
    # Source: orgs_manage_policies_scps, orgs_manage_policies_rcps: never on the management account.
    if backend is None or backend.org.master_account_id == account or not enabled(backend, policy_type):
        return ()
    return tuple(
        tuple(
            PolicyDocument(name=f"{policy.name} ({policy.id})", text=policy.content)
            for policy in list(entity.attached_policies)
            if policy.type == policy_type
        )
        for entity in _chain(backend, account)
    )


def _chain(backend: MotoObject, account: str) -> list[MotoObject]:
    """Return the root, the units below it that hold the account, and the account; empty outside."""
    accounts = [] if backend is None else list(backend.accounts)
    entity = next((each for each in accounts if each.id == account), None)
    found: list[MotoObject] = []
    while entity is not None:
        found.insert(0, entity)
        entity = next((each for each in list(backend.ou) if each.id == entity.parent_id), None)
    return found
