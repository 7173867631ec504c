"""Whom the organization's policies bind, and which policy of the resource counts."""

from __future__ import annotations

import pytest

from iam.policies import USER, request
from watchword.iam import CredentialKind, Layer, principal_from_arn
from watchword.iam._rcp_services import RCP_SERVICES_AS_OF
from watchword.iam._standing import rcp_exemption, scp_exemption

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/dev"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/dev/x"
LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
OBJECT = "arn:aws:s3:::bucket/key"
FREE = "SCPs do not bind service-linked roles"
NOBODY = "SCPs bind the users and roles of accounts, and root"


@pytest.mark.parametrize(
    ("principal", "credential", "why"),
    [
        (USER, None, None),
        (f"arn:aws:iam::{ACCOUNT}:root", CredentialKind.ROOT_KEY, None),
        (SESSION, CredentialKind.ROLE_SESSION, None),
        (SESSION, CredentialKind.SERVICE_LINKED_ROLE, FREE),
        (LINKED, None, FREE),
        ("anonymous", None, NOBODY),
        ("sns.amazonaws.com", CredentialKind.SERVICE, NOBODY),
    ],
)
def test_service_control_policies_bind_whoever_belongs_to_an_account(
    principal: str, credential: CredentialKind | None, why: str | None
) -> None:
    assert scp_exemption(principal_from_arn(principal), credential) == why


@pytest.mark.parametrize(
    ("service", "operation", "resource", "why"),
    [
        ("s3", "getobject", OBJECT, None),
        ("kms", "decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1", None),
        ("s3", "retiregrant", OBJECT, None),
        ("ec2", "runinstances", "*", f"RCPs do not cover `ec2` (AWS's list of {RCP_SERVICES_AS_OF})"),
        ("s3", "listallmybuckets", "*", "RCPs cover actions on a resource, and this one has none"),
        ("kms", "retiregrant", "arn:aws:kms:::key/1", "RCPs do not cover kms:RetireGrant"),
        ("sts", "assumerole", LINKED, "RCPs do not bind service-linked roles"),
    ],
)
def test_resource_control_policies_cover_some_services_and_actions_on_a_resource(
    service: str, operation: str, resource: str, why: str | None
) -> None:
    assert rcp_exemption(principal_from_arn(USER), None, service, operation, resource) == why


def test_no_policy_of_an_organization_binds_a_role_that_is_linked_to_a_service() -> None:
    why = "RCPs do not bind service-linked roles"
    for principal, credential in ((LINKED, None), (SESSION, CredentialKind.SERVICE_LINKED_ROLE)):
        who = principal_from_arn(principal)
        assert rcp_exemption(who, credential, "s3", "getobject", OBJECT) == why
    linked = request(principal=SESSION, credential=CredentialKind.SERVICE_LINKED_ROLE).standing
    assert (linked.bound_by_scp, linked.bound_by_rcp) == (False, False)
    other = request(principal=SESSION, credential=CredentialKind.ROLE_SESSION).standing
    assert (other.bound_by_scp, other.bound_by_rcp) == (True, True)


@pytest.mark.parametrize(
    ("action", "resource", "side", "needed"),
    [
        ("s3:GetObject", OBJECT, Layer.RESOURCE, False),
        ("s3:TagSession", f"arn:aws:s3:::b/:role/{ACCOUNT}", Layer.RESOURCE, False),
        ("s3:AssumeRole", ROLE, Layer.RESOURCE, False),
        ("sts:GetCallerIdentity", ROLE, Layer.RESOURCE, False),
        ("sts:AssumeRole", ROLE, Layer.TRUST, True),
        ("sts:AssumeRoleWithSAML", ROLE, Layer.TRUST, True),
        ("sts:TagSession", ROLE, Layer.TRUST, True),
        ("sts:TagSession", USER, Layer.TRUST, False),
        ("sts:SetSourceIdentity", ROLE, Layer.TRUST, True),
        ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1", Layer.KEY, True),
        ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/a", Layer.KEY, False),
        ("kms:ListKeys", "*", Layer.KEY, False),
    ],
)
def test_the_policy_of_the_resource_is_a_trust_policy_a_key_policy_or_its_own(
    action: str, resource: str, side: Layer, needed: bool
) -> None:
    standing = request(action, resource).standing
    assert (standing.side, standing.side_is_needed) == (side, needed)
