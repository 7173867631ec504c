"""The generated tables: what is checked in is what the rules make, and nothing that is sent trips them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.authorise.small_account import needed
from watchword.sandbox.authorise.bindings import bindings_of
from watchword.sandbox.tables import generate as rules
from watchword.sandbox.tables.__main__ import FOLDER, OTHERS, PAGE, as_text, others_as_text
from watchword.sandbox.tables.coverage import page
from watchword.sandbox.tables.other_reads import other_reads
from watchword.sandbox.tables.services import SERVICES
from watchword.sandbox.wire import catalog
from watchword.sandbox.wire.error import SandboxRefusal

generate = cache(rules.generate)
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("service", SERVICES)
def test_the_checked_in_table_is_what_the_rules_make(service: str) -> None:
    assert FOLDER.joinpath(f"{service}.json").read_text(encoding="utf-8") == as_text(generate(service)), (
        "`python -m watchword.sandbox.tables` writes it anew"
    )


def test_the_checked_in_list_of_other_services_is_what_the_rule_makes() -> None:
    assert OTHERS.read_text(encoding="utf-8") == others_as_text(other_reads()), (
        "`python -m watchword.sandbox.tables` writes it anew"
    )


def test_the_page_says_what_the_tables_do() -> None:
    assert ROOT.joinpath(PAGE).read_text(encoding="utf-8") == page(), (
        "`python -m watchword.sandbox.tables` writes it anew"
    )


def test_nine_of_ten_operations_are_told() -> None:
    tables = [bindings_of(service) for service in SERVICES]
    told = sum(len(table.operations) for table in tables if table)
    untold = sum(len(table.undecided) for table in tables if table)
    assert told > 10 * untold


# --- the rules, each by an operation that it is for -----------------------------------------------


def entries(service: str, operation: str) -> list[dict[str, Any]]:
    return generate(service).operations[operation]


def why_not(service: str, operation: str) -> str:
    return generate(service).undecided[operation]


def test_an_action_without_resource_types_is_on_a_star() -> None:
    assert entries("ec2", "DescribeInstances") == [{"resource": "*"}]


def test_a_required_parameter_of_the_placeholders_name_names_the_resource() -> None:
    arn = "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceIds[]|ec2_id}"
    assert entries("ec2", "StopInstances") == [{"resource": arn}]


def test_an_optional_resource_is_asked_for_when_it_is_named() -> None:
    asked = [
        (entry["resource"].rpartition(":")[2], entry.get("when")) for entry in entries("ec2", "CreateVolume")
    ]
    assert ("snapshot/${SnapshotId|ec2_id}", "SnapshotId") in asked


def test_what_is_only_created_has_no_name_yet_and_its_tags_need_a_permission() -> None:
    made, tags = entries("ec2", "CreateInternetGateway")
    assert made["resource"].endswith(":internet-gateway/*")
    assert (tags["action"], tags["when"]) == ("ec2:CreateTags", "TagSpecifications[].Tags")


def test_a_key_is_carried_by_a_parameter_of_its_name_where_something_is_created() -> None:
    volume = next(entry for entry in entries("ec2", "CreateVolume") if entry["resource"].endswith("volume/*"))
    assert volume["keys"]["ec2:volumetype"] == "VolumeType"
    assert not any("keys" in entry for entry in entries("ec2", "ModifyVolume"))


def test_what_may_name_either_of_two_types_is_left_to_people() -> None:
    assert "several types" in why_not("ssm", "DescribeInstancePatches")


def test_a_role_that_is_passed_to_somebody_unknown_is_left_to_people() -> None:
    assert "passes the role" in why_not("lambda", "CreateFunction")
    assert generate("ec2").uncovered["ExportImage"] == ["RoleName"]


# --- whatever is sent -----------------------------------------------------------------------------

OPERATIONS = [(service, name) for service in SERVICES for name in sorted(catalog.operation_names(service))]
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["*", "", "i-1", "sg-1", "arn:", "arn:aws:rds:eu-west-1:123456789012:db:x", "$LATEST", "a/b"]
    ),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS, st.binary(max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_random_parameters_are_decided_or_refused_by_name(data: st.DataObject) -> None:
    service, name = data.draw(st.sampled_from(OPERATIONS))
    shape = catalog.operation_model(service, name).input_shape
    members = list(shape.members) if shape else []
    params = data.draw(st.dictionaries(st.sampled_from(members), VALUES)) if members else {}
    try:
        questions = needed(service, name, params)
    except SandboxRefusal:
        return
    assert questions
    assert all(":" in action and resource for action, resource in questions)
