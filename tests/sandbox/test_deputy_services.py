"""What was authorised is what is done, in Lambda, KMS, Athena, SNS, Systems Manager and DynamoDB."""

from __future__ import annotations

import base64
import io
import json
import time
import zipfile
from typing import Any

import pytest

from local_aws import Key, LocalAws
from refusal import refusal
from signed import call

DENIED = "AccessDeniedException"
UNSUPPORTED = "SandboxUnsupported"
TABLE: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "UserId", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "UserId", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def allow(*actions: str, resource: str = "*", condition: dict[str, Any] | None = None) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


def deny(*actions: str, resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Deny", "Action": actions, "Resource": resource}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def code() -> bytes:
    """Return a function's code, which never runs."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("main.py", "raise SystemExit")
    return kept.getvalue()


# --- Lambda -----------------------------------------------------------------------------------------


@pytest.fixture
def role(sandbox: LocalAws) -> str:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    made = sandbox.client("iam").create_role(RoleName="run", AssumeRolePolicyDocument=policy(trust))
    return str(made["Role"]["Arn"])


def function(role: str, name: str = "mine") -> dict[str, Any]:
    return {
        "FunctionName": name,
        "Role": role,
        "Runtime": "python3.12",
        "Handler": "main.run",
        "Code": {"ZipFile": code()},
    }


def test_a_function_needs_its_role_to_be_passed(sandbox: LocalAws, role: str) -> None:
    without = sandbox.client("lambda", sandbox.user("a", policy(allow("lambda:*"))))
    assert (
        f"perform: iam:PassRole on resource: {role} " in refusal(without.create_function, **function(role))[2]
    )
    to_ec2 = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    other = sandbox.client(
        "lambda", sandbox.user("b", policy(allow("lambda:*"), allow("iam:PassRole", condition=to_ec2)))
    )
    assert "iam:PassRole" in refusal(other.create_function, **function(role))[2]
    to_lambda = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    allowed = sandbox.client(
        "lambda", sandbox.user("c", policy(allow("lambda:*"), allow("iam:PassRole", condition=to_lambda)))
    )
    allowed.create_function(**function(role))
    assert allowed.get_function(FunctionName="mine")["Configuration"]["Role"] == role
    tagged = {**function(role, "tagged"), "Tags": {"team": "red"}}
    untagging = policy(allow("lambda:CreateFunction", "iam:PassRole"))
    text = refusal(sandbox.client("lambda", sandbox.user("d", untagging)).create_function, **tagged)[2]
    assert "perform: lambda:TagResource " in text


def test_no_code_is_ever_run(sandbox: LocalAws, role: str) -> None:
    client = sandbox.client("lambda")
    client.create_function(**function(role))
    asked = {"FunctionName": "mine"}
    for invoke in (client.invoke, client.invoke_with_response_stream):
        code_, _, text = refusal(invoke, **asked)
        assert (code_, "no code is run here" in text) == (UNSUPPORTED, True)
    assert refusal(client.create_function_url_config, AuthType="NONE", **asked)[0] == UNSUPPORTED
    source = f"arn:aws:sqs:us-east-1:{sandbox.account}:q"
    assert refusal(client.create_event_source_mapping, EventSourceArn=source, **asked)[0] == UNSUPPORTED


@pytest.mark.parametrize(
    "more",
    [
        {"Code": {"ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:b"}},
        {"Code": {"S3Bucket": "theirs", "S3Key": "code.zip", "S3ObjectVersion": "1"}},
        {"KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1"},
        {"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
    ],
)
def test_what_needs_other_services_is_refused_even_with_tags(
    sandbox: LocalAws, role: str, more: dict[str, Any]
) -> None:
    asked = {**function(role), "Tags": {"a": "b"}, **more}
    code_, _, text = refusal(sandbox.client("lambda").create_function, **asked)
    assert (code_, "cannot be authorised exactly: with " in text) == (UNSUPPORTED, True)


def test_code_in_a_bucket_is_read_as_whoever_asks(sandbox: LocalAws, role: str) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="code")
    s3.put_object(Bucket="code", Key="main.zip", Body=code())
    asked = {**function(role), "Code": {"S3Bucket": "code", "S3Key": "main.zip"}}
    making = allow("lambda:*", "iam:PassRole")
    without = sandbox.client("lambda", sandbox.user("a", policy(making)))
    code_, status, text = refusal(without.create_function, **asked)
    assert (code_, status) == (DENIED, 403)
    assert text.startswith(
        "Your access has been denied by S3, please make sure your request credentials have"
    )
    through = {"Bool": {"aws:ViaAWSService": "true"}}
    reading = allow("s3:GetObject", resource="arn:aws:s3:::code/*", condition=through)
    allowed = sandbox.client("lambda", sandbox.user("b", policy(making, reading)))
    missing = {**asked, "Code": {"S3Bucket": "code", "S3Key": "nothing.zip"}}
    assert refusal(allowed.create_function, **missing)[0] in (DENIED, "InvalidParameterValueException")
    allowed.create_function(**asked)
    client = sandbox.client("s3", sandbox.user("c", policy(making, reading)))
    assert refusal(client.get_object, Bucket="code", Key="main.zip")[0] == "AccessDenied"


def test_a_function_in_other_clothes_is_that_function(sandbox: LocalAws, role: str) -> None:
    sandbox.client("lambda").create_function(**function(role, "vault"))
    functions = f"arn:aws:lambda:us-east-1:{sandbox.account}:function:"
    mine = policy(allow("lambda:*"), deny("lambda:*", resource=f"{functions}vault"))
    client = sandbox.client("lambda", sandbox.user("reader", mine))
    for name in ("vault", f"{functions}vault"):
        for operation in (client.get_function, client.delete_function, client.get_policy):
            assert refusal(operation, FunctionName=name)[0] == DENIED
    for name in (
        "vault:1",
        f"{functions}vault:1",
        f"{sandbox.account}:function:vault",
        functions.replace("us-east-1", "eu-west-1") + "vault",
    ):
        assert refusal(client.get_function_configuration, FunctionName=name)[0] == UNSUPPORTED
        assert refusal(client.delete_function, FunctionName=name)[0] == UNSUPPORTED
    sandbox.client("lambda").get_function(FunctionName="vault")


def test_tags_go_to_the_function_of_the_arn_or_nowhere(sandbox: LocalAws, role: str) -> None:
    sandbox.client("lambda").create_function(**function(role, "vault"))
    here = f"arn:aws:lambda:us-east-1:{sandbox.account}:function:vault"
    client = sandbox.client(
        "lambda", sandbox.user("t", policy(allow("lambda:*"), deny("lambda:*", resource=here)))
    )
    assert refusal(client.tag_resource, Resource=here, Tags={"a": "b"})[0] == DENIED
    for arn in (
        here.replace("us-east-1", "eu-west-1"),
        here.replace(sandbox.account, "999999999999"),
        f"{here}:1",
        here.replace(":function:", ":event-source-mapping:x:function:"),
    ):
        assert refusal(client.tag_resource, Resource=arn, Tags={"a": "b"})[0] == UNSUPPORTED
        assert refusal(client.list_tags, Resource=arn)[0] == UNSUPPORTED
    assert sandbox.client("lambda").list_tags(Resource=here)["Tags"] == {}


def test_a_name_in_the_body_does_not_go_before_the_one_in_the_path(sandbox: LocalAws) -> None:
    layers = f"arn:aws:lambda:us-east-1:{sandbox.account}:layer:"
    key = sandbox.user("l", policy(allow("lambda:*", resource=f"{layers}mine*")))
    body = {"LayerName": "vault", "Content": {"ZipFile": base64.b64encode(code()).decode()}}
    path = "/2018-10-31/layers/mine/versions"
    headers = {"Content-Type": "application/json"}
    answer = call(sandbox, key, "lambda", "POST", path, headers=headers, body=json.dumps(body).encode())
    assert (answer.status, "no parameter `LayerName`" in answer.text) == (400, True)
    for query in ("?LayerName=vault", "?VersionNumber=1"):
        answer = call(sandbox, key, "lambda", "GET", f"{path}/1/policy{query}")
        assert (answer.status, "has no parameter" in answer.text) == (400, True)
    del body["LayerName"]
    made = call(sandbox, key, "lambda", "POST", path, headers=headers, body=json.dumps(body).encode())
    assert made.status == 201
    assert [each["LayerName"] for each in sandbox.client("lambda").list_layers()["Layers"]] == ["mine"]


def test_an_encoded_name_is_no_way_round(sandbox: LocalAws, role: str) -> None:
    sandbox.client("lambda").create_function(**function(role, "vault"))
    functions = f"arn:aws:lambda:us-east-1:{sandbox.account}:function:"
    mine = policy(allow("lambda:*"), deny("lambda:*", resource=f"{functions}vault"))
    key = sandbox.user("reader", mine)
    for name in ("%76ault", "vault%2F", "vault%3A%24LATEST", "x%2Fvault", "%2576ault"):
        answer = call(sandbox, key, "lambda", "GET", f"/2015-03-31/functions/{name}")
        assert answer.status in (400, 403, 404)
        assert "main.run" not in answer.text


# --- KMS --------------------------------------------------------------------------------------------


@pytest.fixture
def keys(sandbox: LocalAws) -> tuple[str, str]:
    """Return the ARNs of two keys."""
    kms = sandbox.client("kms")
    return kms.create_key()["KeyMetadata"]["Arn"], kms.create_key()["KeyMetadata"]["Arn"]


def test_a_ciphertext_says_which_key_must_be_allowed(sandbox: LocalAws, keys: tuple[str, str]) -> None:
    mine, theirs = keys
    root = sandbox.client("kms")
    client = sandbox.client("kms", sandbox.user("a", policy(allow("kms:*", resource=mine))))
    secret = root.encrypt(KeyId=theirs, Plaintext=b"secret")["CiphertextBlob"]
    own = client.encrypt(KeyId=mine, Plaintext=b"own")["CiphertextBlob"]
    assert client.decrypt(CiphertextBlob=own)["Plaintext"] == b"own"
    assert refusal(client.decrypt, CiphertextBlob=secret)[0] == DENIED
    assert refusal(client.decrypt, CiphertextBlob=secret, KeyId=mine)[0] == DENIED
    assert refusal(client.decrypt, CiphertextBlob=b"nothing")[0] == UNSUPPORTED
    assert refusal(client.re_encrypt, CiphertextBlob=secret, DestinationKeyId=mine)[0] == DENIED
    assert refusal(client.re_encrypt, CiphertextBlob=own, DestinationKeyId=theirs)[0] == DENIED
    again = {"CiphertextBlob": own, "SourceKeyId": mine, "DestinationKeyId": mine}
    assert refusal(client.re_encrypt, **again)[0] == UNSUPPORTED
    moved = client.re_encrypt(CiphertextBlob=own, DestinationKeyId=mine)["CiphertextBlob"]
    assert client.decrypt(CiphertextBlob=moved)["Plaintext"] == b"own"


def test_an_alias_is_moved_only_between_keys_that_are_allowed(
    sandbox: LocalAws, keys: tuple[str, str]
) -> None:
    mine, theirs = keys
    sandbox.client("kms").create_alias(AliasName="alias/shared", TargetKeyId=theirs)
    aliases = f"arn:aws:kms:us-east-1:{sandbox.account}:alias/*"
    some = policy(allow("kms:UpdateAlias", resource=aliases), allow("kms:*", resource=mine))
    client = sandbox.client("kms", sandbox.user("a", some))
    text = refusal(client.update_alias, AliasName="alias/shared", TargetKeyId=mine)[2]
    assert f"kms:UpdateAlias on resource: {theirs} " in text
    sandbox.client("kms").update_alias(AliasName="alias/shared", TargetKeyId=mine)


def test_the_encryption_context_and_the_key_are_in_the_conditions(
    sandbox: LocalAws, keys: tuple[str, str]
) -> None:
    mine, _ = keys
    red = {"StringEquals": {"kms:EncryptionContext:team": "red", "kms:KeySpec": "SYMMETRIC_DEFAULT"}}
    only = {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["team"]}}
    client = sandbox.client("kms", sandbox.user("a", policy(allow("kms:Encrypt", condition={**red, **only}))))
    asked = {"KeyId": mine, "Plaintext": b"x"}
    client.encrypt(EncryptionContext={"team": "red"}, **asked)
    for context in ({}, {"team": "blue"}, {"team": "red", "more": "x"}):
        assert refusal(client.encrypt, EncryptionContext=context, **asked)[0] == DENIED


def test_what_is_about_no_single_key_is_answered(sandbox: LocalAws, keys: tuple[str, str]) -> None:
    client = sandbox.client("kms", sandbox.user("a", policy(allow("kms:List*", "kms:GenerateRandom"))))
    assert {each["KeyArn"] for each in client.list_keys()["Keys"]} >= set(keys)
    assert client.list_aliases(KeyId=keys[0])["Aliases"] == []
    assert client.generate_random(NumberOfBytes=8)["Plaintext"]


# --- logs -------------------------------------------------------------------------------------------


def test_an_identifier_names_one_log_group_or_none(sandbox: LocalAws) -> None:
    root = sandbox.client("logs")
    groups = f"arn:aws:logs:us-east-1:{sandbox.account}:log-group:"
    for name in ("mine", "vault"):  # moto took the last one for any
        root.create_log_group(logGroupName=name)
        root.create_log_stream(logGroupName=name, logStreamName="s")
        event = {"timestamp": int(time.time() * 1000), "message": name}
        root.put_log_events(logGroupName=name, logStreamName="s", logEvents=[event])
    key = sandbox.user("a", policy(allow("logs:*"), deny("logs:*", resource=f"{groups}vault:*")))
    logs = sandbox.client("logs", key)
    for named in ("mine", f"{groups}mine", f"{groups}mine:*"):
        found = logs.get_log_events(logGroupIdentifier=named, logStreamName="s")["events"]
        assert [each["message"] for each in found] == ["mine"]
        streams = logs.describe_log_streams(logGroupIdentifier=named)["logStreams"]
        assert [each["arn"] for each in streams] == [f"{groups}mine:log-stream:s"]
    for named in ("nothing", f"{groups}nothing"):
        code, _, _ = refusal(logs.get_log_events, logGroupIdentifier=named, logStreamName="s")
        assert code == "ResourceNotFoundException"
    for named in ("vault", f"{groups}vault", f"{groups}vault:*"):
        code, _, _ = refusal(logs.get_log_events, logGroupIdentifier=named, logStreamName="s")
        assert code == DENIED


# --- Athena, SNS, SSM -------------------------------------------------------------------------------


def test_a_query_belongs_to_its_workgroup(sandbox: LocalAws) -> None:
    athena = sandbox.client("athena")
    athena.create_work_group(Name="secret")
    named = athena.create_named_query(Name="q", Database="d", QueryString="SELECT 1", WorkGroup="secret")
    groups = f"arn:aws:athena:us-east-1:{sandbox.account}:workgroup/"
    mine = policy(allow("athena:*", resource=f"{groups}primary"))
    client = sandbox.client("athena", sandbox.user("a", mine))
    code_, _, text = refusal(client.get_named_query, NamedQueryId=named["NamedQueryId"])
    assert (code_, f"on resource: {groups}secret " in text) == (DENIED, True)
    assert refusal(client.get_named_query, NamedQueryId="nothing")[0] == UNSUPPORTED
    own = client.create_named_query(Name="q", Database="d", QueryString="SELECT 1")["NamedQueryId"]
    assert client.get_named_query(NamedQueryId=own)["NamedQuery"]["Name"] == "q"


def test_a_subscription_belongs_to_its_topic(sandbox: LocalAws) -> None:
    sns = sandbox.client("sns")
    topics = [sns.create_topic(Name=name)["TopicArn"] for name in ("mine", "theirs")]
    subscription = sns.subscribe(TopicArn=topics[1], Protocol="email", Endpoint="a@example.com")
    arn = sns.list_subscriptions_by_topic(TopicArn=topics[1])["Subscriptions"][0]["SubscriptionArn"]
    assert subscription
    client = sandbox.client("sns", sandbox.user("a", policy(allow("sns:*", resource=topics[0]))))
    assert refusal(client.unsubscribe, SubscriptionArn=arn)[0] == "AuthorizationError"
    assert refusal(client.get_subscription_attributes, SubscriptionArn=arn)[0] == "AuthorizationError"
    twisted = f"{topics[0]}:{arn.rpartition(':')[2]}:x"
    assert refusal(client.unsubscribe, SubscriptionArn=twisted)[0] == UNSUPPORTED
    assert len(sns.list_subscriptions_by_topic(TopicArn=topics[1])["Subscriptions"]) == 1


def test_a_hierarchy_of_parameters_is_decided_as_it_is_read(sandbox: LocalAws) -> None:
    ssm = sandbox.client("ssm")
    for name in ("/app/a", "/app/b/c", "/other"):
        ssm.put_parameter(Name=name, Value="x", Type="String")
    parameters = f"arn:aws:ssm:us-east-1:{sandbox.account}:parameter/"
    shallow = policy(
        allow("ssm:GetParametersByPath", resource=f"{parameters}app*"),
        {**deny("ssm:GetParametersByPath"), "Condition": {"StringEquals": {"ssm:Recursive": "true"}}},
    )
    client = sandbox.client("ssm", sandbox.user("a", shallow))
    for path in ("/app", "/app/"):
        names = [each["Name"] for each in client.get_parameters_by_path(Path=path)["Parameters"]]
        assert names == ["/app/a"]
    assert refusal(client.get_parameters_by_path, Path="/app", Recursive=True)[0] == DENIED
    assert f"on resource: {parameters} " in refusal(client.get_parameters_by_path, Path="/")[2]


def test_a_secret_without_an_ending_is_allowed_only_where_that_does_not_matter(sandbox: LocalAws) -> None:
    secrets = f"arn:aws:secretsmanager:us-east-1:{sandbox.account}:secret:"
    texts = {
        "prefix": policy(allow("secretsmanager:CreateSecret", resource=f"{secrets}app/*")),
        "ending": policy(allow("secretsmanager:CreateSecret", resource=f"{secrets}app/db-??????")),
    }
    clients = {
        name: sandbox.client("secretsmanager", sandbox.user(name, text)) for name, text in texts.items()
    }
    asked = {"Name": "app/db", "SecretString": "x"}
    assert refusal(clients["ending"].create_secret, **asked)[0] == UNSUPPORTED
    assert clients["prefix"].create_secret(**asked)["Name"] == "app/db"
    code_, _, text = refusal(clients["prefix"].create_secret, Name="other", SecretString="x")
    assert (code_, "on resource: other because" in text) == (DENIED, True)


# --- DynamoDB ---------------------------------------------------------------------------------------


@pytest.fixture
def player(sandbox: LocalAws) -> Key:
    """A table with two players' items, and a user who may use those of one of them."""
    root = sandbox.client("dynamodb")
    root.create_table(TableName="scores", **TABLE)
    for name in ("ann", "bob"):
        root.put_item(TableName="scores", Item={"UserId": {"S": name}, "Wins": {"N": "1"}})
    own = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["ann"]}}
    actions = ("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
    return sandbox.user("ann", policy(allow(*(f"dynamodb:{name}" for name in actions), condition=own)))


def test_items_are_decided_by_their_partition_key(sandbox: LocalAws, player: Key) -> None:
    client = sandbox.client("dynamodb", player)
    table = {"TableName": "scores"}
    mine, theirs = {"UserId": {"S": "ann"}}, {"UserId": {"S": "bob"}}
    assert client.get_item(Key=mine, **table)["Item"]["UserId"]["S"] == "ann"
    query = {"KeyConditionExpression": "#u = :u", "ExpressionAttributeNames": {"#u": "UserId"}, **table}
    assert client.query(ExpressionAttributeValues={":u": {"S": "ann"}}, **query)["Count"] == 1
    assert refusal(client.query, ExpressionAttributeValues={":u": {"S": "bob"}}, **query)[0] == DENIED
    both = {"RequestItems": {"scores": {"Keys": [mine, theirs]}}}
    writes = {
        "RequestItems": {"scores": [{"PutRequest": {"Item": mine}}, {"DeleteRequest": {"Key": theirs}}]}
    }
    moving = {"TransactItems": [{"Put": {"Item": mine, **table}}, {"Delete": {"Key": theirs, **table}}]}
    for operation, asked in (
        (client.get_item, {"Key": theirs, **table}),
        (client.delete_item, {"Key": theirs, **table}),
        (client.put_item, {"Item": theirs, **table}),
        (client.batch_get_item, both),
        (client.batch_write_item, writes),
        (client.transact_write_items, moving),
    ):
        assert refusal(operation, **asked)[0] == DENIED
    assert len(sandbox.client("dynamodb").scan(**table)["Items"]) == 2


def test_attributes_are_those_that_a_request_names(sandbox: LocalAws, player: Key) -> None:
    assert player
    shown = {
        "ForAllValues:StringEquals": {"dynamodb:Attributes": ["UserId", "Wins"]},
        "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
    }
    client = sandbox.client(
        "dynamodb", sandbox.user("viewer", policy(allow("dynamodb:GetItem", condition=shown)))
    )
    asked = {"TableName": "scores", "Key": {"UserId": {"S": "ann"}}}
    client.get_item(ProjectionExpression="Wins", **asked)
    assert refusal(client.get_item, **asked)[0] == DENIED
    assert refusal(client.get_item, ProjectionExpression="Wins, Losses", **asked)[0] == DENIED
    hidden = {"ProjectionExpression": "#x.Wins", "ExpressionAttributeNames": {"#x": "Secret"}}
    assert refusal(client.get_item, **hidden, **asked)[0] == DENIED


def test_a_transaction_can_be_told_from_single_calls(sandbox: LocalAws, player: Key) -> None:
    assert player
    only = {"ForAnyValue:StringEquals": {"dynamodb:EnclosingOperation": ["TransactWriteItems"]}}
    client = sandbox.client(
        "dynamodb", sandbox.user("mover", policy(allow("dynamodb:PutItem", condition=only)))
    )
    put = {"TableName": "scores", "Item": {"UserId": {"S": "eve"}}}
    assert refusal(client.put_item, **put)[0] == DENIED
    client.transact_write_items(TransactItems=[{"Put": put}])
    check = {"TableName": "scores", "Key": {"UserId": {"S": "ann"}}, "ConditionExpression": "Wins > :w"}
    checked = {"ConditionCheck": {**check, "ExpressionAttributeValues": {":w": {"N": "0"}}}}
    text = refusal(client.transact_write_items, TransactItems=[{"Put": put}, checked])[2]
    assert "dynamodb:ConditionCheckItem" in text
