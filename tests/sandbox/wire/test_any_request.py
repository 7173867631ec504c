"""Whatever is sent, the answer is an AwsError or a result, and never a crash."""

from __future__ import annotations

from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.wire.sent import HOST, NOW, SECRET, sent, signed
from watchword.sandbox.wire.error import AwsError
from watchword.sandbox.wire.operation import identify
from watchword.sandbox.wire.render import render_error
from watchword.sandbox.wire.request import WireRequest
from watchword.sandbox.wire.sigv4 import read_signature, verify

NAMES = [
    "authorization",
    "content-encoding",
    "content-type",
    "date",
    "host",
    "smithy-protocol",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-meta-a",
    "x-amz-security-token",
    "x-amz-target",
    "x-amz-trailer",
]
CREDENTIAL = "AKIAIOSFODNN7EXAMPLE/20260102/eu-west-1/{}/aws4_request"
TEXT = st.text(st.characters(max_codepoint=0xFF), max_size=40)
SERVICE = st.sampled_from(["sts", "iam", "ec2", "s3", "dynamodb", "lambda", "route53", "monitoring", "x", ""])
AUTHORIZATION = st.one_of(
    TEXT,
    st.builds(
        "AWS4-HMAC-SHA256 Credential={}, SignedHeaders={}, Signature={}".format,
        SERVICE.map(CREDENTIAL.format),
        st.one_of(st.just("host;x-amz-date"), TEXT),
        TEXT,
    ),
)
VALUE = st.one_of(
    TEXT,
    st.sampled_from(
        [
            "20260102T030405Z",
            "application/x-www-form-urlencoded",
            "DynamoDB_20120810.ListTables",
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            "UNSIGNED-PAYLOAD",
            HOST,
        ]
    ),
)
HEADERS = st.lists(
    st.one_of(
        st.tuples(st.just("Authorization"), AUTHORIZATION),
        st.tuples(st.sampled_from(NAMES), VALUE),
        st.tuples(TEXT, TEXT),
    ),
    max_size=8,
)
TARGET = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from([*"/?&=%.+;a", "%2F", "%FF", "..", "acl", "uploadId=", "X-Amz-Date="]), max_size=20
    )
    .map("".join)
    .map("/{}".format),
    SERVICE.map(
        lambda service: (
            "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260102T030405Z&X-Amz-SignedHeaders=host"
            f"&X-Amz-Expires=60&X-Amz-Signature=0&X-Amz-Credential={CREDENTIAL.format(service)}"
        )
    ),
)
BODY = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(
        [
            b"Action=AssumeRole&Version=2011-06-15&Tags.member.1.Key=a&Tags.member.1=b",
            b'{"Limit": 1}',
            b"<Delete><Object/></Delete>",
            b"5\r\nhello\r\n0\r\n\r\n",
        ]
    ),
)


def handle(request: WireRequest) -> None:
    raised: AwsError | None = None
    try:
        signature = read_signature(request)
        if signature is not None:
            verify(request, signature, secret_access_key=SECRET, now=NOW)
    except AwsError as problem:
        raised = problem
    try:
        identify(request)
    except AwsError as problem:
        raised = problem
    if raised is not None:
        response = render_error(raised, None, request, request_id="id")
        assert 400 <= response.status < 500


@settings(max_examples=300, deadline=None)
@given(
    method=st.one_of(st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD"]), TEXT),
    target=TARGET,
    headers=HEADERS,
    body=BODY,
)
def test_no_request_makes_it_crash(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    try:
        request = WireRequest.of_target(method, target, headers, body)
    except AwsError:
        return
    handle(request)


@cache
def real() -> tuple[WireRequest, ...]:
    return (
        sent("sts", "AssumeRole", RoleArn="r", RoleSessionName="s", Tags=[{"Key": "k", "Value": "v"}]),
        sent("ec2", "DescribeRegions", Filters=[{"Name": "a", "Values": ["b"]}]),
        sent("dynamodb", "PutItem", TableName="t", Item={"k": {"B": b"x"}}),
        sent("lambda", "Invoke", FunctionName="f", Payload=b"{}"),
        sent("route53", "ListHostedZones"),
        sent("s3", "DeleteObjects", Bucket="bucket", Delete={"Objects": [{"Key": "a"}]}),
        sent("s3", "PutObject", endpoint=f"https://{HOST}", Bucket="bucket", Key="k", Body=b"hello"),
        signed("GET", f"http://{HOST}/?Action=GetCallerIdentity&Version=2011-06-15", service="sts"),
    )


def spliced(text: str, at: int, length: int, new: str) -> str:
    at %= len(text) + 1
    return text[:at] + new + text[at + length :]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    which=st.integers(0, 7),
    part=st.sampled_from(["target", "header", "body"]),
    at=st.integers(0, 500),
    length=st.integers(0, 8),
    new=st.text(st.characters(max_codepoint=0xFF), max_size=8),
)
def test_no_change_to_a_real_request_makes_it_crash(
    which: int, part: str, at: int, length: int, new: str
) -> None:
    request = real()[which]
    target = f"{request.raw_path}?{request.raw_query}"
    headers, body = list(request.headers), request.body
    match part:
        case "target":
            target = spliced(target, at, length, new)
        case "header":
            name, value = headers[at % len(headers)]
            headers[at % len(headers)] = (name, spliced(value, at, length, new))
        case _:
            body = spliced(body.decode("latin-1"), at, length, new).encode("latin-1")
    try:
        changed = WireRequest.of_target(request.method, target, headers, body)
    except AwsError:
        return
    handle(changed)
