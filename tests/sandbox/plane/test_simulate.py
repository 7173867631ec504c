"""IAM's policy simulator: what AWS was observed to answer, to the column."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st

from local_aws import LocalAws, local_aws
from refusal import refusal
from watchword.sandbox.plane.simulate import simulate_custom
from watchword.sandbox.wire.error import AwsError

A, B = "arn:aws:s3:::simulated/a", "arn:aws:s3:::simulated/b"
STRANGER = "arn:aws:iam::999999999999:root"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with local_aws(tmp_path_factory.mktemp("simulate") / "sandbox") as running:
        yield running


def statement(action: str = "s3:GetObject", *, effect: str = "Allow", **more: object) -> dict[str, object]:
    return {"Effect": effect, "Action": action, "Resource": "*", **more}


def policy(*statements: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":"))


ALLOW, DENY = policy(statement()), policy(statement(effect="Deny"))
ALLOW_ALL = policy(statement("*"))
OTHER = policy(statement("s3:PutObject"))


Result = dict[str, Any]


def custom(
    *, aws: LocalAws, policies: tuple[str, ...], actions: tuple[str, ...] = ("s3:GetObject",), **more: object
) -> list[Result]:
    answer = aws.client("iam").simulate_custom_policy(
        PolicyInputList=list(policies), ActionNames=list(actions), **more
    )
    found: list[Result] = answer["EvaluationResults"]
    return found


def one(aws: LocalAws, *policies: str, **more: Any) -> Result:  # noqa: ANN401 - passed on
    (result,) = custom(aws=aws, policies=policies, **more)
    return result


def given(name: str, *values: str, kind: str = "string") -> dict[str, object]:
    return {"ContextKeyName": name, "ContextKeyValues": list(values), "ContextKeyType": kind}


def matched(result: dict[str, Any]) -> list[tuple[str, int, int, int, int]]:
    return [
        (
            each["SourcePolicyId"],
            each["StartPosition"]["Line"],
            each["StartPosition"]["Column"],
            each["EndPosition"]["Line"],
            each["EndPosition"]["Column"],
        )
        for each in result["MatchedStatements"]
    ]


def refused(aws: LocalAws, *policies: str, **more: object) -> tuple[str, str]:
    code, _, text = refusal(custom, aws=aws, policies=policies or (ALLOW,), **more)
    return code, text


# --- positions ---------------------------------------------------------------------------------------------


def test_the_published_example_is_answered_to_the_column(aws: LocalAws) -> None:
    """Source: the examples of the AWS CLI (simulate-custom-policy)."""
    text = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*",'
        '"Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}'
    )
    action = ("dynamodb:CreateBackup",)
    later = given("aws:CurrentTime", "2019-04-25T11:00:00Z", kind="date")
    result = one(aws, text, actions=action, ContextEntries=[later])
    assert result["EvalDecision"] == "allowed"
    assert (result["EvalResourceName"], matched(result)) == ("*", [("PolicyInputList.1", 1, 38, 1, 167)])
    earlier = given("aws:CurrentTime", "2014-04-25T11:00:00Z", kind="date")
    result = one(aws, text, actions=action, ContextEntries=[earlier])
    assert (result["EvalDecision"], result["MatchedStatements"]) == ("implicitDeny", [])
    assert result["MissingContextValues"] == []


def test_a_statement_begins_where_the_one_before_it_ends(aws: LocalAws) -> None:
    two = policy(statement(Sid="First"), statement(Sid="Second"))
    assert matched(one(aws, two)) == [
        ("PolicyInputList.1", 1, 38, 1, 109),
        ("PolicyInputList.1", 1, 109, 1, 182),
    ]
    pretty = json.dumps(
        json.loads(policy(statement(Sid="First"), statement("s3:PutObject", Sid="2"))), indent=2
    )
    both = ("s3:GetObject", "s3:PutObject")
    first, second = custom(aws=aws, policies=(pretty,), actions=both)
    assert matched(first) == [("PolicyInputList.1", 3, 17, 9, 6)]
    assert matched(second) == [("PolicyInputList.1", 9, 6, 15, 6)]


def test_lines_end_with_a_line_feed_a_carriage_return_or_both(aws: LocalAws) -> None:
    pretty = json.dumps(json.loads(ALLOW), indent=2).replace("\n", "\r\n")
    assert matched(one(aws, f" \r\n{pretty}\r\n ")) == [("PolicyInputList.1", 4, 17, 9, 6)]

    alone = json.dumps(json.loads(ALLOW), indent=2).replace("\n", "\r")
    assert matched(one(aws, alone)) == [("PolicyInputList.1", 3, 17, 8, 6)]


def test_columns_count_characters(aws: LocalAws) -> None:
    text = json.dumps({"Id": "café", "Statement": [statement()]}, ensure_ascii=False)
    assert matched(one(aws, text)) == [("PolicyInputList.1", 1, 30, 1, 92)]


def test_a_statement_that_stands_alone_begins_behind_its_brace(aws: LocalAws) -> None:
    single = {"Statement": statement()}
    assert matched(one(aws, json.dumps(single))) == [("PolicyInputList.1", 1, 16, 1, 77)]
    assert matched(one(aws, json.dumps(single, indent=2))) == [("PolicyInputList.1", 2, 17, 6, 4)]


# --- decisions ---------------------------------------------------------------------------------------------


def test_a_deny_is_shown_without_the_allow_beside_it(aws: LocalAws) -> None:
    result = one(aws, ALLOW, DENY)
    assert (result["EvalDecision"], matched(result)) == (
        "explicitDeny",
        [("PolicyInputList.2", 1, 38, 1, 94)],
    )


def test_the_strictest_resource_decides_and_each_is_shown(aws: LocalAws) -> None:
    only_a = policy({**statement(), "Resource": A})
    result = one(aws, only_a, ResourceArns=[A, B])
    assert (result["EvalDecision"], len(result["MatchedStatements"])) == ("implicitDeny", 1)
    assert result["EvalResourceName"] == "arn:aws:s3:::${BucketName}/${KeyName}"
    assert result["EvalDecisionDetails"] == {}
    specific = {each["EvalResourceName"]: each for each in result["ResourceSpecificResults"]}
    assert {name: each["EvalResourceDecision"] for name, each in specific.items()} == {
        A: "allowed",
        B: "implicitDeny",
    }
    assert len(specific[A]["MatchedStatements"]) == 1
    assert set(specific[B]) == {"EvalResourceName", "EvalResourceDecision"}


def test_without_resources_there_is_no_result_for_each(aws: LocalAws) -> None:
    assert set(one(aws, ALLOW)) == {
        "EvalActionName",
        "EvalResourceName",
        "EvalDecision",
        "MatchedStatements",
        "MissingContextValues",
    }


def test_no_policy_at_all_denies(aws: LocalAws) -> None:
    assert one(aws)["EvalDecision"] == "implicitDeny"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:iam::123456789012:user/somebody"),
        ("s3:ListAllMyBuckets", A),
        ("iam:ListUsers", "arn:aws:iam::123456789012:user/somebody"),
        ("iam:PassRole", "arn:aws:iam::123456789012:user/somebody"),
    ],
)
def test_an_action_is_denied_on_a_resource_that_it_does_not_work_on(
    aws: LocalAws, action: str, resource: str
) -> None:
    result = one(aws, ALLOW_ALL, actions=(action,), ResourceArns=[resource])
    assert (result["EvalDecision"], result["MatchedStatements"]) == ("implicitDeny", [])


def test_buckets_and_objects_are_not_told_apart(aws: LocalAws) -> None:
    bucket = ["arn:aws:s3:::simulated"]
    assert one(aws, ALLOW, ResourceArns=bucket)["EvalDecision"] == "allowed"


@pytest.mark.parametrize("action", ["s3:*", "madeup:Action", "s3:MadeUp", "s3:", "s3:Get Object"])
def test_an_action_that_is_not_known_is_compared_as_text(aws: LocalAws, action: str) -> None:
    assert one(aws, ALLOW, actions=(action,))["EvalDecision"] == "implicitDeny"
    assert one(aws, ALLOW_ALL, actions=(action,))["EvalDecision"] == "allowed"


def test_an_action_minds_no_case_and_is_given_back_as_it_came(aws: LocalAws) -> None:
    result = one(aws, ALLOW, actions=("S3:gEtObJeCt",))
    assert (result["EvalActionName"], result["EvalDecision"]) == ("S3:gEtObJeCt", "allowed")


# --- context -----------------------------------------------------------------------------------------------


def with_mfa(effect: str, operator: str, value: str) -> str:
    condition = {operator: {"aws:MultiFactorAuthPresent": value}}
    return policy(statement("*", effect=effect, Condition=condition))


def test_mfa_is_missing_unless_it_is_given(aws: LocalAws) -> None:
    wants_mfa = with_mfa("Allow", "Bool", "true")
    result = one(aws, wants_mfa)
    assert (result["EvalDecision"], result["MissingContextValues"]) == (
        "implicitDeny",
        ["aws:MultiFactorAuthPresent"],
    )
    for value, decision in (("true", "allowed"), ("false", "implicitDeny")):
        entry = given("aws:MultiFactorAuthPresent", value, kind="boolean")
        result = one(aws, wants_mfa, ContextEntries=[entry])
        assert (result["EvalDecision"], result["MissingContextValues"]) == (decision, [])


def test_a_missing_mfa_key_passes_bool_and_is_caught_by_bool_if_exists(aws: LocalAws) -> None:
    assert one(aws, ALLOW, with_mfa("Deny", "Bool", "false"))["EvalDecision"] == "allowed"
    assert one(aws, ALLOW, with_mfa("Deny", "BoolIfExists", "false"))["EvalDecision"] == "explicitDeny"


def test_an_implicit_denial_names_every_key_that_any_statement_reads(aws: LocalAws) -> None:
    condition = {"StringEquals": {"stack:missing": "yes"}}
    elsewhere = policy(statement("s3:PutObject", Condition=condition))
    assert one(aws, elsewhere)["MissingContextValues"] == ["stack:missing"]
    assert one(aws, ALLOW, elsewhere)["MissingContextValues"] == []
    spelt = policy(
        statement(Condition={"StringEquals": {"STACK:missing": "yes"}}), statement(Condition=condition)
    )
    assert one(aws, spelt)["MissingContextValues"] == ["STACK:missing", "stack:missing"]
    with_variable = policy({**statement(), "Resource": "arn:aws:s3:::simulated/${aws:username}"})
    assert one(aws, with_variable, ResourceArns=[A])["MissingContextValues"] == ["aws:username"]


def test_who_calls_is_known_from_the_caller_arn(aws: LocalAws) -> None:
    alice = "arn:aws:iam::123456789012:user/team/alice"
    for key, value in (
        ("aws:PrincipalArn", alice),
        ("aws:username", "alice"),
        ("aws:PrincipalAccount", "123456789012"),
        ("aws:userid", alice),
    ):
        asks = policy(statement(Condition={"StringEquals": {key: value}}))
        assert one(aws, asks, CallerArn=alice)["EvalDecision"] == "allowed", key
        other = [given(key, "somebody else")]
        assert one(aws, asks, CallerArn=alice, ContextEntries=other)["EvalDecision"] == "implicitDeny"
    stub = policy(
        statement(Condition={"StringEquals": {"aws:userid": "STUB_PRINCIPAL_FOR_POLICY_SIMULATOR"}})
    )
    assert one(aws, stub)["EvalDecision"] == "allowed"


def test_a_list_is_a_key_with_several_values_even_of_one(aws: LocalAws) -> None:
    plain = policy(statement(Condition={"StringEquals": {"stack:key": "a"}}))
    any_of = policy(statement(Condition={"ForAnyValue:StringEquals": {"stack:key": "a"}}))
    values = [given("stack:key", "a", "b", kind="stringList")]
    assert one(aws, any_of, ContextEntries=values)["EvalDecision"] == "allowed"
    assert one(aws, plain, ContextEntries=[given("stack:key", "a")])["EvalDecision"] == "allowed"
    alone = [given("stack:key", "a", kind="stringList")]
    assert one(aws, plain, ContextEntries=alone)["EvalDecision"] == "implicitDeny"


@pytest.mark.parametrize(
    ("kind", "good", "bad", "expected"),
    [
        ("numeric", ("01.00", "+1", "1e2", "1e9999"), ("0x10", " 1 ", "NaN", "abc"), "numeric format"),
        (
            "date",
            ("2035", "2035-01", "2035-01-02T03:04Z", "0", "1735787045"),
            ("tomorrow",),
            "DateTime format",
        ),
        ("ip", ("192.0.2.1", "2001:db8::1", "192.000.002.1"), ("192.0.2.0/24", "fe80::1%eth0"), "IP address"),
        ("binary", ("eWVz",), ("!base64",), "base-64 encoded binary format"),
    ],
)
def test_values_are_held_to_their_type(
    aws: LocalAws, kind: str, good: tuple[str, ...], bad: tuple[str, ...], expected: str
) -> None:
    for value in good:
        entry = given("stack:key", value, kind=kind)
        assert one(aws, ALLOW, ContextEntries=[entry])["EvalDecision"] == "allowed", value
    for value in bad:
        assert refused(aws, ContextEntries=[given("stack:key", value, kind=kind)]) == (
            "InvalidInput",
            f"Invalid context value for key stack:key: expected {expected}.",
        )


def test_what_the_engine_leaves_open_is_refused_and_never_allowed(aws: LocalAws) -> None:
    asks = policy(statement(effect="Deny", Condition={"Null": {"stack:key": "true"}}))
    code, text = refused(aws, ALLOW, asks, ContextEntries=[given("stack:key", "")])
    assert (code, text.startswith("watchword sandbox: ")) == ("SandboxUnsupported", True)


def test_numbers_of_which_the_simulator_says_otherwise_are_refused(aws: LocalAws) -> None:
    asks = policy(statement(Condition={"NumericNotEquals": {"stack:key": "1"}}))
    assert one(aws, asks, ContextEntries=[given("stack:key", "2")])["EvalDecision"] == "allowed"
    assert refused(aws, asks, ContextEntries=[given("stack:key", "two")])[0] == "SandboxUnsupported"


# --- boundaries, organizations, resource policies ----------------------------------------------------------


@pytest.mark.parametrize(
    ("boundary", "decision", "allowed", "sources"),
    [
        (ALLOW, "allowed", True, ["PolicyInputList.1"]),
        (OTHER, "implicitDeny", False, []),
        (DENY, "explicitDeny", False, ["PermissionsBoundaryPolicyInputList.1"]),
    ],
)
def test_a_boundary_limits_and_is_told_of(
    aws: LocalAws, boundary: str, decision: str, allowed: bool, sources: list[str]
) -> None:
    result = one(aws, ALLOW, ResourceArns=[A], PermissionsBoundaryPolicyInputList=[boundary])
    detail = {"AllowedByPermissionsBoundary": allowed}
    assert (result["EvalDecision"], result["PermissionsBoundaryDecisionDetail"]) == (decision, detail)
    assert [each["SourcePolicyId"] for each in result["MatchedStatements"]] == sources
    assert result["ResourceSpecificResults"][0]["PermissionsBoundaryDecisionDetail"] == detail
    kinds = {each["SourcePolicyType"] for each in result["MatchedStatements"]}
    assert kinds <= {"IAM Policy", "Permissions Boundary Policy"}


@pytest.mark.parametrize(
    ("levels", "decision"),
    [
        ([[ALLOW_ALL], [ALLOW_ALL]], "allowed"),
        ([[ALLOW_ALL], [DENY]], "explicitDeny"),
        ([[ALLOW_ALL], [OTHER]], "implicitDeny"),
        ([[DENY, ALLOW_ALL], [ALLOW_ALL]], "explicitDeny"),
    ],
)
def test_control_policies_can_be_given_level_by_level(
    aws: LocalAws, levels: list[list[str]], decision: str
) -> None:
    ordered = [{"ServiceControlPolicyInputList": level} for level in levels]
    result = one(aws, ALLOW, OrderedOrganizationPolicyInputList=ordered)
    assert result["EvalDecision"] == decision
    assert result["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": decision == "allowed"}
    assert bool(result["MatchedStatements"]) is (decision == "allowed")


def bucket_policy(principal: str, *, effect: str = "Allow") -> str:
    return policy(
        {
            **statement(effect=effect),
            "Resource": "arn:aws:s3:::simulated/*",
            "Principal": {"AWS": principal},
        }
    )


ALICE = "arn:aws:iam::123456789012:user/alice"
HOME = "arn:aws:iam::123456789012:root"


@pytest.mark.parametrize("principal", [ALICE, HOME])
def test_a_resource_policy_of_the_same_account_stands_in_for_all_else(aws: LocalAws, principal: str) -> None:
    """Also where it only names the account: here the simulator is more generous than enforcement."""
    asked = {"CallerArn": ALICE, "ResourceArns": [A], "ResourcePolicy": bucket_policy(principal)}
    result = one(aws, **asked)
    assert (result["EvalDecision"], result["EvalDecisionDetails"]) == ("allowed", {})
    assert [each["SourcePolicyType"] for each in result["MatchedStatements"]] == ["Resource Policy"]
    bounded = one(aws, PermissionsBoundaryPolicyInputList=[OTHER], **asked)
    assert bounded["EvalDecision"] == "allowed"
    denied = one(aws, PermissionsBoundaryPolicyInputList=[DENY], **asked)
    assert denied["EvalDecision"] == "explicitDeny"


def test_across_accounts_every_side_must_allow_and_is_shown(aws: LocalAws) -> None:
    asked = {
        "CallerArn": ALICE,
        "ResourceArns": [A],
        "ResourcePolicy": bucket_policy(ALICE),
        "ResourceOwner": STRANGER,
    }
    result = one(aws, **asked)
    assert result["EvalDecision"] == "implicitDeny"
    assert result["EvalDecisionDetails"] == {"IAM Policy": "implicitDeny", "Resource Policy": "allowed"}
    result = one(aws, ALLOW, PermissionsBoundaryPolicyInputList=[DENY], **asked)
    assert result["EvalDecision"] == "explicitDeny"
    assert result["ResourceSpecificResults"][0]["EvalDecisionDetails"] == {
        "IAM Policy": "allowed",
        "Resource Policy": "allowed",
        "Permissions Boundary Policy": "explicitDeny",
    }


def test_a_resource_policy_denies_whoever_it_names(aws: LocalAws) -> None:
    asked = {"CallerArn": ALICE, "ResourceArns": [A], "ResourcePolicy": bucket_policy("*", effect="Deny")}
    assert one(aws, ALLOW, **asked)["EvalDecision"] == "explicitDeny"


# --- what is refused ---------------------------------------------------------------------------------------

_BESIDE = "Invalid Input Actions: [s3:GetObject] and [s3:MadeUp] require different authorization information."


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"actions": ("GetObject",)}, "The action is invalid since it is missing names"),
        ({"ResourceArns": ["not-an-arn"]}, "ResourceNames are not in a valid ARN format: not-an-arn."),
        ({"ResourceArns": ["arn:aws:s3"]}, "ResourceNames are not in a valid ARN format: arn:aws:s3."),
        (
            {"PermissionsBoundaryPolicyInputList": [ALLOW, ALLOW]},
            "The list of Permissions Boundary policies cannot exceed 1 items.",
        ),
        (
            {"ContextEntries": [given("stack:test", "a", "b")]},
            "Context key string expected a single value, but received 2.",
        ),
        (
            {"ContextEntries": [given("stack:test", "a"), given("STACK:TEST", "b")]},
            "Duplicate context key: STACK:TEST.",
        ),
        (
            {"ContextEntries": [{"ContextKeyName": "stack:key", "ContextKeyValues": ["a"]}]},
            "Context key stack:key has invalid type null.",
        ),
        (
            {"ContextEntries": [{"ContextKeyName": "stack:key", "ContextKeyType": "string"}]},
            "Context values for context key stack:key cannot be null or empty.",
        ),
        ({"Marker": "not-a-simulation-marker"}, "Invalid marker for pagination."),
        (
            {"ResourcePolicy": bucket_policy("*"), "ResourceArns": [A]},
            "Invalid caller - Caller cannot be null or empty.",
        ),
        (
            {"ResourcePolicy": bucket_policy("*"), "CallerArn": ALICE},
            "Invalid Entity Arn: * does not clearly define entity type and name.",
        ),
        (
            {"CallerArn": HOME},
            "Invalid caller - Caller must be an IAM user, role or group in this context.",
        ),
        ({"ResourceOwner": "123456789012"}, "'123456789012' is not a valid as a Resource Owner."),
        (
            {"OrderedOrganizationPolicyInputList": [{"ServiceControlPolicyInputList": []}]},
            "Organization policy at index 1 must contain at least one service control policy",
        ),
        (
            {"actions": ("s3:GetObject", "s3:MadeUp"), "ResourceArns": [A]},
            _BESIDE,
        ),
    ],
)
def test_input_is_refused_in_awss_words(aws: LocalAws, asked: dict[str, Any], text: str) -> None:
    assert refused(aws, **asked) == ("InvalidInput", text)


def test_resource_handling_decides_nothing_but_must_be_the_actions_own(aws: LocalAws) -> None:
    instance = ["arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0"]
    asked = {"actions": ("ec2:RunInstances",), "ResourceArns": instance}
    result = one(aws, ALLOW_ALL, ResourceHandlingOption="EC2-VPC-EBS", **asked)
    assert result["EvalDecision"] == "allowed"
    assert result == one(aws, ALLOW_ALL, **asked)
    unsupported = "Action does not support resource handling options: s3:GetObject."
    text = f"Invalid input resource handling options. {unsupported}"
    assert refused(aws, ResourceHandlingOption="EC2-VPC-EBS", ResourceArns=[A]) == ("InvalidInput", text)


def test_a_policy_that_is_none_is_named_by_its_place(aws: LocalAws) -> None:
    text = "Policy input list item 2 has invalid content"
    for bad in ("{", '{"Version":"2099-01-01","Statement":[]}'):
        assert refused(aws, ALLOW, bad) == ("InvalidInput", text)


def test_a_type_that_there_is_not_is_a_validation_error(aws: LocalAws) -> None:
    code, text = refused(aws, ContextEntries=[given("stack:key", "a", kind="unknown")])
    assert code == "ValidationError"
    assert "contextEntries.1.member.contextKeyType" in text


@pytest.mark.parametrize(
    "asked",
    [
        {
            "ResourceHandlingOption": "EC2-VPC-EBS",
            "actions": ("cloudwatch:TagResource",),
            "ResourceArns": ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:a"],
        },
        {
            "actions": ("sts:AssumeRole",),
            "ResourceArns": ["arn:aws:iam::123456789012:role/deploy"],
            "CallerArn": ALICE,
            "ResourcePolicy": bucket_policy("*"),
        },
    ],
)
def test_what_is_not_simulated_is_refused_by_name(aws: LocalAws, asked: dict[str, Any]) -> None:
    assert refused(aws, **asked)[0] == "SandboxUnsupported"


@settings(max_examples=60, deadline=None)
@hypothesis_given(
    action=st.text(max_size=12).map(lambda text: f"s3:{text}") | st.text(max_size=20),
    resource=st.text(max_size=12).map(lambda text: f"arn:aws:s3:::{text}") | st.text(max_size=20),
    document=st.sampled_from([ALLOW, DENY, ALLOW_ALL]) | st.text(max_size=30),
    key=st.text(max_size=12),
    value=st.text(max_size=12),
    kind=st.sampled_from(["string", "numericList", "date", "ip", "binary", "boolean"]),
)
def test_whatever_is_asked_is_answered_or_refused(
    aws: LocalAws, action: str, resource: str, document: str, key: str, value: str, kind: str
) -> None:
    asked = {
        "PolicyInputList": [document],
        "PermissionsBoundaryPolicyInputList": [ALLOW_ALL],
        "ActionNames": [action],
        "ResourceArns": [resource],
        "ContextEntries": [given(key, value, kind=kind)],
    }
    with suppress(AwsError):
        (result,) = simulate_custom(asked, aws.inner.directory)["EvaluationResults"]
        assert result["EvalDecision"] in {"allowed", "explicitDeny", "implicitDeny"}
        assert bool(result["MatchedStatements"]) is (result["EvalDecision"] != "implicitDeny")


@pytest.mark.parametrize(
    ("operation", "asked"),
    [
        ("generate_service_last_accessed_details", {"Arn": "arn:aws:iam::123456789012:user/carol"}),
        ("get_service_last_accessed_details", {"JobId": "0" * 36}),
        (
            "list_policies_granting_service_access",
            {"Arn": "arn:aws:iam::123456789012:user/carol", "ServiceNamespaces": ["s3"]},
        ),
    ],
)
def test_services_last_accessed_are_refused_by_name(
    aws: LocalAws, operation: str, asked: dict[str, Any]
) -> None:
    code, _, text = refusal(getattr(aws.client("iam"), operation), **asked)
    assert (code, text.startswith("watchword sandbox: ")) == ("SandboxUnsupported", True)


def test_results_come_in_pages_of_actions(aws: LocalAws) -> None:
    iam = aws.client("iam")
    asked = {"PolicyInputList": [ALLOW_ALL], "ActionNames": ["s3:PutObject", "iam:GetUser", "s3:GetObject"]}
    first = iam.simulate_custom_policy(MaxItems=1, **asked)
    assert ([each["EvalActionName"] for each in first["EvaluationResults"]], first["IsTruncated"]) == (
        ["s3:PutObject"],
        True,
    )
    rest = iam.simulate_custom_policy(MaxItems=2, Marker=first["Marker"], **asked)
    assert [each["EvalActionName"] for each in rest["EvaluationResults"]] == ["iam:GetUser", "s3:GetObject"]
    assert (rest["IsTruncated"], "Marker" in rest) == (False, False)
    pages = iam.get_paginator("simulate_custom_policy").paginate(PaginationConfig={"PageSize": 1}, **asked)
    assert [each["EvalActionName"] for page in pages for each in page["EvaluationResults"]] == asked[
        "ActionNames"
    ]


# --- stored policies ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def carol(aws: LocalAws) -> str:
    """A user with policies of every kind, own and by a group, and with a boundary."""
    iam = aws.client("iam")
    arn: str = iam.create_user(UserName="carol", Path="/team/")["User"]["Arn"]
    iam.put_user_policy(UserName="carol", PolicyName="Own", PolicyDocument=policy(statement()))
    iam.create_group(GroupName="readers")
    iam.put_group_policy(
        GroupName="readers", PolicyName="Lists", PolicyDocument=policy(statement("s3:ListBucket"))
    )
    shared = iam.create_policy(PolicyName="Shared", PolicyDocument=policy(statement("s3:DeleteObject")))
    managed = shared["Policy"]["Arn"]
    iam.attach_group_policy(GroupName="readers", PolicyArn=managed)
    iam.attach_user_policy(UserName="carol", PolicyArn=managed)
    iam.attach_user_policy(UserName="carol", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.add_user_to_group(GroupName="readers", UserName="carol")
    limit = iam.create_policy(PolicyName="Limit", PolicyDocument=policy(statement("s3:*")))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="carol", PermissionsBoundary=limit)
    return arn


def principal(aws: LocalAws, arn: str, *actions: str, **more: object) -> dict[str, dict[str, Any]]:
    answer = aws.client("iam").simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=list(actions), **more
    )
    return {each["EvalActionName"]: each for each in answer["EvaluationResults"]}


def sources(result: dict[str, Any]) -> set[str]:
    return {each["SourcePolicyId"] for each in result["MatchedStatements"]}


def test_stored_policies_are_called_by_their_names(aws: LocalAws, carol: str) -> None:
    found = principal(aws, carol, "s3:GetObject", "s3:ListBucket", "s3:DeleteObject", "iam:ListUsers")
    assert sources(found["s3:GetObject"]) == {"user_carol_Own", "ReadOnlyAccess"}
    assert sources(found["s3:ListBucket"]) == {"group_readers_Lists", "ReadOnlyAccess"}
    assert [each["SourcePolicyId"] for each in found["s3:DeleteObject"]["MatchedStatements"]] == ["Shared"]
    assert found["iam:ListUsers"]["EvalDecision"] == "implicitDeny"
    assert found["iam:ListUsers"]["PermissionsBoundaryDecisionDetail"] == {
        "AllowedByPermissionsBoundary": False
    }
    assert "OrganizationsDecisionDetail" not in found["s3:GetObject"]


def test_a_boundary_that_is_given_takes_the_place_of_the_users(aws: LocalAws, carol: str) -> None:
    found = principal(aws, carol, "s3:GetObject", PermissionsBoundaryPolicyInputList=[DENY])
    assert sources(found["s3:GetObject"]) == {"PermissionsBoundaryPolicyInputList.1"}
    found = principal(aws, carol, "iam:ListUsers", PermissionsBoundaryPolicyInputList=[ALLOW_ALL])
    assert found["iam:ListUsers"]["EvalDecision"] == "allowed"


def test_policies_can_be_added_and_left_out(aws: LocalAws, carol: str) -> None:
    added = principal(aws, carol, "s3:PutObject", PolicyInputList=[OTHER])
    assert sources(added["s3:PutObject"]) == {"PolicyInputList.1"}

    def without(*kinds: str) -> dict[str, dict[str, Any]]:
        excluded = [{"PolicyType": kind} for kind in kinds]
        return principal(aws, carol, "s3:GetObject", "s3:DeleteObject", PolicyExclusionList=excluded)

    assert sources(without("inline")["s3:GetObject"]) == {"ReadOnlyAccess"}
    assert sources(without("aws-managed")["s3:GetObject"]) == {"user_carol_Own"}
    assert without("user-managed")["s3:DeleteObject"]["EvalDecision"] == "implicitDeny"
    assert "PermissionsBoundaryDecisionDetail" not in without("permission-boundary")["s3:GetObject"]


def test_groups_and_roles_have_policies_too(aws: LocalAws, carol: str) -> None:
    readers = "arn:aws:iam::123456789012:group/readers"
    assert sources(principal(aws, readers, "s3:ListBucket")["s3:ListBucket"]) == {"group_readers_Lists"}
    iam = aws.client("iam")
    trust = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": HOME}})
    role = iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName="deploy", PolicyName="In", PolicyDocument=ALLOW)
    found = principal(aws, role, "s3:GetObject", "sts:AssumeRole")
    assert sources(found["s3:GetObject"]) == {"role_deploy_In"}
    assert found["sts:AssumeRole"]["EvalDecision"] == "implicitDeny"


@pytest.mark.parametrize(
    ("arn", "code", "text"),
    [
        (f"{HOME}", "InvalidInput", f"Invalid ARN provided in the request: {HOME}"),
        (
            "arn:aws:iam::123456789012:user/nobody",
            "NoSuchEntity",
            "Unable to retrieve specified IAM entity.",
        ),
    ],
)
def test_who_is_not_there_is_not_simulated(aws: LocalAws, arn: str, code: str, text: str) -> None:
    found = refusal(
        aws.client("iam").simulate_principal_policy, PolicySourceArn=arn, ActionNames=["s3:GetObject"]
    )
    assert (found[0], found[2]) == (code, text)


def test_a_wrong_path_does_not_reach_somebody_elses_policies(aws: LocalAws, carol: str) -> None:
    """Who may ask about `user/dev/*` learns nothing of a user elsewhere."""
    key = aws.user(
        "asker",
        policy({**statement("iam:SimulatePrincipalPolicy"), "Resource": "arn:aws:iam::*:user/dev/*"}),
    )
    iam = aws.client("iam", key)
    for arn, code in ((carol, "AccessDenied"), (carol.replace("/team/", "/dev/"), "SandboxUnsupported")):
        with pytest.raises(ClientError) as caught:
            iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["s3:GetObject"])
        assert caught.value.response["Error"]["Code"] == code


def test_simulating_needs_its_own_permission(aws: LocalAws) -> None:
    iam = aws.client("iam", aws.user("idle"))
    with pytest.raises(ClientError, match="not authorized to perform: iam:SimulateCustomPolicy"):
        iam.simulate_custom_policy(PolicyInputList=[ALLOW], ActionNames=["s3:GetObject"])


# --- context keys ------------------------------------------------------------------------------------------


def test_context_keys_are_those_of_variables_and_conditions(aws: LocalAws) -> None:
    """Source: the examples of the AWS CLI (get-context-keys-for-custom-policy)."""
    text = policy(
        {
            "Effect": "Allow",
            "Action": "dynamodb:*",
            "Resource": "arn:aws:dynamodb:us-west-2:123456789012:table/${aws:username}",
            "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2015-08-16T12:00:00Z"}},
        }
    )
    answer = aws.client("iam").get_context_keys_for_custom_policy(PolicyInputList=[text, text])
    assert answer["ContextKeyNames"] == ["aws:username", "aws:CurrentTime"] * 2


def test_context_keys_of_somebody_are_those_of_all_policies_and_the_boundary(aws: LocalAws) -> None:
    iam = aws.client("iam")
    home = {**statement("*"), "Resource": "arn:aws:s3:::home/${aws:username}"}
    dora = iam.create_user(UserName="dora")["User"]["Arn"]
    iam.put_user_policy(UserName="dora", PolicyName="Home", PolicyDocument=policy(home))
    limit = policy(statement("*", Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}))
    boundary = iam.create_policy(PolicyName="FromHere", PolicyDocument=limit)["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="dora", PermissionsBoundary=boundary)
    asked = {"PolicySourceArn": dora, "PolicyInputList": [with_mfa("Allow", "Bool", "true")]}
    assert iam.get_context_keys_for_principal_policy(**asked)["ContextKeyNames"] == [
        "aws:MultiFactorAuthPresent",
        "aws:username",
        "aws:SourceIp",
    ]


def test_a_text_that_is_no_policy_has_no_context_keys(aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="Policy input list item 1 has invalid content"):
        aws.client("iam").get_context_keys_for_custom_policy(PolicyInputList=["{"])
