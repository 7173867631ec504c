"""What a request calls, told from requests that botocore really makes."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sandbox.wire.sent import HOST, replaced, sent, signed
from watchword.sandbox.wire.error import AwsError, SandboxRefusal
from watchword.sandbox.wire.operation import Operation, Protocol, identify
from watchword.sandbox.wire.request import WireRequest

ARN = "arn:aws:iam::123456789012:mfa/a b"
XML_LIFECYCLE = {
    "Rules": [{"ID": "r<&>", "Status": "Enabled", "Filter": {"Prefix": "é"}, "Expiration": {"Days": 3}}]
}
ZONE_CHANGE = {
    "Changes": [
        {
            "Action": "UPSERT",
            "ResourceRecordSet": {
                "Name": "a.example.",
                "Type": "A",
                "TTL": 60,
                "ResourceRecords": [{"Value": "192.0.2.1"}],
            },
        }
    ]
}

CALLS: list[tuple[str, str, Protocol, dict[str, Any]]] = [
    ("sts", "GetCallerIdentity", Protocol.QUERY, {}),
    ("sts", "GetSessionToken", Protocol.QUERY,
     {"SerialNumber": ARN, "TokenCode": "012345", "DurationSeconds": 900}),
    ("sts", "AssumeRole", Protocol.QUERY,
     {"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "s", "Policy": '{"a": "b&=+"}',
      "PolicyArns": [{"arn": "a"}, {"arn": "b"}], "Tags": [{"Key": "k", "Value": ""}],
      "TransitiveTagKeys": ["k", "l"]}),
    ("iam", "CreateUser", Protocol.QUERY, {"UserName": "té+st", "Tags": [{"Key": "a", "Value": "b"}]}),
    ("iam", "EnableMFADevice", Protocol.QUERY,
     {"UserName": "u", "SerialNumber": ARN, "AuthenticationCode1": "000001",
      "AuthenticationCode2": "000002"}),
    ("iam", "PutUserPolicy", Protocol.QUERY, {"UserName": "u", "PolicyName": "p", "PolicyDocument": "{\n}"}),
    ("iam", "SimulateCustomPolicy", Protocol.QUERY,
     {"PolicyInputList": ["{}"], "ActionNames": ["a:B"], "MaxItems": 5,
      "ContextEntries": [{"ContextKeyName": "k", "ContextKeyValues": ["1", "2"],
                          "ContextKeyType": "string"}]}),
    ("cloudformation", "CreateStack", Protocol.QUERY,
     {"StackName": "s",
      "Parameters": [{"ParameterKey": "a", "ParameterValue": "b", "UsePreviousValue": False}]}),
    ("sns", "CreateTopic", Protocol.QUERY, {"Name": "t", "Attributes": {"a": "1", "b": "2"}}),
    ("autoscaling", "DescribeAutoScalingGroups", Protocol.QUERY, {"AutoScalingGroupNames": ["a", "b"]}),
    ("rds", "DescribeDBInstances", Protocol.QUERY, {"Filters": [{"Name": "n", "Values": ["v"]}]}),
    ("elb", "DescribeLoadBalancers", Protocol.QUERY, {"LoadBalancerNames": ["a"]}),
    ("elbv2", "DescribeLoadBalancers", Protocol.QUERY, {"Names": ["a"]}),
    ("ses", "SendEmail", Protocol.QUERY,
     {"Source": "a@b", "Destination": {"ToAddresses": ["c@d"]},
      "Message": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}}),
    ("ec2", "DescribeRegions", Protocol.EC2,
     {"Filters": [{"Name": "x", "Values": ["a", "b"]}], "RegionNames": ["r"], "AllRegions": True}),
    ("ec2", "RunInstances", Protocol.EC2,
     {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 2, "SecurityGroupIds": ["sg-1"],
      "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 10, "Encrypted": False}}],
      "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "k", "Value": "v"}]}]}),
    ("ec2", "DescribeInstances", Protocol.EC2, {"InstanceIds": [f"i-{n}" for n in range(12)]}),
    ("ec2", "CreateTags", Protocol.EC2, {"Resources": ["i-1"], "Tags": [{"Key": "a", "Value": ""}]}),
    ("ec2", "AuthorizeSecurityGroupIngress", Protocol.EC2,
     {"GroupId": "sg-1", "IpPermissions": [{"FromPort": 22, "ToPort": 22, "IpProtocol": "tcp",
                                            "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}),
    ("dynamodb", "PutItem", Protocol.JSON,
     {"TableName": "t", "Item": {"k": {"B": b"\x00\xff"}, "n": {"N": "1"}}}),
    ("dynamodb", "ListTables", Protocol.JSON, {}),
    ("kms", "Encrypt", Protocol.JSON, {"KeyId": "k", "Plaintext": b"x", "EncryptionContext": {"a": "b"}}),
    ("sqs", "SendMessage", Protocol.JSON, {"QueueUrl": f"http://{HOST}/1/q", "MessageBody": "é"}),
    ("logs", "DescribeLogGroups", Protocol.JSON, {"limit": 5}),
    ("secretsmanager", "GetSecretValue", Protocol.JSON, {"SecretId": "s"}),
    ("ssm", "GetParameters", Protocol.JSON, {"Names": ["a", "b"], "WithDecryption": True}),
    ("events", "PutEvents", Protocol.JSON, {"Entries": [{"Source": "s", "Detail": "{}", "DetailType": "d"}]}),
    ("cloudwatch", "PutMetricData", Protocol.JSON,
     {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1.5}]}),
    ("organizations", "DescribeOrganization", Protocol.JSON, {}),
    ("cognito-idp", "ListUserPools", Protocol.JSON, {"MaxResults": 1}),
    ("ecs", "DescribeClusters", Protocol.JSON, {"clusters": ["a"]}),
    ("lambda", "Invoke", Protocol.REST_JSON,
     {"FunctionName": "f:1", "Payload": b'{"a": 1}', "LogType": "Tail"}),
    ("lambda", "ListFunctions", Protocol.REST_JSON, {"MaxItems": 3}),
    ("lambda", "CreateFunction", Protocol.REST_JSON,
     {"FunctionName": "f", "Role": "r", "Code": {"ZipFile": b"PK"},
      "Environment": {"Variables": {"A": "b"}}}),
    ("lambda", "ListTags", Protocol.REST_JSON,
     {"Resource": "arn:aws:lambda:eu-west-1:123456789012:function:f"}),
    ("apigateway", "GetRestApi", Protocol.REST_JSON, {"restApiId": "a/b c"}),
    ("apigateway", "TagResource", Protocol.REST_JSON,
     {"resourceArn": "arn:aws:apigateway:eu-west-1::/restapis/x", "tags": {"a": "b"}}),
    ("apigatewayv2", "GetApis", Protocol.REST_JSON, {}),
    ("eks", "UntagResource", Protocol.REST_JSON,
     {"resourceArn": "arn:aws:eks:r:1:cluster/c", "tagKeys": ["a", "b"]}),
    ("sesv2", "ListEmailIdentities", Protocol.REST_JSON, {}),
    ("route53", "ListHostedZones", Protocol.REST_XML, {}),
    ("route53", "ChangeResourceRecordSets", Protocol.REST_XML,
     {"HostedZoneId": "Z1", "ChangeBatch": ZONE_CHANGE}),
    ("cloudfront", "TagResource", Protocol.REST_XML,
     {"Resource": "arn:aws:cloudfront::1:distribution/D", "Tags": {"Items": [{"Key": "a", "Value": "b"}]}}),
    ("s3", "ListBuckets", Protocol.REST_XML, {}),
    ("s3", "CreateBucket", Protocol.REST_XML,
     {"Bucket": "bucket", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}),
    ("s3", "HeadBucket", Protocol.REST_XML, {"Bucket": "bucket"}),
    ("s3", "ListObjects", Protocol.REST_XML, {"Bucket": "bucket", "Prefix": "a+b é"}),
    ("s3", "ListObjectsV2", Protocol.REST_XML, {"Bucket": "bucket", "MaxKeys": 5, "FetchOwner": True}),
    ("s3", "ListObjectVersions", Protocol.REST_XML, {"Bucket": "bucket"}),
    ("s3", "PutObject", Protocol.REST_XML,
     {"Bucket": "bucket", "Key": "a b/%2F//é?+", "Body": b"hello", "Metadata": {"a": "b"}, "ACL": "private"}),
    ("s3", "GetObject", Protocol.REST_XML,
     {"Bucket": "bucket", "Key": "/../k", "VersionId": "1", "Range": "bytes=0-1"}),
    ("s3", "GetObject", Protocol.REST_XML, {"Bucket": "bucket", "Key": "k", "PartNumber": 2}),
    ("s3", "HeadObject", Protocol.REST_XML, {"Bucket": "bucket", "Key": "k"}),
    ("s3", "CopyObject", Protocol.REST_XML, {"Bucket": "bucket", "Key": "k", "CopySource": "other/k"}),
    ("s3", "DeleteObject", Protocol.REST_XML, {"Bucket": "bucket", "Key": "k"}),
    ("s3", "DeleteObjects", Protocol.REST_XML,
     {"Bucket": "bucket", "Delete": {"Objects": [{"Key": "a"}, {"Key": "b&<"}], "Quiet": True}}),
    ("s3", "GetObjectAttributes", Protocol.REST_XML,
     {"Bucket": "bucket", "Key": "k", "ObjectAttributes": ["ETag", "ObjectSize"]}),
    ("s3", "CreateMultipartUpload", Protocol.REST_XML, {"Bucket": "bucket", "Key": "k"}),
    ("s3", "UploadPart", Protocol.REST_XML,
     {"Bucket": "bucket", "Key": "k", "PartNumber": 1, "UploadId": "u", "Body": b"x"}),
    ("s3", "UploadPartCopy", Protocol.REST_XML,
     {"Bucket": "bucket", "Key": "k", "PartNumber": 1, "UploadId": "u", "CopySource": "o/k"}),
    ("s3", "ListParts", Protocol.REST_XML, {"Bucket": "bucket", "Key": "k", "UploadId": "u"}),
    ("s3", "CompleteMultipartUpload", Protocol.REST_XML,
     {"Bucket": "bucket", "Key": "k", "UploadId": "u",
      "MultipartUpload": {"Parts": [{"ETag": "e", "PartNumber": 1}]}}),
    ("s3", "AbortMultipartUpload", Protocol.REST_XML, {"Bucket": "bucket", "Key": "k", "UploadId": "u"}),
    ("s3", "PutBucketVersioning", Protocol.REST_XML,
     {"Bucket": "bucket", "VersioningConfiguration": {"Status": "Enabled", "MFADelete": "Disabled"}}),
    ("s3", "GetBucketVersioning", Protocol.REST_XML, {"Bucket": "bucket"}),
    ("s3", "PutBucketPolicy", Protocol.REST_XML, {"Bucket": "bucket", "Policy": '{"é": 1}'}),
    ("s3", "PutObjectTagging", Protocol.REST_XML,
     {"Bucket": "bucket", "Key": "k", "Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}),
    ("s3", "PutBucketLifecycleConfiguration", Protocol.REST_XML,
     {"Bucket": "bucket", "LifecycleConfiguration": XML_LIFECYCLE}),
    ("s3", "GetBucketLifecycleConfiguration", Protocol.REST_XML, {"Bucket": "bucket"}),
    ("s3", "GetBucketAnalyticsConfiguration", Protocol.REST_XML, {"Bucket": "bucket", "Id": "i"}),
    ("s3", "ListBucketAnalyticsConfigurations", Protocol.REST_XML, {"Bucket": "bucket"}),
    ("s3", "PutObjectAcl", Protocol.REST_XML,
     {"Bucket": "bucket", "Key": "k", "AccessControlPolicy": {
         "Owner": {"ID": "o"},
         "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": "g"}, "Permission": "READ"}]}}),
    ("s3control", "GetPublicAccessBlock", Protocol.REST_XML, {"AccountId": "123456789012"}),
]  # fmt: skip


def contains(found: object, wanted: object) -> bool:
    """Whether `found` is `wanted`; structures may hold more, as botocore adds tokens and defaults."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return all(name in found and contains(found[name], value) for name, value in wanted.items())
    return found == wanted and type(found) is type(wanted)


@pytest.mark.parametrize(("service", "name", "protocol", "params"), CALLS)
def test_what_botocore_sends_is_told_with_its_parameters(
    service: str, name: str, protocol: Protocol, params: dict[str, Any]
) -> None:
    operation = identify(sent(service, name, **params))

    assert (operation.service, operation.name, operation.protocol) == (service, name, protocol)
    assert operation.region == "eu-west-1"
    assert contains(operation.params, params), operation.params


def test_a_presigned_call_is_told_from_its_query_string() -> None:
    request = signed("GET", f"http://{HOST}/?Action=GetCallerIdentity&Version=2011-06-15", service="sts")

    assert identify(request).name == "GetCallerIdentity"


def test_an_operation_knows_what_its_answers_need() -> None:
    sqs = identify(sent("sqs", "ListQueues"))
    iam = identify(sent("iam", "ListUsers"))

    assert (sqs.json_version, sqs.query_compatible) == ("1.0", True)
    assert (iam.namespace, iam.api_version) == ("https://iam.amazonaws.com/doc/2010-05-08/", "2010-05-08")
    block = sent("ebs", "PutSnapshotBlock", SnapshotId="s", BlockIndex=1, BlockData=b"x")
    assert identify(block).unsigned_payload


def test_the_repr_of_an_operation_shows_no_parameters() -> None:
    assert "012345" not in repr(identify(sent("sts", "GetSessionToken", TokenCode="012345")))


def test_telling_an_operation_is_quick() -> None:
    request = sent("s3", "PutObject", Bucket="bucket", Key="k", Body=b"x")
    identify(request)
    started = time.perf_counter()
    for _ in range(100):
        identify(request)

    assert (time.perf_counter() - started) / 100 < 0.002  # some 0.1 ms here; the rest is for busy machines


# --- S3's paths -----------------------------------------------------------------------------------


def s3(method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"") -> WireRequest:
    return signed(method, f"http://{HOST}{target}", service="s3", headers=headers, body=body)


@pytest.mark.parametrize(
    ("method", "target", "name"),
    [
        ("GET", "/bucket/", "ListObjects"),
        ("GET", "/bucket?unknown=1", "ListObjects"),
        ("GET", "/bucket?acl=", "GetBucketAcl"),
        ("GET", "/bucket/k?acl", "GetObjectAcl"),
        ("GET", "/bucket/k?x-id=GetObject", "GetObject"),
        ("GET", "/bucket?list-type=2&versionId", "ListObjectsV2"),
        ("POST", "/bucket/k?uploads", "CreateMultipartUpload"),
        ("POST", "/bucket/k?select&select-type=2", "SelectObjectContent"),
        ("PUT", "/bucket/k?tagging&versionId=1", "PutObjectTagging"),
    ],
)
def test_s3_tells_operations_apart_by_sub_resources(method: str, target: str, name: str) -> None:
    assert identify(s3(method, target)).name == name


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/bucket?acl&policy"),
        ("GET", "/bucket/k?acl&tagging"),
        ("GET", "/bucket?list-type=1"),
        ("GET", "/bucket?list-type=2&versions"),
        ("GET", "/bucket/k?versioning"),
        ("PUT", "/bucket/k?uploadId=u"),
        ("PUT", "/bucket/k?partNumber=1"),
        ("GET", "/bucket?acl&acl"),
        ("GET", "/bucket/k?versionId=1&versionId=2"),
        ("POST", "/bucket/k"),
        ("POST", "/"),
        ("OPTIONS", "/bucket/k"),
        ("BREW", "/bucket"),
        ("GET", "/v20180820/nothing/here"),
    ],
)
def test_s3_requests_that_are_not_exactly_one_operation_are_refused(method: str, target: str) -> None:
    with pytest.raises(SandboxRefusal):
        identify(s3(method, target))


def test_a_header_that_would_make_it_another_operation_is_refused() -> None:
    with pytest.raises(SandboxRefusal, match="x-amz-copy-source"):
        identify(s3("GET", "/bucket/k", {"x-amz-copy-source": "a/b"}))


def test_s3_keys_are_decoded_once_and_keep_their_slashes() -> None:
    params = identify(s3("GET", "/bucket//a%252F/%2F/")).params

    assert (params["Bucket"], params["Key"]) == ("bucket", "/a%2F///")


@pytest.mark.parametrize("host", ["bucket.localhost:4566", "bucket.s3.amazonaws.com", "example.org"])
def test_a_bucket_in_the_host_is_refused(host: str) -> None:
    with pytest.raises(SandboxRefusal, match="bucket in the path"):
        identify(replaced(s3("GET", "/k"), headers={"Host": host}))


def test_s3_answers_at_localhost() -> None:
    assert identify(replaced(s3("GET", "/b"), headers={"Host": "localhost"})).name == "ListObjects"
    assert identify(replaced(s3("GET", "/b"), headers={"Host": "LocalHost:1"})).name == "ListObjects"
    assert identify(replaced(s3("GET", "/b"), headers={"Host": "[::1]:1"})).name == "ListObjects"


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE Delete [<!ENTITY a "aaaa">]><Delete><Object><Key>&a;</Key></Object></Delete>',
        b'<!DOCTYPE Delete SYSTEM "file:///etc/passwd"><Delete/>',
        b"<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>",
        b"<a>" * 100 + b"</a>" * 100,
        b"<Delete><Quiet>maybe</Quiet></Delete>",
        b"<Delete><Object><Key><b/></Key></Object></Delete>",
        b"<!--" + b"x" * 5_000_000 + b"--><Delete/>",
    ],
)
def test_xml_that_plays_tricks_is_refused(body: bytes) -> None:
    with pytest.raises(SandboxRefusal):
        identify(s3("POST", "/bucket?delete", body=body))


@pytest.mark.parametrize(
    "body", [b"<Delete>", b"nonsense", b"\xff\xfe", b"<Other/>", b"<Delete>&a;</Delete>"]
)
def test_xml_that_is_none_is_refused_in_the_words_of_s3(body: bytes) -> None:
    with pytest.raises(AwsError) as refused:
        identify(s3("POST", "/bucket?delete", body=body))

    assert refused.value.code == "MalformedXML"


def test_xml_with_a_namespace_prefix_is_read() -> None:
    body = b'<s:Delete xmlns:s="http://s3.amazonaws.com/"><s:Object><s:Key>a</s:Key></s:Object></s:Delete>'

    assert identify(s3("POST", "/bucket?delete", body=body)).params["Delete"] == {"Objects": [{"Key": "a"}]}


# --- the other protocols --------------------------------------------------------------------------


def form(text: str, service: str = "sts", target: str = "/", method: str = "POST") -> Operation:
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    return identify(
        signed(method, f"http://{HOST}{target}", service=service, headers=headers, body=text.encode())
    )


CALLER = "Action=GetCallerIdentity&Version=2011-06-15"


@pytest.mark.parametrize(
    ("text", "service", "target"),
    [
        (f"{CALLER}&Action=GetSessionToken", "sts", "/"),
        (f"{CALLER}&a=1&a=2", "sts", "/"),
        (CALLER, "iam", "/"),
        (CALLER, "nosuch", "/"),
        ("Action=GetCallerIdentity", "sts", "/"),
        ("Action=GetCallerIdentity&Version=2010-05-08", "sts", "/"),
        ("Action=Nothing&Version=2011-06-15", "sts", "/"),
        ("Action=getcalleridentity&Version=2011-06-15", "sts", "/"),
        (CALLER, "sts", "/path"),
        (CALLER, "sts", "/?Action=GetSessionToken"),
        (CALLER, "sts", "/?DurationSeconds=900"),
        ("", "sts", "/"),
        ("Version=2011-06-15", "sts", "/"),
        ("Action=GetSessionToken&Version=2011-06-15&DurationSeconds=x", "sts", "/"),
        ("Action=AssumeRole&Version=2011-06-15&Tags.member.2.Key=a", "sts", "/"),
        ("Action=AssumeRole&Version=2011-06-15&Tags.member.01.Key=a", "sts", "/"),
        ("Action=AssumeRole&Version=2011-06-15&Tags.1.Key=a", "sts", "/"),
        ("Action=AssumeRole&Version=2011-06-15&RoleArn.1=a", "sts", "/"),
        ("Action=AssumeRole&Version=2011-06-15&Tags=a", "sts", "/"),
        ("Action=DescribeRegions&Version=2016-11-15&AllRegions=perhaps", "ec2", "/"),
        ("Action=DescribeInstances&Version=2016-11-15&InstanceId.1=a&InstanceId.3=b", "ec2", "/"),
        ("Action=DescribeInstances&Version=2016-11-15&InstanceId.0=a&InstanceId.1=b", "ec2", "/"),
    ],
)
def test_calls_that_are_not_exactly_one_operation_are_refused(text: str, service: str, target: str) -> None:
    with pytest.raises(SandboxRefusal):
        form(text, service, target)


def test_parameters_that_the_model_does_not_know_are_left_out() -> None:
    assert form(f"{CALLER}&Unknown.1=x").params == {}


def test_empty_lists_are_empty() -> None:
    assert form("Action=AssumeRole&Version=2011-06-15&Tags=").params == {"Tags": []}


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{",
        b"nonsense",
        b'"text"',
        b"\xff",
        b'{"Limit": NaN}',
        b"[" * 100_000,
        b'{"Limit": 1' + b"0" * 5000 + b"}",
    ],
)
def test_json_that_is_none_is_refused_in_the_words_of_the_service(body: bytes) -> None:
    with pytest.raises(AwsError) as refused:
        identify(replaced(sent("dynamodb", "ListTables"), body=body))

    assert (refused.value.code, refused.value.status) == ("SerializationException", 400)


@pytest.mark.parametrize(
    "body",
    [
        b'{"Limit": 1, "Limit": 2}',
        b'{"Limit": "1"}',
        b'{"Limit": true}',
        b'{"Limit": 1.5}',
        b'{"ExclusiveStartTableName": 1}',
        b'{"ExclusiveStartTableName": ["a"]}',
    ],
)
def test_json_of_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(SandboxRefusal):
        identify(replaced(sent("dynamodb", "ListTables"), body=body))


def test_a_json_null_is_an_absent_parameter() -> None:
    assert (
        identify(replaced(sent("dynamodb", "ListTables"), body=b'{"Limit": null, "Other": 1}')).params == {}
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"headers": {"x-amz-target": "DynamoDB_20120810.Nothing"}},
        {"headers": {"x-amz-target": "DynamoDB_20111205.ListTables"}},
        {"headers": {"x-amz-target": "ListTables"}},
        {"headers": {"x-amz-target": ""}},
        {"headers": {"x-amz-target": None}},
        {"headers": {"content-encoding": "gzip"}},
        {"method": "GET"},
        {"target": "/path"},
    ],
)
def test_json_calls_that_are_not_exactly_one_operation_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(SandboxRefusal):
        identify(replaced(sent("dynamodb", "ListTables"), **changes))


def test_a_call_in_cbor_is_refused_by_the_name_of_its_protocol() -> None:
    request = signed(
        "POST",
        f"http://{HOST}/service/GraniteServiceVersion20100801/operation/ListMetrics",
        service="monitoring",
        headers={"smithy-protocol": "rpc-v2-cbor"},
        body=b"\xa0",
    )

    with pytest.raises(SandboxRefusal, match=r"`cloudwatch:ListMetrics`.*smithy-rpc-v2-cbor"):
        identify(request)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/2015-03-31/functions/../functions/f"),
        ("GET", "/2015-03-31//functions"),
        ("GET", "/2015-03-31/nothing"),
        ("PATCH", "/2015-03-31/functions/f"),
        ("GET", "/2015-03-31/functions?Marker=a&Marker=b"),
        ("GET", "/" + "a/" * 100),
        ("GET", "/"),
    ],
)
def test_rest_calls_that_are_not_exactly_one_operation_are_refused(method: str, target: str) -> None:
    with pytest.raises(SandboxRefusal):
        identify(signed(method, f"http://{HOST}{target}", service="lambda"))


def test_of_services_that_share_a_name_and_an_operation_the_namesake_answers() -> None:
    tags = identify(signed("GET", f"http://{HOST}/2017-03-31/tags/arn%3Aaws%3Alambda%3Ax", service="lambda"))

    assert (tags.service, tags.name) == ("lambda", "ListTags")
    with pytest.raises(SandboxRefusal, match="it cannot be told"):
        identify(signed("GET", f"http://{HOST}/tags/arn", service="lex"))


def test_an_unsigned_request_is_for_no_service() -> None:
    with pytest.raises(SandboxRefusal, match="not signed"):
        identify(WireRequest.of_target("GET", "/bucket", [("Host", HOST)]))
