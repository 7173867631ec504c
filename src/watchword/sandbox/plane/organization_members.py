"""Accounts that were there before join an organization, as by an invitation that they accept.

Source: AWS Organizations User Guide, orgs_manage_accounts_invites: whoever joins so gets no role
OrganizationAccountAccessRole by itself.
"""

from __future__ import annotations

from typing import Final

from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.organizations import backend_of, root_of

_REGION: Final = "us-east-1"
_PARTITION: Final = "aws"


def join(account: str, *, manager: str, name: str, email: str) -> None:
    """Make `account` a member of the organization that `manager` has.

    Raises ValueError when the account is in an organization already.
    """
    from moto.organizations import utils
    from moto.organizations.models import organizations_backends

    if backend_of(account) is not None:
        raise ValueError(f"account {account} is in an organization already")
    backend: MotoObject = organizations_backends[manager][_PARTITION]
    if backend.org is None:
        raise ValueError(f"account {manager} manages no organization")
    backend.accounts.append(_invited(backend, account, name=name, email=email))
    for policy_id in (utils.DEFAULT_SCP_POLICY_ID, utils.DEFAULT_RCP_POLICY_ID):
        backend.attach_policy(PolicyId=policy_id, TargetId=account)
    organizations_backends.master_accounts[account] = (manager, _PARTITION)


def found_organization(manager: str) -> None:
    """Make an organization with all features, as CreateOrganization does."""
    from moto.organizations.models import organizations_backends

    backend: MotoObject = organizations_backends[manager][_PARTITION]
    backend.create_organization(region=_REGION, FeatureSet="ALL")
    own_by_aws(backend)


def own_by_aws(backend: MotoObject) -> None:
    """Give the policies that AWS keeps the ARNs that they have: of no account, of no organization.

    Source: Service Authorization Reference, list_awsorganizations (awspolicy).
    """
    for policy in backend.policies:
        if policy.aws_managed:
            kind = policy.type.lower()
            policy._arn_format = f"arn:{{0}}:organizations::aws:policy/{kind}/{{3}}"  # noqa: SLF001 - its only place


def _invited(backend: MotoObject, account: str, *, name: str, email: str) -> MotoObject:
    from moto.organizations.models import FakeAccount

    made: MotoObject = FakeAccount(backend.org, AccountName=name, Email=email)
    made.id, made.parent_id, made.joined_method = account, root_of(backend).id, "INVITED"
    return made
