"""The condition keys of organizations: the caller's, and that of the account which owns the resource.

Source: IAM User Guide, reference_policies_condition-keys (aws:PrincipalOrgID, aws:PrincipalOrgPaths,
aws:ResourceOrgID, aws:ResourceOrgPaths): each is there only for an account that is in an organization.
"""

from __future__ import annotations

from watchword.iam.context import UNKNOWN, ContextValue
from watchword.sandbox.authorise.lookup import Lookup


def principal_organization(account: str, lookup: Lookup) -> dict[str, ContextValue]:
    """Return the keys of the organization that the caller's account is in."""
    found = lookup.membership(account)
    if found is None:
        return {}
    return {"aws:PrincipalOrgID": found.organization_id, "aws:PrincipalOrgPaths": (found.path,)}


def resource_organization(
    account: str | None, caller_account: str, lookup: Lookup
) -> dict[str, ContextValue]:
    """Return the keys of the organization of the resource's account.

    None: the action has no resource, and whether AWS puts the keys there is not documented. They are unknown
    then, unless the caller is in no organization.
    """
    found = lookup.membership(caller_account if account is None else account)
    if found is None:
        return {}
    if account is None:
        return {"aws:ResourceOrgID": UNKNOWN, "aws:ResourceOrgPaths": UNKNOWN}
    return {"aws:ResourceOrgID": found.organization_id, "aws:ResourceOrgPaths": (found.path,)}
