"""Whatever somebody with a key signs, in whichever protocol, the answer is a result or a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local_aws import LocalAws, local_aws
from sandbox.wire.sent import as_wire, at
from watchword.sandbox.wire.error import AwsError

FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


def json_of(target: str, version: str = "1.1") -> dict[str, str]:
    return {"Content-Type": f"application/x-amz-json-{version}", "X-Amz-Target": target}


# Signing name, method, target, headers and body, in every protocol.
CALLS: list[tuple[str, str, str, dict[str, str], str]] = [
    ("iam", "POST", "/", FORM, "Action=ListUsers&Version=2010-05-08&MaxItems=5"),
    ("iam", "POST", "/", FORM, "Action=CreateUser&Version=2010-05-08&UserName=a&Tags.member.1.Key=k"),
    ("sts", "POST", "/", FORM, "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=900"),
    ("ec2", "POST", "/", FORM, "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=a&Filter.1.Value.1=b"),
    ("sns", "POST", "/", FORM, "Action=CreateTopic&Version=2010-03-31&Name=a&Attributes.entry.1.key=k"),
    ("cloudformation", "POST", "/", FORM, 'Action=ValidateTemplate&Version=2010-05-15&TemplateBody={"a": 1}'),
    ("sqs", "POST", "/", json_of("AmazonSQS.CreateQueue", "1.0"), '{"QueueName": "a", "tags": {"b": "c"}}'),
    ("kms", "POST", "/", json_of("TrentService.CreateKey"), '{"Tags": [{"TagKey": "a"}], "Policy": "{}"}'),
    ("ssm", "POST", "/", json_of("AmazonSSM.PutParameter"), '{"Name": "a", "Value": "b", "Type": "String"}'),
    ("dynamodb", "POST", "/", json_of("DynamoDB_20120810.GetItem", "1.0"), '{"TableName": "t", "Key": {}}'),
    ("s3", "PUT", "/bucket?tagging", {}, "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>"),
    ("s3", "POST", "/bucket?delete", {}, "<Delete><Object><Key>a</Key></Object></Delete>"),
    ("s3", "GET", "/bucket/key?versionId=a&partNumber=1", {"Range": "bytes=0-1"}, ""),
    ("lambda", "GET", "/2015-03-31/functions/f/policy?Qualifier=a", {}, ""),
    ("lambda", "POST", "/2015-03-31/functions", {}, '{"FunctionName": "f", "Code": {"ZipFile": "eA=="}}'),
    ("monitoring", "POST", "/", json_of("GraniteServiceVersion20100801.ListMetrics", "1.0"), "{}"),
]
PIECES = st.one_of(
    st.sampled_from(
        ["%00", "%2F", "&Action=DeleteUser", "=", "{", "}", "[", "null", "-1", "1e999", "..", "<!DOCTYPE a>",
         "&amp;", "é", "\x00", ".member.1.", "9" * 400, "[" * 2000, "<a>" * 2000]
    ),
    st.text(st.characters(max_codepoint=0xFF), max_size=6),
)  # fmt: skip


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with local_aws(tmp_path_factory.mktemp("sandbox")) as running:
        running.client("s3").create_bucket(Bucket="bucket")
        yield running


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    which=st.sampled_from(CALLS),
    part=st.sampled_from(["target", "body", "header"]),
    place=st.integers(0, 120),
    length=st.integers(0, 12),
    piece=PIECES,
)
def test_no_signed_request_makes_it_fail(
    aws: LocalAws,
    which: tuple[str, str, str, dict[str, str], str],
    part: str,
    place: int,
    length: int,
    piece: str,
) -> None:
    service, method, target, headers, body = which
    named = dict(headers)
    match part:
        case "target":
            target = f"/{_spliced(target, place, length, piece)}".replace(" ", "%20").replace("//", "/")
        case "header" if named:
            name = sorted(named)[place % len(named)]
            named[name] = _spliced(named[name], place, length, piece)
        case _:
            body = _spliced(body, place, length, piece)
    try:
        request = AWSRequest(
            method=method, url=aws.endpoint_url + target, data=body.encode("latin-1"), headers=named
        )
        signer = S3SigV4Auth if service == "s3" else SigV4Auth
        with at(datetime.now(UTC)):
            signer(Credentials(aws.access_key_id, aws.secret_access_key), service, "us-east-1").add_auth(
                request
            )
        sent = as_wire(request.prepare())
    except (AwsError, ValueError):  # what cannot be sent
        return
    answer = aws.inner.answer(sent)
    assert answer.status < 500, (sent, answer.body)
    assert b"Traceback" not in answer.body
    assert not answer.body.lower().startswith(b"<!doctype html")


def _spliced(text: str, place: int, length: int, piece: str) -> str:
    place %= len(text) + 1
    return text[:place] + piece + text[place + length :]
