"""Tags as context: those of the resource, of the request, and of the principal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local_aws import Key, LocalAws
from refusal import refusal
from sandbox.policy_texts import ACCOUNT, allow, deny, policy, sandbox_in

MINE = {"team": "ops"}
PAIRS = [{"Key": "team", "Value": "ops"}]
REFUSED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError")

# A resource that is tagged when it is made, and a call on it; by service.
Case = tuple[str, str, Callable[[Any, str, bool], str], Callable[[Any, str], object]]


def _queue(sqs: Any, name: str, tagged: bool) -> str:  # noqa: ANN401 - boto3
    return str(sqs.create_queue(QueueName=name, tags=MINE if tagged else {})["QueueUrl"])


def _topic(sns: Any, name: str, tagged: bool) -> str:  # noqa: ANN401 - boto3
    return str(sns.create_topic(Name=name, Tags=PAIRS if tagged else [])["TopicArn"])


def _table(dynamodb: Any, name: str, tagged: bool) -> str:  # noqa: ANN401 - boto3
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        **({"Tags": PAIRS} if tagged else {}),
    )
    return name


def _secret(manager: Any, name: str, tagged: bool) -> str:  # noqa: ANN401 - boto3
    return str(manager.create_secret(Name=name, SecretString="x", Tags=PAIRS if tagged else [])["ARN"])


def _parameter(ssm: Any, name: str, tagged: bool) -> str:  # noqa: ANN401 - boto3
    ssm.put_parameter(Name=name, Value="x", Type="String", **({"Tags": PAIRS} if tagged else {}))
    return name


def _key(kms: Any, name: str, tagged: bool) -> str:  # noqa: ANN401 - boto3
    key = kms.create_key(Description=name)["KeyMetadata"]["Arn"]
    if tagged:
        kms.tag_resource(KeyId=key, Tags=[{"TagKey": "team", "TagValue": "ops"}])
    return str(key)


def _vpc(ec2: Any, name: str, tagged: bool) -> str:  # noqa: ANN401 - boto3
    del name
    specifications = [{"ResourceType": "vpc", "Tags": PAIRS}] if tagged else []
    return str(ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=specifications)["Vpc"]["VpcId"])


def _group(logs: Any, name: str, tagged: bool) -> str:  # noqa: ANN401 - boto3
    logs.create_log_group(logGroupName=name, tags=MINE if tagged else {})
    return name


def _target_group(elbv2: Any, name: str, tagged: bool) -> str:  # noqa: ANN401 - boto3
    more = {"Tags": PAIRS} if tagged else {}
    made = elbv2.create_target_group(Name=name, TargetType="lambda", **more)
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def _database(rds: Any, name: str, tagged: bool) -> str:  # noqa: ANN401 - boto3
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        Engine="mysql",
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=20,
        MasterUsername="someone",
        MasterUserPassword="not-a-secret",
        Tags=PAIRS if tagged else [],
    )
    return name


CASES: list[Case] = [
    (
        "elbv2",
        "elasticloadbalancing:ResourceTag/team",
        _target_group,
        lambda elbv2, arn: elbv2.modify_target_group(TargetGroupArn=arn, HealthCheckIntervalSeconds=60),
    ),
    (
        "rds",
        "rds:db-tag/team",
        _database,
        lambda rds, name: rds.reboot_db_instance(DBInstanceIdentifier=name),
    ),
    ("sqs", "aws:ResourceTag/team", _queue, lambda sqs, url: sqs.purge_queue(QueueUrl=url)),
    ("sns", "aws:ResourceTag/team", _topic, lambda sns, arn: sns.get_topic_attributes(TopicArn=arn)),
    ("dynamodb", "aws:ResourceTag/team", _table, lambda db, name: db.describe_table(TableName=name)),
    (
        "secretsmanager",
        "secretsmanager:ResourceTag/team",
        _secret,
        lambda manager, arn: manager.get_secret_value(SecretId=arn),
    ),
    ("ssm", "ssm:resourceTag/team", _parameter, lambda ssm, name: ssm.get_parameter(Name=name)),
    ("kms", "aws:ResourceTag/team", _key, lambda kms, arn: kms.describe_key(KeyId=arn)),
    ("ec2", "ec2:ResourceTag/team", _vpc, lambda ec2, vpc: ec2.delete_vpc(VpcId=vpc)),
    (
        "logs",
        "aws:ResourceTag/team",
        _group,
        lambda logs, name: logs.put_retention_policy(logGroupName=name, retentionInDays=7),
    ),
]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with sandbox_in(tmp_path_factory.mktemp("tags")) as running:
        yield running


@pytest.mark.parametrize(("service", "key", "make", "use"), CASES, ids=[case[0] for case in CASES])
def test_a_resource_s_tag_decides(
    account: LocalAws,
    service: str,
    key: str,
    make: Callable[[Any, str, bool], str],
    use: Callable[[Any, str], object],
) -> None:
    root = account.client(service)
    tagged, untagged = make(root, "tagged", True), make(root, "untagged", False)
    prefix = {"elbv2": "elasticloadbalancing"}.get(service, service)
    statement = allow(f"{prefix}:*", Condition={"StringEquals": {key: "ops"}})
    text = policy(statement, allow("kms:Decrypt")) if service == "secretsmanager" else policy(statement)
    client = account.client(service, account.user(f"tags-{service}", text))
    assert _is_refused(use, client, untagged)
    use(client, tagged)


def _is_refused(use: Callable[[Any, str], object], client: Any, resource: str) -> bool:  # noqa: ANN401 - boto3
    try:
        use(client, resource)
    except client.exceptions.ClientError as error:
        return error.response["Error"]["Code"] in REFUSED
    return False


# --- objects --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bucket(account: LocalAws) -> str:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="labelled")
    s3.put_bucket_versioning(Bucket="labelled", VersioningConfiguration={"Status": "Enabled"})
    return "labelled"


def test_an_object_s_tag_decides_version_by_version(account: LocalAws, bucket: str) -> None:
    s3 = account.client("s3")
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1", Tagging="team=ops")["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"2", Tagging="team=sales")
    condition = {"StringEquals": {"s3:ExistingObjectTag/team": "ops"}}
    reader = account.user("labels", policy(allow("s3:GetObject*", "s3:ListBucket", Condition=condition)))
    theirs = account.client("s3", reader)
    assert theirs.get_object(Bucket=bucket, Key="k", VersionId=first)["Body"].read() == b"1"
    assert refusal(theirs.get_object, Bucket=bucket, Key="k")[0] == "AccessDenied"
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": PAIRS})
    assert theirs.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2"


def test_the_tags_that_a_new_object_gets_decide(account: LocalAws, bucket: str) -> None:
    asked = {"StringEquals": {"s3:RequestObjectTag/team": "ops"}}
    key = account.user("labeller", policy(allow("s3:PutObject", "s3:PutObjectTagging", Condition=asked)))
    s3 = account.client("s3", key)
    s3.put_object(Bucket=bucket, Key="new", Body=b"x", Tagging="team=ops")
    for tagging in ({}, {"Tagging": "team=sales"}):
        assert refusal(s3.put_object, Bucket=bucket, Key="new", Body=b"x", **tagging)[0] == "AccessDenied"


def test_a_bucket_s_tags_have_no_say_until_that_is_switched_on(account: LocalAws, bucket: str) -> None:
    """Source: Amazon S3 API Reference, PutBucketAbac, which nothing here runs."""
    s3 = account.client("s3")
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": PAIRS})
    tagged = {"StringEquals": {"aws:ResourceTag/team": "ops"}}
    key = account.user("by-bucket", policy(allow("s3:ListBucket", Condition=tagged)))
    assert refusal(account.client("s3", key).list_objects_v2, Bucket=bucket)[0] == "AccessDenied"


# --- tags of the request --------------------------------------------------------------------------


def test_tags_at_creation_are_asked_for_by_kind_of_resource(account: LocalAws) -> None:
    required = {"StringEquals": {"aws:RequestTag/team": "ops"}}
    text = policy(
        allow("ec2:CreateVpc", resource=f"arn:aws:ec2:*:{ACCOUNT}:vpc/*", Condition=required),
        allow("ec2:CreateTags", Condition={"StringEquals": {"ec2:CreateAction": "CreateVpc"}}),
    )
    ec2 = account.client("ec2", account.user("tagger", text))
    vpc = {"CidrBlock": "10.1.0.0/16"}
    ec2.create_vpc(**vpc, TagSpecifications=[{"ResourceType": "vpc", "Tags": PAIRS}])
    assert refusal(ec2.create_vpc, **vpc)[0] == "UnauthorizedOperation"
    others = [{"Key": "team", "Value": "sales"}]
    wrong = [{"ResourceType": "vpc", "Tags": others}]
    assert refusal(ec2.create_vpc, **vpc, TagSpecifications=wrong)[0] == "UnauthorizedOperation"


def test_only_some_tag_keys_may_be_set_or_taken_away(account: LocalAws) -> None:
    sqs = account.client("sqs")
    url = sqs.create_queue(QueueName="keys", tags={"team": "ops", "cost": "1"})["QueueUrl"]
    only_cost = {"ForAllValues:StringEquals": {"aws:TagKeys": ["cost"]}, "Null": {"aws:TagKeys": "false"}}
    text = policy(allow("sqs:TagQueue", "sqs:UntagQueue", Condition=only_cost))
    theirs = account.client("sqs", account.user("keys", text))
    theirs.tag_queue(QueueUrl=url, Tags={"cost": "2"})
    theirs.untag_queue(QueueUrl=url, TagKeys=["cost"])
    assert refusal(theirs.tag_queue, QueueUrl=url, Tags={"team": "sales", "cost": "3"})[0] == "AccessDenied"
    assert refusal(theirs.untag_queue, QueueUrl=url, TagKeys=["team"])[0] == "AccessDenied"


def test_the_principal_s_tag_is_held_against_the_resource_s(account: LocalAws) -> None:
    iam = account.client("iam")
    same = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    key: Key = account.user("abac", policy(allow("sqs:GetQueueAttributes", Condition=same)))
    sqs, theirs = account.client("sqs"), account.client("sqs", key)
    url = sqs.create_queue(QueueName="abac", tags=MINE)["QueueUrl"]
    assert refusal(theirs.get_queue_attributes, QueueUrl=url)[0] == "AccessDenied"
    iam.tag_user(UserName="abac", Tags=PAIRS)
    theirs.get_queue_attributes(QueueUrl=url)


def test_a_tag_that_is_not_there_is_absent_and_a_negated_deny_matches_it(account: LocalAws) -> None:
    unlike = {"StringNotEquals": {"aws:ResourceTag/team": "ops"}}
    text = policy(allow("sqs:*"), deny("sqs:PurgeQueue", Condition=unlike))
    theirs = account.client("sqs", account.user("negated", text))
    url = account.client("sqs").create_queue(QueueName="bare")["QueueUrl"]
    assert refusal(theirs.purge_queue, QueueUrl=url)[2].endswith(
        "with an explicit deny in an identity-based policy"
    )
