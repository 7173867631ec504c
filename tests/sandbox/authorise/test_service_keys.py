"""Condition keys that no one parameter carries: items and attributes of DynamoDB, keys of KMS, and more."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.authorise.small_account import ACCOUNT, SmallAccount, needed, operation, questions
from watchword.iam.context import UNKNOWN, ContextValue
from watchword.sandbox.authorise.bindings import bindings_of, bound_services
from watchword.sandbox.authorise.dynamodb_keys import dynamodb_keys
from watchword.sandbox.authorise.kms_keys import kms_keys
from watchword.sandbox.wire.error import SandboxRefusal

TABLE = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
HOME = f"eu-west-1:{ACCOUNT}"


def of_items(
    name: str, params: dict[str, Any], *, action: str | None = None, resource: str = TABLE
) -> dict[str, ContextValue]:
    return dynamodb_keys(
        operation("dynamodb", name, params), f"dynamodb:{action or name}", resource, SmallAccount()
    )


@pytest.mark.parametrize(
    ("expression", "names", "found"),
    [
        ("a, b.c, d[0].e", {}, ("a", "b", "d")),
        ("#a.b = :v AND size(c) > :w", {"#a": "A"}, ("A", "c")),
        ("SET x = if_not_exists(y, :z), #q = :v REMOVE w", {"#q": "quit"}, ("x", "y", "quit", "w")),
        ("attribute_exists(a) and not contains(b, :v)", {}, ("a", "b")),
        ("a BETWEEN :x AND :y OR b IN (:z)", {}, ("a", "b")),
        ("add n :one", {}, ("n",)),
    ],
)
def test_an_expression_names_attributes_of_the_top_level(
    expression: str, names: dict[str, str], found: tuple[str, ...]
) -> None:
    params = {"UpdateExpression": expression, "ExpressionAttributeNames": names}
    assert of_items("UpdateItem", params)["dynamodb:Attributes"] == found


@pytest.mark.parametrize(
    ("name", "params", "keys"),
    [
        ("GetItem", {"Key": {"UserId": {"S": "a"}}}, ("a",)),
        ("PutItem", {"Item": {"UserId": {"N": "-12"}, "x": {"S": "y"}}}, ("-12",)),
        ("PutItem", {"Item": {"UserId": {"N": "1.0"}}}, UNKNOWN),
        ("PutItem", {"Item": {"UserId": {"B": b"a"}}}, UNKNOWN),
        ("PutItem", {"Item": {}}, UNKNOWN),
        (
            "Query",
            {"KeyConditionExpression": "UserId=:u", "ExpressionAttributeValues": {":u": {"S": "a"}}},
            ("a",),
        ),
        (
            "Query",
            {"KeyConditionExpression": "Other=:u", "ExpressionAttributeValues": {":u": {"S": "a"}}},
            UNKNOWN,
        ),
        ("Query", {"KeyConditions": {"UserId": {"AttributeValueList": [{"S": "a"}]}}}, ("a",)),
        (
            "BatchGetItem",
            {"RequestItems": {"t": {"Keys": [{"UserId": {"S": "a"}}, {"UserId": {"S": "b"}}]}}},
            ("a", "b"),
        ),
        (
            "BatchWriteItem",
            {"RequestItems": {TABLE: [{"DeleteRequest": {"Key": {"UserId": {"S": "a"}}}}], "other": []}},
            ("a",),
        ),
    ],
)
def test_the_partition_keys_of_a_request(name: str, params: dict[str, Any], keys: ContextValue) -> None:
    assert of_items(name, params)["dynamodb:LeadingKeys"] == keys


def test_a_scan_has_no_leading_keys_and_a_global_index_has_unknown_ones() -> None:
    assert "dynamodb:LeadingKeys" not in of_items("Scan", {"TableName": "t"})
    asked = {"KeyConditionExpression": "UserId=:u", "ExpressionAttributeValues": {":u": {"S": "a"}}}
    assert of_items("Query", asked, resource=f"{TABLE}/index/global")["dynamodb:LeadingKeys"] is UNKNOWN


@pytest.mark.parametrize(
    ("name", "params", "selected"),
    [
        ("Query", {"Select": "COUNT"}, "COUNT"),
        ("Scan", {"ProjectionExpression": "a"}, "SPECIFIC_ATTRIBUTES"),
        ("GetItem", {"AttributesToGet": ["a"]}, "SPECIFIC_ATTRIBUTES"),
        ("GetItem", {}, "ALL_ATTRIBUTES"),
    ],
)
def test_what_is_selected(name: str, params: dict[str, Any], selected: str) -> None:
    assert of_items(name, params)["dynamodb:Select"] == selected


def test_a_part_of_a_transaction_is_decided_by_itself() -> None:
    items = [
        {"Put": {"TableName": "t", "Item": {"UserId": {"S": "a"}}}},
        {"Put": {"TableName": "other", "Item": {"UserId": {"S": "b"}}}},
        {"Delete": {"TableName": "t", "Key": {"UserId": {"S": "c"}}}},
    ]
    context = of_items("TransactWriteItems", {"TransactItems": items}, action="PutItem")
    assert context["dynamodb:LeadingKeys"] == ("a",)
    assert context["dynamodb:EnclosingOperation"] == "TransactWriteItems"


def of_key(name: str, params: dict[str, Any], action: str, resource: str = KEY) -> dict[str, ContextValue]:
    call = operation("kms", name, params)
    return kms_keys(call, action, resource, caller_account=ACCOUNT, lookup=SmallAccount())


def test_a_key_is_in_the_conditions() -> None:
    context = of_key("Encrypt", {"KeyId": "alias/one", "EncryptionContext": {"a": "b"}}, "kms:Encrypt")
    assert context == {
        "kms:CallerAccount": ACCOUNT,
        "kms:EncryptionContext:a": "b",
        "kms:EncryptionContextKeys": ("a",),
        "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "kms:KeySpec": "SYMMETRIC_DEFAULT",
        "kms:KeyUsage": "ENCRYPT_DECRYPT",
        "kms:KeyOrigin": "AWS_KMS",
        "kms:MultiRegion": "false",
        "kms:ResourceAliases": ("alias/one",),
        "kms:RequestAlias": "alias/one",
    }


def test_a_key_that_is_not_known_has_unknown_conditions() -> None:
    context = of_key("CreateAlias", {}, "kms:CreateAlias", f"arn:aws:kms:{HOME}:alias/new")
    assert context["kms:KeySpec"] is UNKNOWN
    assert "kms:KeySpec" not in of_key("ListKeys", {}, "kms:ListKeys", "*")


def test_the_two_sides_of_a_re_encryption_have_their_own_context() -> None:
    params = {
        "CiphertextBlob": b"made with 1",
        "SourceEncryptionContext": {"from": "x"},
        "DestinationEncryptionContext": {"to": "y"},
        "DestinationKeyId": "1",
    }
    source = of_key("ReEncrypt", params, "kms:ReEncryptFrom")
    assert source["kms:EncryptionContextKeys"] == ("from",)
    assert source["kms:ReEncryptOnSameKey"] == "true"
    assert of_key("ReEncrypt", params, "kms:ReEncryptTo")["kms:EncryptionContextKeys"] == ("to",)


@pytest.mark.parametrize(
    ("service", "name", "params", "expected"),
    [
        ("kms", "Decrypt", {"CiphertextBlob": b"made with 1"}, [("kms:Decrypt", KEY)]),
        (
            "kms",
            "ReEncrypt",
            {"CiphertextBlob": b"made with 1", "DestinationKeyId": "alias/one"},
            [("kms:ReEncryptFrom", KEY), ("kms:ReEncryptTo", KEY)],
        ),
        (
            "s3",
            "DeleteObjects",
            {"Bucket": "b", "Delete": {"Objects": [{"Key": "1"}, {"Key": "2", "VersionId": "v"}]}},
            [("s3:DeleteObject", "arn:aws:s3:::b/1"), ("s3:DeleteObjectVersion", "arn:aws:s3:::b/2")],
        ),
        (
            "s3",
            "PutObjectRetention",
            {"Bucket": "b", "Key": "k", "BypassGovernanceRetention": True},
            [
                ("s3:BypassGovernanceRetention", "arn:aws:s3:::b/k"),
                ("s3:PutObjectRetention", "arn:aws:s3:::b/k"),
            ],
        ),
        (
            "s3",
            "DeleteBucketInventoryConfiguration",
            {"Bucket": "b", "Id": "i"},
            [("s3:PutInventoryConfiguration", "arn:aws:s3:::b")],
        ),
        (
            "lambda",
            "Invoke",
            {"FunctionName": "f", "Qualifier": "live"},
            [("lambda:InvokeFunction", f"arn:aws:lambda:{HOME}:function:f:live")],
        ),
        (
            "dynamodb",
            "TransactWriteItems",
            {"TransactItems": [{"Put": {"TableName": "t"}}, {"ConditionCheck": {"TableName": "u"}}]},
            [
                ("dynamodb:ConditionCheckItem", f"arn:aws:dynamodb:{HOME}:table/u"),
                ("dynamodb:PutItem", TABLE),
            ],
        ),
        (
            "ssm",
            "StartSession",
            {"Target": "mi-0123456789abcdef0", "DocumentName": "AWS-StartSSHSession"},
            [
                ("ssm:StartSession", f"arn:aws:ssm:{HOME}:managed-instance/mi-0123456789abcdef0"),
                ("ssm:StartSession", "arn:aws:ssm:eu-west-1::document/AWS-StartSSHSession"),
            ],
        ),
        (
            "ssm",
            "AddTagsToResource",
            {"ResourceType": "Document", "ResourceId": "mine"},
            [("ssm:AddTagsToResource", f"arn:aws:ssm:{HOME}:document/mine")],
        ),
        (
            "ssm",
            "GetParametersByPath",
            {"Path": "/"},
            [("ssm:GetParametersByPath", f"arn:aws:ssm:{HOME}:parameter/")],
        ),
        (
            "athena",
            "ListNamedQueries",
            {},
            [("athena:ListNamedQueries", f"arn:aws:athena:{HOME}:workgroup/primary")],
        ),
        (
            "athena",
            "GetNamedQuery",
            {"NamedQueryId": "n"},
            [("athena:GetNamedQuery", f"arn:aws:athena:{HOME}:workgroup/team")],
        ),
        (
            "iam",
            "CreateServiceLinkedRole",
            {"AWSServiceName": "this.amazonaws.com"},
            [
                (
                    "iam:CreateServiceLinkedRole",
                    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/this.amazonaws.com/AWSServiceRoleForThis",
                )
            ],
        ),
        (
            "sns",
            "Unsubscribe",
            {"SubscriptionArn": f"arn:aws:sns:{HOME}:t:1-2"},
            [("sns:Unsubscribe", f"arn:aws:sns:{HOME}:t")],
        ),
        ("sns", "Publish", {"PhoneNumber": "+15550100"}, [("sns:Publish", "*")]),
    ],
)
def test_a_call_is_this(
    service: str, name: str, params: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert sorted(needed(service, name, params)) == sorted(expected)


@pytest.mark.parametrize(
    ("service", "name", "params"),
    [
        ("kms", "Decrypt", {"CiphertextBlob": b"made elsewhere"}),
        ("kms", "ReEncrypt", {"CiphertextBlob": b"made with 1", "SourceKeyId": "1", "DestinationKeyId": "1"}),
        ("lambda", "CreateFunction", {"FunctionName": "f", "Code": {"ImageUri": "i"}, "Tags": {"a": "b"}}),
        ("lambda", "Invoke", {"FunctionName": "f:live"}),
        ("sns", "Publish", {"TopicArn": f"arn:aws:sns:{HOME}:t", "PhoneNumber": "+15550100"}),
        ("sns", "Unsubscribe", {"SubscriptionArn": "arn:aws:sns:us-east-1:999999999999:t:1"}),
        (
            "ssm",
            "SendCommand",
            {"DocumentName": "AWS-RunShellScript", "InstanceIds": ["i-12345678"], "Targets": [1]},
        ),
        ("ssm", "StartSession", {"Target": "i-1"}),
        ("ssm", "AddTagsToResource", {"ResourceType": "Unheard", "ResourceId": "x"}),
        ("athena", "GetQueryExecution", {"QueryExecutionId": "none"}),
        ("athena", "TerminateSession", {"SessionId": "s"}),
        ("secretsmanager", "CreateSecret", {"Name": "a*"}),
        ("iam", "CreateServiceLinkedRole", {"AWSServiceName": "unheard"}),
        ("dynamodb", "ExecuteStatement", {"Statement": 'SELECT * FROM "t"'}),
    ],
)
def test_a_call_that_cannot_be_told_is_refused(service: str, name: str, params: dict[str, Any]) -> None:
    with pytest.raises(SandboxRefusal, match=f"{service}:{name}"):
        needed(service, name, params)


def test_a_secret_that_is_made_may_have_either_arn() -> None:
    (question,) = questions("secretsmanager", "CreateSecret", {"Name": "app/db"})
    assert question.resource == f"arn:aws:secretsmanager:{HOME}:secret:app/db"
    assert question.or_resource == f"{question.resource}-??????"
    assert question.shown == "app/db"


def test_a_session_without_a_document_asks_for_the_default_one_only_if_it_must() -> None:
    (question,) = questions("ssm", "StartSession", {"Target": "i-12345678"})
    assert question.context == {"ssm:SessionDocumentAccessCheck": "false"}
    assert [each.resource.rpartition(":")[2] for each in question.instead] == [
        "instance/i-12345678",
        "document/SSM-SessionManagerRunShell",
    ]


@pytest.mark.parametrize("service", bound_services())
def test_no_operation_loses_its_own_question_to_a_parameter(service: str) -> None:
    """Where `unless` takes a question away, another one asks instead, or the operation is not decided."""
    table = bindings_of(service)
    assert table is not None
    for name, bindings in table.operations.items():
        main = [binding for binding in bindings if not binding.context]
        for path in {path for binding in main for path in binding.unless}:
            left = [binding for binding in main if path not in binding.unless]
            assert not left or any(path in each.when or not (each.when or each.unless) for each in left), name
