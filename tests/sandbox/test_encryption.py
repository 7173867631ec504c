"""KMS behind S3 and Secrets Manager: calls on behalf of the caller, whose MFA is `false` then, not absent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local_aws import Key, LocalAws
from refusal import refusal
from sandbox.policy_texts import ACCOUNT, OTHER, allow, deny, policy, sandbox_in, user_arn
from watchword.sandbox.log import LogRecord

BUCKET = "sealed"
VIA_S3 = "s3.us-east-1.amazonaws.com"
S3_ONLY = policy(allow("s3:*"))
KMS = "aws:kms"


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with sandbox_in(tmp_path_factory.mktemp("encryption")) as running:
        running.client("s3").create_bucket(Bucket=BUCKET)
        yield running


@pytest.fixture(scope="module")
def key(account: LocalAws) -> str:
    """A key of one's own, with the policy that leaves it to identity policies."""
    return str(account.client("kms").create_key()["KeyMetadata"]["Arn"])


@pytest.fixture(scope="module")
def s3_user(account: LocalAws) -> Key:
    """A user who may do everything in S3, and nothing in KMS."""
    return account.user("s3-user", S3_ONLY)


def kms_calls(account: LocalAws, after: int) -> list[LogRecord]:
    return [record for record in account.log[after:] if record.action.startswith("kms:")]


def not_allowed(action: str, name: str, key: str) -> tuple[str, int, str]:
    text = f"User: {user_arn(name)} is not authorized to perform: {action} on resource: {key} "
    return "AccessDenied", 403, f"{text}because no identity-based policy allows the {action} action"


# --- S3 -------------------------------------------------------------------------------------------


def test_the_key_that_aws_manages_serves_whoever_may_use_s3(account: LocalAws, s3_user: Key) -> None:
    s3, before = account.client("s3", s3_user), len(account.log)
    put = s3.put_object(Bucket=BUCKET, Key="managed", Body=b"x", ServerSideEncryption=KMS)
    assert s3.get_object(Bucket=BUCKET, Key="managed")["Body"].read() == b"x"
    managed = put["SSEKMSKeyId"]
    calls = kms_calls(account, before)
    assert [(call.action, call.resource, call.outcome, call.layer) for call in calls] == [
        ("kms:GenerateDataKey", managed, "allowed", "key"),
        ("kms:Decrypt", managed, "allowed", "key"),
    ]
    assert {(call.via, call.mfa) for call in calls} == {("s3.amazonaws.com", "false")}
    described = account.client("kms").describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert (described["Arn"], described["KeyManager"]) == (managed, "AWS")


def test_the_key_that_aws_manages_serves_nobody_directly(account: LocalAws) -> None:
    user = account.user("direct", policy(allow("kms:*")))
    account.client("s3").put_object(Bucket=BUCKET, Key="first", Body=b"x", ServerSideEncryption=KMS)
    kms = account.client("kms", user)
    code, _, message = refusal(kms.encrypt, KeyId="alias/aws/s3", Plaintext=b"x")
    assert code == "AccessDeniedException"
    assert message.endswith("because no resource-based policy allows the kms:Encrypt action")


def test_a_deny_on_kms_reaches_the_key_that_aws_manages(account: LocalAws) -> None:
    key = account.user("denied", policy(allow("s3:*"), deny("kms:*")))
    s3 = account.client("s3", key)
    wanted = {"Bucket": BUCKET, "Key": "denied", "Body": b"x", "ServerSideEncryption": KMS}
    assert refusal(s3.put_object, **wanted)[2].endswith("with an explicit deny in an identity-based policy")


def test_a_key_of_one_s_own_needs_permissions_on_it(account: LocalAws, s3_user: Key, key: str) -> None:
    s3 = account.client("s3", s3_user)
    wanted = {"Bucket": BUCKET, "Key": "own", "ServerSideEncryption": KMS, "SSEKMSKeyId": key}
    assert refusal(s3.put_object, **wanted, Body=b"x") == not_allowed("kms:GenerateDataKey", "s3-user", key)
    account.client("s3").put_object(**wanted, Body=b"x")
    assert refusal(s3.get_object, Bucket=BUCKET, Key="own") == not_allowed("kms:Decrypt", "s3-user", key)
    assert s3.head_object(Bucket=BUCKET, Key="own")["SSEKMSKeyId"] == key
    copied = {"Bucket": BUCKET, "Key": "copy", "CopySource": f"{BUCKET}/own"}
    assert refusal(s3.copy_object, **copied) == not_allowed("kms:Decrypt", "s3-user", key)
    s3.delete_object(Bucket=BUCKET, Key="own")


def test_conditions_see_the_service_the_account_and_the_object(account: LocalAws, key: str) -> None:
    conditions = {
        "StringEquals": {
            "kms:ViaService": VIA_S3,
            "kms:CallerAccount": ACCOUNT,
            "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{BUCKET}/mine",
        },
        "Bool": {"aws:ViaAWSService": "true"},
    }
    user = account.user(
        "conditions", policy(allow("s3:*"), allow("kms:GenerateDataKey", resource=key, Condition=conditions))
    )
    s3 = account.client("s3", user)
    encrypted = {"ServerSideEncryption": KMS, "SSEKMSKeyId": key}
    s3.put_object(Bucket=BUCKET, Key="mine", Body=b"x", **encrypted)
    refused = not_allowed("kms:GenerateDataKey", "conditions", key)
    assert refusal(s3.put_object, Bucket=BUCKET, Key="theirs", Body=b"x", **encrypted) == refused
    direct = account.client("kms", user)
    assert refusal(direct.generate_data_key, KeyId=key, KeySpec="AES_256")[0] == "AccessDeniedException"


@pytest.mark.parametrize("condition", ["Bool", "BoolIfExists"])
def test_a_key_asked_for_mfa_is_not_used_for_an_access_key(account: LocalAws, condition: str) -> None:
    """A long-term key passes `BoolIfExists` directly; what S3 calls for it does not."""
    name = f"mfa-{condition}".lower()
    asks = {condition: {"aws:MultiFactorAuthPresent": "true"}}
    user = account.user(name, policy(allow("s3:*"), allow("kms:*", Condition=asks)))
    own = str(account.client("kms").create_key()["KeyMetadata"]["Arn"])
    s3 = account.client("s3", user)
    wanted = {"Bucket": BUCKET, "Key": name, "Body": b"x", "ServerSideEncryption": KMS, "SSEKMSKeyId": own}
    assert refusal(s3.put_object, **wanted) == not_allowed("kms:GenerateDataKey", name, own)
    directly = account.client("kms", user)
    if condition == "BoolIfExists":
        directly.generate_data_key(KeyId=own, KeySpec="AES_256")
    serial = account.device(name)
    code = account.fresh_code(name)
    session = account.client("sts", user).get_session_token(SerialNumber=serial, TokenCode=code)
    account.client("s3", Key.of(session["Credentials"])).put_object(**wanted)


def test_what_a_bucket_does_by_default_is_decided_too(account: LocalAws, s3_user: Key, key: str) -> None:
    admin, before = account.client("s3"), len(account.log)
    admin.create_bucket(Bucket="by-default")
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": KMS, "KMSMasterKeyID": key},
        "BucketKeyEnabled": True,
    }
    admin.put_bucket_encryption(Bucket="by-default", ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3 = account.client("s3", s3_user)
    refused = not_allowed("kms:GenerateDataKey", "s3-user", key)
    assert refusal(s3.put_object, Bucket="by-default", Key="k", Body=b"x") == refused
    s3.put_object(Bucket="by-default", Key="plain", Body=b"x", ServerSideEncryption="AES256")
    assert [call.outcome for call in kms_calls(account, before)] == ["implicitDeny"]
    named_bucket = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::by-default"}}
    user = account.user("by-default", policy(allow("s3:*"), allow("kms:*", Condition=named_bucket)))
    put = account.client("s3", user).put_object(Bucket="by-default", Key="k", Body=b"x")
    assert (put["SSEKMSKeyId"], put["BucketKeyEnabled"]) == (key, True)
    named = {"Bucket": "by-default", "Key": "parts", "ServerSideEncryption": KMS, "SSEKMSKeyId": key}
    theirs = account.client("s3", user)
    theirs.put_object(**named, Body=b"x")
    upload = theirs.create_multipart_upload(**named)["UploadId"]
    theirs.upload_part(Bucket="by-default", Key="parts", UploadId=upload, PartNumber=1, Body=b"x")
    refused = not_allowed("kms:GenerateDataKey", "by-default", key)
    assert refusal(theirs.put_object, **named, Body=b"x", BucketKeyEnabled=False) == refused


def test_parts_of_an_upload_need_the_key_too(account: LocalAws, key: str) -> None:
    writer = account.user("parts", policy(allow("s3:*"), allow("kms:GenerateDataKey")))
    admin, s3 = account.client("s3"), account.client("s3", writer)
    upload = {"Bucket": BUCKET, "Key": "parts"}
    encrypted = {"ServerSideEncryption": KMS, "SSEKMSKeyId": key}
    refused = not_allowed("kms:Decrypt", "parts", key)
    assert refusal(s3.create_multipart_upload, **upload, **encrypted) == refused
    upload["UploadId"] = admin.create_multipart_upload(**upload, **encrypted)["UploadId"]
    assert refusal(s3.upload_part, **upload, PartNumber=1, Body=b"x") == refused
    assert refusal(s3.list_parts, **upload) == refused
    part = admin.upload_part(**upload, PartNumber=1, Body=b"x")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    admin.complete_multipart_upload(**upload, MultipartUpload=parts)
    assert refusal(s3.get_object, Bucket=BUCKET, Key="parts") == refused


def test_a_key_that_cannot_be_used(account: LocalAws) -> None:
    s3, kms = account.client("s3"), account.client("kms")
    made = kms.create_key()["KeyMetadata"]
    wanted = {"Bucket": BUCKET, "Key": "state", "ServerSideEncryption": KMS, "SSEKMSKeyId": made["Arn"]}
    s3.put_object(**wanted, Body=b"x")
    kms.disable_key(KeyId=made["KeyId"])
    assert refusal(s3.get_object, Bucket=BUCKET, Key="state") == (
        "KMS.DisabledException", 400, f"{made['Arn']} is disabled."
    )  # fmt: skip
    wanted["SSEKMSKeyId"] = "alias/none"
    assert refusal(s3.put_object, **wanted, Body=b"x")[0] == "KMS.NotFoundException"


def test_an_rcp_binds_a_key_of_one_s_own_and_not_the_one_that_aws_manages(account: LocalAws) -> None:
    organizations = account.client("organizations")
    organizations.create_organization()
    made = account.inner.add_account(OTHER, member=True)
    root = Key(access_key_id=made.access_key_id, secret_access_key=made.secret_access_key)
    kind = "RESOURCE_CONTROL_POLICY"
    root_id = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root_id, PolicyType=kind)
    rcp = policy(deny("kms:GenerateDataKey", Principal="*"))
    created = organizations.create_policy(Name="no-keys", Description="", Type=kind, Content=rcp)
    policy_id = created["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy_id, TargetId=OTHER)
    s3 = account.client("s3", root)
    s3.create_bucket(Bucket="of-a-member")
    wanted = {"Bucket": "of-a-member", "Key": "k", "Body": b"x", "ServerSideEncryption": KMS}
    s3.put_object(**wanted)
    own = account.client("kms", root).create_key()["KeyMetadata"]["Arn"]
    message = refusal(s3.put_object, **wanted, SSEKMSKeyId=own)[2]
    assert message.endswith("with an explicit deny in a resource control policy")


# --- Secrets Manager ------------------------------------------------------------------------------


def secrets_policy(*more: dict[str, Any]) -> str:
    return policy(allow("secretsmanager:*"), *more)


def test_a_secret_under_the_managed_key_needs_no_permission_on_it(account: LocalAws) -> None:
    manager = account.client("secretsmanager", account.user("secretive", secrets_policy()))
    manager.create_secret(Name="managed", SecretString="x")
    before = len(account.log)
    assert manager.get_secret_value(SecretId="managed")["SecretString"] == "x"
    (call,) = kms_calls(account, before)
    assert (call.action, call.outcome, call.via) == (
        "kms:Decrypt", "allowed", "secretsmanager.amazonaws.com"
    )  # fmt: skip


def test_a_secret_under_a_key_of_one_s_own_needs_permissions_on_it(account: LocalAws, key: str) -> None:
    without = account.client("secretsmanager", account.user("without", secrets_policy()))
    no = ("AccessDeniedException", 400, "Access to KMS is not allowed")
    assert refusal(without.create_secret, Name="own", SecretString="x", KmsKeyId=key) == no
    arn = account.client("secretsmanager").create_secret(Name="own", SecretString="x", KmsKeyId=key)["ARN"]
    assert refusal(without.get_secret_value, SecretId="own") == no
    assert refusal(without.put_secret_value, SecretId="own", SecretString="y") == no
    conditions = {
        "StringEquals": {
            "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com",
            "kms:EncryptionContext:SecretARN": arn,
        }
    }
    within = account.user("within", secrets_policy(allow("kms:Decrypt", Condition=conditions)))
    assert account.client("secretsmanager", within).get_secret_value(SecretId="own")["SecretString"] == "x"


def test_what_is_not_known_of_a_changed_key_is_refused_by_name(account: LocalAws, key: str) -> None:
    manager = account.client("secretsmanager")
    manager.create_secret(Name="changed", SecretString="x")
    changed = {"SecretId": "changed", "KmsKeyId": key}
    assert refusal(manager.update_secret, **changed)[0] == "SandboxUnsupported"


# --- Parameter Store ------------------------------------------------------------------------------


def test_a_secure_string_is_read_with_the_key_that_aws_manages(account: LocalAws) -> None:
    ssm, before = account.client("ssm", account.user("reader", policy(allow("ssm:*")))), len(account.log)
    ssm.put_parameter(Name="/app/secret", Value="x", Type="SecureString")
    ssm.put_parameter(Name="/app/plain", Value="y", Type="String")
    assert ssm.get_parameter(Name="/app/secret", WithDecryption=True)["Parameter"]["Value"] == "x"
    ssm.get_parameter(Name="/app/secret")
    assert len(ssm.get_parameters_by_path(Path="/app", WithDecryption=True)["Parameters"]) == 2
    calls = [(call.action, call.outcome, call.via) for call in kms_calls(account, before)]
    decrypted = ("kms:Decrypt", "allowed", "ssm.amazonaws.com")
    assert calls == [("kms:Encrypt", "allowed", "ssm.amazonaws.com"), decrypted, decrypted]


def test_who_may_not_decrypt_does_not_read_a_secure_string(account: LocalAws) -> None:
    account.client("ssm").put_parameter(Name="/app/shut", Value="x", Type="SecureString")
    ssm = account.client("ssm", account.user("shut", policy(allow("ssm:*"), deny("kms:Decrypt"))))
    code, _, message = refusal(ssm.get_parameter, Name="/app/shut", WithDecryption=True)
    assert code == "AccessDeniedException"
    assert message.endswith("with an explicit deny in an identity-based policy")
    assert ssm.get_parameter(Name="/app/shut")["Parameter"]["Value"] != "x"
