"""What CDK's own templates and change sets ask for: rules, what is there already, custom resources."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws import LocalAws
from sandbox.cloudformation.deployer import Deployer, allow, deployer, resource, template


def with_rules(assertion: object, **parameters: str) -> str:
    return json.dumps(
        {
            "Parameters": {name: {"Type": "String", "Default": text} for name, text in parameters.items()},
            "Rules": {"Checked": {"Assertions": [{"Assert": assertion, "AssertDescription": "run it anew"}]}},
            "Resources": {"Handle": resource("AWS::CloudFormation::WaitConditionHandle")},
        }
    )


OLD = {"Fn::Contains": [["1", "2", "3"], {"Ref": "Version"}]}


def test_a_rule_that_holds_lets_the_stack_be_made(shared: LocalAws) -> None:
    root = Deployer(sandbox=shared, key=shared.root)
    assert root.create("holds", with_rules({"Fn::Not": [OLD]}, Version="33")) == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    ("assertion", "told"),
    [
        ({"Fn::Not": [OLD]}, "run it anew"),
        ({"Fn::And": [OLD, {"Fn::Equals": [{"Ref": "Version"}, "3"]}]}, "run it anew"),
        ({"Fn::EachMemberIn": [[{"Ref": "Version"}], ["1"]]}, "run it anew"),
        ({"Fn::RefAll": "AWS::EC2::VPC::Id"}, "watchword sandbox: `Fn::RefAll`"),
        ({"Fn::Equals": [{"Ref": "Handle"}, "3"]}, "Unresolved resource dependencies [Handle]"),
        ("true", "must be a function of rules"),
    ],
)
def test_a_rule_that_does_not_hold_stops_it_before_anything_is_made(
    shared: LocalAws, assertion: object, told: str
) -> None:
    root = Deployer(sandbox=shared, key=shared.root)
    with pytest.raises(ClientError) as refused:
        root.create("fails", with_rules(assertion, Version="2"))
    assert told in str(refused.value)
    with pytest.raises(ClientError, match="does not exist"):
        root.told("fails")


@pytest.mark.parametrize(
    ("rule", "told"), [({}, "must contain Assertions"), ({"Assertions": [{}]}, "must contain Assert.")]
)
def test_a_rule_that_is_none_is_refused(shared: LocalAws, rule: dict[str, Any], told: str) -> None:
    body = {**json.loads(with_rules(OLD)), "Rules": {"Checked": rule}}
    with pytest.raises(ClientError, match=told):
        Deployer(sandbox=shared, key=shared.root).create("no-rule", json.dumps(body))


NAMED: dict[str, dict[str, Any]] = {
    "bucket": resource("AWS::S3::Bucket", {"BucketName": "there-before", "AccessControl": "Private"}),
    "queue": resource("AWS::SQS::Queue", {"QueueName": "there-before"}),
    "topic": resource("AWS::SNS::Topic", {"TopicName": "there-before"}),
    "repository": resource("AWS::ECR::Repository", {"RepositoryName": "there-before"}),
}


LOOKED_FOR: dict[str, tuple[str, str, dict[str, Any]]] = {
    "bucket": ("s3", "head_bucket", {"Bucket": "there-before"}),
    "queue": ("sqs", "get_queue_url", {"QueueName": "there-before"}),
    "topic": (
        "sns",
        "get_topic_attributes",
        {"TopicArn": "arn:aws:sns:us-east-1:123456789012:there-before"},
    ),
    "repository": ("ecr", "describe_repositories", {"repositoryNames": ["there-before"]}),
}


@pytest.mark.parametrize("kind", NAMED)
def test_what_is_there_already_stays_as_it_is(shared: LocalAws, kind: str) -> None:
    root = Deployer(sandbox=shared, key=shared.root)
    first, second, third = (f"{name}-{kind}" for name in ("first", "second", "third"))
    body = template(Named=NAMED[kind])
    assert root.create(first, body) == "CREATE_COMPLETE", root.events(first)
    assert root.create(second, body) == "ROLLBACK_COMPLETE"
    assert "HandlerErrorCode: AlreadyExists" in root.reason(second, "Named", "CREATE_FAILED")
    change_set = root.client.create_change_set(
        StackName=third,
        ChangeSetName="c",
        ChangeSetType="CREATE",
        TemplateBody=body,
        ImportExistingResources=True,
    )
    root.client.execute_change_set(ChangeSetName=change_set["Id"])
    assert root.status(third) == "ROLLBACK_COMPLETE"
    reason = root.reason(third, "Named", "CREATE_FAILED")
    assert reason.startswith("watchword sandbox: there-before (AWS::")
    assert "ImportExistingResources" in reason
    service, operation, params = LOOKED_FOR[kind]
    getattr(shared.client(service), operation)(**params)  # taking the stacks back has left it alone
    assert root.delete(first) == "DELETE_COMPLETE", root.events(first)
    with pytest.raises(ClientError):
        getattr(shared.client(service), operation)(**params)


def test_a_bucket_without_a_name_gets_one_of_its_own(shared: LocalAws) -> None:
    root = Deployer(sandbox=shared, key=shared.root)
    private = resource("AWS::S3::Bucket", {"AccessControl": "Private"})
    assert root.create("nameless", template(One=private, Two=private)) == "CREATE_COMPLETE"
    names = [each["Name"] for each in shared.client("s3").list_buckets()["Buckets"]]
    assert sorted(name[:13] for name in names if "nameless" in name) == ["nameless-one-", "nameless-two-"]


def test_who_may_not_make_a_bucket_is_told_so_and_not_that_it_is_there(shared: LocalAws) -> None:
    shared.client("s3").create_bucket(Bucket="somebodys")
    bare = deployer(shared, "bare", allow("sqs:*"))
    body = template(Named=resource("AWS::S3::Bucket", {"BucketName": "somebodys"}))
    assert bare.create("bare", body) == "ROLLBACK_COMPLETE"
    assert "not authorized to perform: s3:CreateBucket" in bare.reason("bare", "Named", "CREATE_FAILED")


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (resource("AWS::S3::Bucket", {"AccessControl": "PublicRead"}), "AccessControl"),
        (resource("Custom::S3AutoDeleteObjects", {"ServiceToken": "x"}), "no code runs here"),
        (resource("AWS::CloudFormation::CustomResource", {"ServiceToken": "x"}), "no code runs here"),
    ],
)
def test_what_the_sandbox_cannot_make_fails_by_name(
    shared: LocalAws, made: dict[str, Any], told: str
) -> None:
    root = Deployer(sandbox=shared, key=shared.root)
    name = f"cannot-{made['Type'].replace(':', '-')}"
    assert root.create(name, template(Odd=made)) == "ROLLBACK_COMPLETE"
    reason = root.reason(name, "Odd", "CREATE_FAILED")
    assert reason.startswith("watchword sandbox: ")
    assert told in reason


def test_a_change_set_that_is_not_there_is_deleted_all_the_same(shared: LocalAws) -> None:
    root = Deployer(sandbox=shared, key=shared.root)
    root.create("has-none", template(Handle=resource("AWS::CloudFormation::WaitConditionHandle")))
    root.client.delete_change_set(StackName="has-none", ChangeSetName="none")
    with pytest.raises(ClientError, match="does not exist"):
        root.client.delete_change_set(StackName="nothing-at-all", ChangeSetName="none")
