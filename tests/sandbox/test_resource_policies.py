"""The policies of queues, topics, keys, secrets and functions: stored as AWS stores them, and evaluated."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from local_aws import Key, LocalAws
from refusal import refusal
from sandbox.policy_texts import (
    ACCOUNT,
    OTHER,
    allow,
    deny,
    other_account,
    policy,
    role_for,
    sandbox_in,
    user_arn,
)

EVERYTHING = policy(allow("sqs:*", "sns:*", "kms:*", "secretsmanager:*", "lambda:*", "s3:*"))
NOBODY = {"AWS": user_arn("nobody")}
ALICE = {"AWS": user_arn("alice")}
ADMINISTRATION = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with sandbox_in(tmp_path_factory.mktemp("policies")) as running:
        yield running


@pytest.fixture(scope="module")
def alice(account: LocalAws) -> Key:
    """A user of this account without policies."""
    return account.user("alice")


@pytest.fixture(scope="module")
def guest(account: LocalAws) -> Key:
    """A user of another account who may do everything as far as that account is concerned."""
    iam = account.client("iam", other_account(account))
    iam.create_user(UserName="guest")
    iam.put_user_policy(UserName="guest", PolicyName="all", PolicyDocument=EVERYTHING)
    return Key.of(iam.create_access_key(UserName="guest")["AccessKey"])


# --- queues ---------------------------------------------------------------------------------------


def test_a_queue_lets_in_whom_its_policy_names(account: LocalAws, alice: Key) -> None:
    sqs, hers = account.client("sqs"), account.client("sqs", alice)
    text = policy(allow("sqs:SendMessage", Principal=ALICE))
    url = sqs.create_queue(QueueName="named", Attributes={"Policy": text})["QueueUrl"]
    hers.send_message(QueueUrl=url, MessageBody="x")
    assert refusal(hers.receive_message, QueueUrl=url)[2] == (
        f"User: {user_arn('alice')} is not authorized to perform: sqs:ReceiveMessage on resource: "
        f"arn:aws:sqs:us-east-1:{ACCOUNT}:named because no identity-based policy allows the "
        "sqs:ReceiveMessage action"
    )
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert refusal(hers.send_message, QueueUrl=url, MessageBody="x")[0] == "AccessDenied"


@pytest.mark.parametrize(
    "text",
    [
        "nope",
        policy({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}),
        policy(allow("sqs:SendMessage", Principal=NOBODY)),
        policy(allow("s3:GetObject", Principal=ALICE)),
    ],
)
def test_what_sqs_does_not_store(account: LocalAws, alice: Key, text: str) -> None:
    sqs = account.client("sqs")
    url = sqs.create_queue(QueueName="strict")["QueueUrl"]
    refused = ("InvalidAttributeValue", 400, "Invalid value for the parameter Policy.")
    assert refusal(sqs.set_queue_attributes, QueueUrl=url, Attributes={"Policy": text}) == refused
    with_policy = {"Policy": text}
    assert refusal(sqs.create_queue, QueueName="never", Attributes=with_policy) == refused
    assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix="never")


def test_a_queue_keeps_its_policy_when_other_attributes_are_set(account: LocalAws, alice: Key) -> None:
    sqs = account.client("sqs")
    shut = policy(allow("sqs:*", Principal=ALICE), deny("sqs:PurgeQueue", Principal="*"))
    url = sqs.create_queue(QueueName="kept", Attributes={"Policy": shut})["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "5"})
    assert "Policy" in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    hers = account.client("sqs", alice)
    hers.send_message(QueueUrl=url, MessageBody="x")
    assert refusal(hers.purge_queue, QueueUrl=url)[0] == "AccessDenied"


@pytest.mark.parametrize("name", ["policy", "_policy_json", "QueueArn", "tags", "watchword_pinned_ids"])
def test_attributes_that_a_queue_or_a_topic_does_not_have_are_not_set(account: LocalAws, name: str) -> None:
    sqs, sns = account.client("sqs"), account.client("sns")
    url = sqs.create_queue(QueueName="attributes")["QueueUrl"]
    wanted = {"QueueUrl": url, "Attributes": {name: "{}"}}
    refused = ("InvalidAttributeName", 400, f"Unknown Attribute {name}.")
    assert refusal(sqs.set_queue_attributes, **wanted) == refused
    topic = sns.create_topic(Name="attributes")["TopicArn"]
    unknown = {"TopicArn": topic, "AttributeName": name, "AttributeValue": "{}"}
    refused = ("InvalidParameter", 400, "Invalid parameter: AttributeName")
    assert refusal(sns.set_topic_attributes, **unknown) == refused
    assert refusal(sns.create_topic, Name="other", Attributes={name: "{}"}) == refused


def test_a_queue_s_permission_lets_another_account_delegate(account: LocalAws, guest: Key) -> None:
    sqs, theirs = account.client("sqs"), account.client("sqs", guest)
    url = sqs.create_queue(QueueName="shared")["QueueUrl"]
    assert refusal(theirs.send_message, QueueUrl=url, MessageBody="x")[2].endswith(
        "because no resource-based policy allows the sqs:SendMessage action"
    )
    sqs.add_permission(QueueUrl=url, Label="theirs", AWSAccountIds=[OTHER], Actions=["*"])
    theirs.send_message(QueueUrl=url, MessageBody="x")
    # Source: SQS API Reference: cross-account permissions do not apply to these.
    assert refusal(theirs.tag_queue, QueueUrl=url, Tags={"a": "b"})[0] == "AccessDenied"
    again = {"QueueUrl": url, "Label": "theirs", "AWSAccountIds": [OTHER], "Actions": ["*"]}
    assert refusal(sqs.add_permission, **again)[2].endswith("Reason: Already exists.")
    sqs.remove_permission(QueueUrl=url, Label="theirs")
    assert refusal(theirs.send_message, QueueUrl=url, MessageBody="x")[0] == "AccessDenied"


# --- topics ---------------------------------------------------------------------------------------


def test_a_topic_s_first_policy_lets_nobody_in(account: LocalAws, alice: Key) -> None:
    topic = account.client("sns").create_topic(Name="first")["TopicArn"]
    message = refusal(account.client("sns", alice).publish, TopicArn=topic, Message="x")[2]
    assert message.endswith("because no identity-based policy allows the SNS:Publish action")


def test_a_topic_lets_in_whom_its_policy_names(account: LocalAws, alice: Key, guest: Key) -> None:
    sns = account.client("sns")
    topic = sns.create_topic(Name="named")["TopicArn"]
    text = policy(allow("sns:Publish", resource=topic, Principal=ALICE))
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=text)
    account.client("sns", alice).publish(TopicArn=topic, Message="x")
    theirs = account.client("sns", guest)
    assert refusal(theirs.publish, TopicArn=topic, Message="x")[0] == "AuthorizationError"
    sns.add_permission(TopicArn=topic, Label="theirs", AWSAccountId=[OTHER], ActionName=["Publish"])
    theirs.publish(TopicArn=topic, Message="x")
    sns.remove_permission(TopicArn=topic, Label="theirs")
    assert refusal(theirs.publish, TopicArn=topic, Message="x")[0] == "AuthorizationError"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nope", "Invalid parameter: Policy Error: null"),
        (
            policy(allow("sns:CreateTopic", Principal=ALICE)),
            "Invalid parameter: Policy statement action out of service scope!",
        ),
        (
            policy(allow("sns:*", Principal=ALICE)),
            "Invalid parameter: Policy statement action out of service scope!",
        ),
    ],
)
def test_what_sns_does_not_store(account: LocalAws, alice: Key, text: str, message: str) -> None:
    sns = account.client("sns")
    topic = sns.create_topic(Name="strict")["TopicArn"]
    wanted = {"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": text}
    assert refusal(sns.set_topic_attributes, **wanted) == ("InvalidParameter", 400, message)


def test_a_topic_s_policy_names_people_who_are_there(account: LocalAws) -> None:
    sns = account.client("sns")
    topic = sns.create_topic(Name="people")["TopicArn"]
    text = policy(allow("sns:Publish", resource=topic, Principal=NOBODY))
    wanted = {"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": text}
    assert refusal(sns.set_topic_attributes, **wanted)[2] == (
        "Invalid parameter: Policy Error: PrincipalNotFound"
    )


# --- keys -----------------------------------------------------------------------------------------


def test_a_key_s_policy_must_itself_allow(account: LocalAws, alice: Key) -> None:
    kms = account.client("kms")
    everything = account.user("everything", EVERYTHING)
    only_alice = policy(
        {**ADMINISTRATION, "Action": ["kms:PutKeyPolicy", "kms:GetKeyPolicy"]},
        allow("kms:Encrypt", Principal=ALICE),
    )
    arn = kms.create_key(Policy=only_alice)["KeyMetadata"]["Arn"]
    account.client("kms", alice).encrypt(KeyId=arn, Plaintext=b"x")
    message = refusal(account.client("kms", everything).encrypt, KeyId=arn, Plaintext=b"x")[2]
    assert message.endswith("because no resource-based policy allows the kms:Encrypt action")
    assert refusal(kms.encrypt, KeyId=arn, Plaintext=b"x")[0] == "AccessDeniedException"
    kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=policy(ADMINISTRATION))
    account.client("kms", everything).encrypt(KeyId=arn, Plaintext=b"x")
    assert refusal(account.client("kms", alice).encrypt, KeyId=arn, Plaintext=b"x")[2].endswith(
        "because no identity-based policy allows the kms:Encrypt action"
    )


def test_a_key_s_deny_with_a_condition_is_not_more_than_it_says(account: LocalAws) -> None:
    kms = account.client("kms")
    plain_text_only = deny(
        "kms:Describe*", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}}
    )
    arn = kms.create_key(Policy=policy(ADMINISTRATION, plain_text_only))["KeyMetadata"]["Arn"]
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["Arn"] == arn


def test_another_account_uses_a_key_when_both_sides_allow(account: LocalAws, guest: Key) -> None:
    kms, theirs = account.client("kms"), account.client("kms", guest)
    shared = policy(ADMINISTRATION, allow("kms:Encrypt", Principal={"AWS": OTHER}))
    arn = kms.create_key(Policy=shared)["KeyMetadata"]["Arn"]
    theirs.encrypt(KeyId=arn, Plaintext=b"x")
    assert refusal(theirs.decrypt, KeyId=arn, CiphertextBlob=b"x" * 100)[0] == "AccessDeniedException"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            policy(ADMINISTRATION, allow("kms:Encrypt", Principal=NOBODY)),
            "Policy contains a statement with one or more invalid principals.",
        ),
        (
            policy(allow("kms:Encrypt", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})),
            "The new key policy will not allow you to update the key policy in the future.",
        ),
    ],
)
def test_what_kms_does_not_store(account: LocalAws, text: str, message: str) -> None:
    kms = account.client("kms")
    refused = ("MalformedPolicyDocumentException", 400, message)
    assert refusal(kms.create_key, Policy=text) == refused
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    wanted = {"KeyId": arn, "PolicyName": "default", "Policy": text}
    assert refusal(kms.put_key_policy, **wanted) == refused


def test_who_means_to_lock_themselves_out_says_so(account: LocalAws) -> None:
    kms = account.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    text = policy(allow("kms:Encrypt", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
    kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=text, BypassPolicyLockoutSafetyCheck=True)
    assert refusal(kms.get_key_policy, KeyId=arn, PolicyName="default")[0] == "AccessDeniedException"


# --- secrets --------------------------------------------------------------------------------------


def test_a_secret_lets_in_whom_its_policy_names(account: LocalAws, alice: Key, guest: Key) -> None:
    manager = account.client("secretsmanager")
    arn = manager.create_secret(Name="named", SecretString="x")["ARN"]
    hers = account.client("secretsmanager", alice)
    assert refusal(hers.get_secret_value, SecretId=arn)[0] == "AccessDeniedException"
    text = policy(allow("secretsmanager:GetSecretValue", Principal=ALICE))
    manager.put_resource_policy(SecretId="named", ResourcePolicy=text)
    assert hers.get_secret_value(SecretId=arn)["SecretString"] == "x"
    assert json.loads(manager.get_resource_policy(SecretId="named")["ResourcePolicy"]) == json.loads(text)
    manager.delete_resource_policy(SecretId="named")
    assert refusal(hers.get_secret_value, SecretId=arn)[0] == "AccessDeniedException"


def test_a_secret_of_another_account_cannot_be_read_with_the_key_that_aws_manages(
    account: LocalAws, guest: Key
) -> None:
    manager, kms = account.client("secretsmanager"), account.client("kms")
    shared = policy(ADMINISTRATION, allow("kms:Decrypt", Principal={"AWS": OTHER}))
    key = kms.create_key(Policy=shared)["KeyMetadata"]["Arn"]
    theirs = account.client("secretsmanager", guest)
    for name, more in (("managed-key", {}), ("own-key", {"KmsKeyId": key})):
        arn = manager.create_secret(Name=name, SecretString="x", **more)["ARN"]
        text = policy(allow("secretsmanager:GetSecretValue", Principal={"AWS": OTHER}))
        manager.put_resource_policy(SecretId=name, ResourcePolicy=text)
        if more:
            assert theirs.get_secret_value(SecretId=arn)["SecretString"] == "x"
        else:
            code, _, message = refusal(theirs.get_secret_value, SecretId=arn)
            assert (code, message) == ("AccessDeniedException", "Access to KMS is not allowed")


@pytest.mark.parametrize(
    ("statement", "more", "refused"),
    [
        (
            allow("secretsmanager:GetSecretValue", Principal=NOBODY),
            {},
            (
                "MalformedPolicyDocumentException",
                400,
                "This resource policy contains an unsupported principal.",
            ),
        ),
        (
            {**allow("secretsmanager:GetSecretValue", Principal="*"), "Effect": "AllowSomething"},
            {},
            ("MalformedPolicyDocumentException", 400, "This resource policy contains a syntax error."),
        ),
        (
            allow("secretsmanager:*", Principal="*"),
            {"BlockPublicPolicy": True},
            (
                "PublicPolicyException",
                400,
                "You can't attach a resource-based policy that allows broad access to the secret.",
            ),
        ),
    ],
)
def test_what_secrets_manager_does_not_store(
    account: LocalAws, statement: dict[str, Any], more: dict[str, Any], refused: tuple[str, int, str]
) -> None:
    manager = account.client("secretsmanager")
    if "strict" not in {each["Name"] for each in manager.list_secrets()["SecretList"]}:
        manager.create_secret(Name="strict", SecretString="x")
    wanted = {"SecretId": "strict", "ResourcePolicy": policy(statement), **more}
    assert refusal(manager.put_resource_policy, **wanted) == refused
    assert "ResourcePolicy" not in manager.get_resource_policy(SecretId="strict")


# --- functions ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def function(account: LocalAws) -> str:
    """A function that nobody can run."""
    role_for(account, "runner", f"arn:aws:iam::{ACCOUNT}:root")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("f.py", "")
    client = account.client("lambda")
    role = f"arn:aws:iam::{ACCOUNT}:role/runner"
    client.create_function(
        FunctionName="f", Runtime="python3.12", Role=role, Handler="f.f", Code={"ZipFile": code.getvalue()}
    )
    client.publish_version(FunctionName="f")
    return "f"


def test_a_function_lets_in_whom_a_statement_names(account: LocalAws, alice: Key, function: str) -> None:
    owner, hers = account.client("lambda"), account.client("lambda", alice)
    assert refusal(owner.get_policy, FunctionName=function)[:2] == ("ResourceNotFoundException", 404)
    assert refusal(hers.get_function_concurrency, FunctionName=function)[0] == "AccessDeniedException"
    statement = {
        "FunctionName": function,
        "StatementId": "hers",
        "Action": "lambda:GetFunctionConcurrency",
        "Principal": user_arn("alice"),
    }
    added = json.loads(owner.add_permission(**statement)["Statement"])
    assert added["Resource"] == f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
    hers.get_function_concurrency(FunctionName=function)
    assert refusal(owner.add_permission, **statement) == (
        "ResourceConflictException",
        409,
        (
            "The statement id (hers) provided already exists. Please provide a new statement id, or remove "
            "the existing statement."
        ),
    )
    stored = owner.get_policy(FunctionName=function)
    assert json.loads(stored["Policy"])["Statement"] == [added]
    stale = {"FunctionName": function, "StatementId": "hers", "RevisionId": "0"}
    assert refusal(owner.remove_permission, **stale)[:2] == ("PreconditionFailedException", 412)
    owner.remove_permission(FunctionName=function, StatementId="hers", RevisionId=stored["RevisionId"])
    assert refusal(hers.get_function_concurrency, FunctionName=function)[0] == "AccessDeniedException"


def test_a_version_has_a_policy_of_its_own(account: LocalAws, alice: Key, function: str) -> None:
    owner, hers = account.client("lambda"), account.client("lambda", alice)
    version = {"FunctionName": function, "Qualifier": "1"}
    assert refusal(hers.get_provisioned_concurrency_config, **version)[0] == "AccessDeniedException"
    owner.add_permission(
        **version,
        StatementId="hers",
        Action="lambda:GetProvisionedConcurrencyConfig",
        Principal=user_arn("alice"),
    )
    # It is let through, and then moto does not have it.
    assert refusal(hers.get_provisioned_concurrency_config, **version)[0] == "SandboxUnsupported"
    assert refusal(owner.get_policy, FunctionName=function)[0] == "ResourceNotFoundException"
    owner.remove_permission(**version, StatementId="hers")
    assert refusal(hers.get_provisioned_concurrency_config, **version)[0] == "AccessDeniedException"


def test_an_alias_that_is_made_again_has_no_policy(account: LocalAws, function: str) -> None:
    owner = account.client("lambda")
    alias = {"FunctionName": function, "Qualifier": "live"}
    statement = {"StatementId": "all", "Action": "lambda:InvokeFunction", "Principal": ACCOUNT}
    assert refusal(owner.add_permission, **alias, **statement) == (
        "ResourceNotFoundException",
        404,
        f"Function not found: arn:aws:lambda:us-east-1:{ACCOUNT}:function:f:live",
    )
    made = {"FunctionName": function, "Name": "live", "FunctionVersion": "1"}
    owner.create_alias(**made)
    owner.add_permission(**alias, **statement)
    owner.get_policy(**alias)
    owner.delete_alias(FunctionName=function, Name="live")
    owner.create_alias(**made)
    assert refusal(owner.get_policy, **alias)[0] == "ResourceNotFoundException"


def test_a_statement_for_a_service_says_of_whom_it_may_come(account: LocalAws, function: str) -> None:
    owner = account.client("lambda")
    added = owner.add_permission(
        FunctionName=function,
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::bucket",
        SourceAccount=ACCOUNT,
    )
    assert json.loads(added["Statement"])["Condition"] == {
        "StringEquals": {"AWS:SourceAccount": ACCOUNT},
        "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::bucket"},
    }
    unknown = {"FunctionName": function, "StatementId": "x", "Action": "lambda:InvokeFunction"}
    for principal in (user_arn("nobody"), "somebody"):
        assert refusal(owner.add_permission, **unknown, Principal=principal) == (
            "InvalidParameterValueException",
            400,
            "The provided principal was invalid. Please check the principal and try again.",
        )
    owner.remove_permission(FunctionName=function, StatementId="s3")
