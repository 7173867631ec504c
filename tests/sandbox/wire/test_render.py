"""Answers as botocore reads them: the code and the text that a boto3 client sees."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError
from botocore.parsers import create_parser

from sandbox.wire.sent import HOST, client, replaced, sent
from watchword.sandbox.wire import catalog, error
from watchword.sandbox.wire.error import AwsError, PolicyType, SandboxRefusal
from watchword.sandbox.wire.operation import Operation, identify
from watchword.sandbox.wire.protocol import Dialect
from watchword.sandbox.wire.render import WireResponse, render_error, render_result
from watchword.sandbox.wire.request import WireRequest

REQUEST_ID = "01234567-89ab-cdef-0123-456789abcdef"
USER = "arn:aws:iam::123456789012:user/<te&st>"

FORM = {"content-type": "application/x-www-form-urlencoded"}

# One call in each dialect.
CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "query": ("sts", "GetCallerIdentity", {}),
    "ec2": ("ec2", "DescribeRegions", {}),
    "json": ("dynamodb", "ListTables", {}),
    "rest-json": ("lambda", "ListFunctions", {}),
    "rest-xml": ("route53", "ListHostedZones", {}),
    "s3": ("s3", "GetObject", {"Bucket": "bucket", "Key": "a<b"}),
}


def errors(dialect: Dialect) -> list[AwsError]:
    return [
        error.wrong_mfa_code(),
        error.mfa_not_validated(),
        error.mfa_half_given(),
        error.session_token_from_session(),
        error.mfa_session_required(),
        error.invalid_enrolment_pair(),
        error.iam_without_mfa(),
        error.missing_token(dialect),
        error.invalid_access_key(dialect, "AKIA<"),
        error.invalid_session_token(dialect, "ASIA"),
        error.expired_token(dialect),
        error.signature_mismatch(dialect, access_key_id="AKIA"),
        error.bad_signature(dialect, "a < b"),
        error.incomplete_signature(dialect, "a & b"),
        error.denied(
            dialect,
            principal_arn=USER,
            action="a:B",
            resource="arn:aws:a:::é<b>",
            ending=PolicyType.IDENTITY.implicit_ending("a:B"),
        ),
        error.invalid_uri(),
        error.unreadable_body(dialect),
        SandboxRefusal("cannot tell `<what>`"),
    ]


def parsed(response: WireResponse, service: str, operation: str | None = None) -> dict[str, Any]:
    protocol = catalog.service(service).resolved_protocol
    # The parser takes no shape at all, too; its types do not say so.
    shape: Any = catalog.operation_model(service, operation).output_shape if operation else None
    reply = {
        "body": response.body,
        "headers": {name.lower(): value for name, value in response.headers},
        "status_code": response.status,
    }
    found: dict[str, Any] = create_parser(protocol).parse(reply, shape)
    return found


def text_of(response: WireResponse, name: str) -> str | None:
    return ET.fromstring(response.body).findtext(name)  # noqa: S314 - our own answer


@pytest.mark.parametrize("kind", list(CALLS))
@pytest.mark.parametrize("known", [True, False])
def test_every_error_reads_back_in_every_dialect(kind: str, known: bool) -> None:
    service, name, params = CALLS[kind]
    request = sent(service, name, **params)
    operation = identify(request)
    assert operation.dialect is Dialect(kind)

    for raised in errors(operation.dialect):
        response = render_error(raised, operation if known else None, request, request_id=REQUEST_ID)
        found = parsed(response, service)

        assert response.status == raised.status
        assert found["Error"]["Code"] == raised.code
        assert found["Error"]["Message"] == raised.message
        assert found["ResponseMetadata"]["RequestId"] == REQUEST_ID


@pytest.mark.parametrize("kind", list(CALLS))
def test_a_boto3_client_raises_what_was_rendered(kind: str) -> None:
    service, name, params = CALLS[kind]
    operation = identify(sent(service, name, **params))
    raised = error.denied(operation.dialect, principal_arn=USER, action="a:B")

    with pytest.raises(ClientError) as seen:
        answered(operation, sent(service, name, **params), raised, params)

    assert seen.value.response["Error"]["Code"] == raised.code
    assert seen.value.response["Error"]["Message"] == raised.message
    assert seen.value.response["ResponseMetadata"]["HTTPStatusCode"] == raised.status


def answered(operation: Operation, request: WireRequest, raised: AwsError, params: dict[str, Any]) -> None:
    response = render_error(raised, operation, request, request_id=REQUEST_ID)
    peer = client(operation.service)
    method = next(name for name, api in peer.meta.method_to_api_mapping.items() if api == operation.name)

    def reply(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        headers = HTTPHeaders.from_pairs(response.headers)
        return AWSResponse(request.url, response.status, headers, _Raw(response.body))

    hook: Any = reply  # its types know no hook that answers
    peer.meta.events.register("before-send.*.*", hook)
    try:
        getattr(peer, method)(**params)
    finally:
        peer.meta.events.unregister("before-send.*.*", hook)


class _Raw:
    def __init__(self, body: bytes) -> None:
        self.body = body

    def stream(self, **_: object) -> list[bytes]:
        return [self.body]


def test_the_error_of_a_query_service_has_its_namespace_and_type() -> None:
    request = sent("iam", "ListUsers")
    response = render_error(error.iam_without_mfa(), identify(request), request, request_id=REQUEST_ID)

    assert response.body.decode() == (
        '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>'
        "<Code>InvalidClientTokenId</Code><Message>The security token included in the request is invalid"
        f"</Message></Error><RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
    )


def test_the_error_of_ec2_has_its_own_form() -> None:
    request = sent("ec2", "DescribeRegions")
    response = render_error(error.expired_token(Dialect.EC2), identify(request), request, request_id="id")

    assert response.body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>RequestExpired</Code>'
        "<Message>Request has expired.</Message></Error></Errors><RequestID>id</RequestID></Response>"
    )


def test_the_error_of_s3_names_the_resource_or_its_own_details() -> None:
    request = sent("s3", "GetObject", Bucket="bucket", Key="a<b")
    denied = render_error(error.missing_token(Dialect.S3), None, request, request_id="id")
    unknown = render_error(error.invalid_access_key(Dialect.S3, "AKIA"), None, request, request_id="id")

    assert text_of(denied, "Resource") == "/bucket/a<b"
    assert text_of(unknown, "AWSAccessKeyId") == "AKIA"
    assert dict(denied.headers)["x-amz-request-id"] == "id"


def test_an_answer_to_head_has_no_body() -> None:
    request = sent("s3", "HeadObject", Bucket="bucket", Key="k")
    response = render_error(error.missing_token(Dialect.S3), identify(request), request, request_id="id")

    assert (response.status, response.body) == (403, b"")
    assert parsed(response, "s3")["Error"]["Code"] == "403"


def test_a_service_that_spoke_query_once_still_sends_that_code() -> None:
    request = sent("sqs", "ListQueues")
    raised = error.denied(Dialect.JSON, principal_arn=USER, action="sqs:ListQueues")
    response = render_error(raised, identify(request), request, request_id="id")

    assert dict(response.headers)["x-amzn-query-error"] == "AccessDenied;Sender"
    assert parsed(response, "sqs")["Error"]["Code"] == "AccessDenied"


@pytest.mark.parametrize(
    ("target", "headers", "body", "kind"),
    [
        ("/", {"x-amz-target": "A.B"}, b"", "application/x-amz-json-1.1"),
        ("/", FORM, b"Action=X&Version=2011-06-15", "text/xml"),
        ("/", FORM, b"Action=X&Version=2016-11-15", "text/xml;charset=UTF-8"),
        ("/?Action=X&Version=2016-11-15", {}, b"", "text/xml;charset=UTF-8"),
        ("/x", {}, b"", "application/json"),
        ("/x", {"smithy-protocol": "rpc-v2-cbor"}, b"", "application/x-amz-json-1.1"),
    ],
)  # fmt: skip
def test_an_unsigned_request_is_answered_in_the_form_that_it_has(
    target: str, headers: dict[str, str], body: bytes, kind: str
) -> None:
    request = WireRequest.of_target("POST", target, [*headers.items(), ("Host", HOST)], body)
    response = render_error(SandboxRefusal("no"), None, request, request_id="id")

    assert dict(response.headers)["Content-Type"] == kind


def test_characters_that_xml_cannot_hold_do_not_break_the_answer() -> None:
    request = sent("sts", "GetCallerIdentity")
    raised = AwsError("Code", "a\x00b\x0bc\ud800d\uffffe\r\n<&>\"'é\U0001f600", status=400)

    found = parsed(render_error(raised, identify(request), request, request_id="id"), "sts")

    assert found["Error"]["Message"] == "a\ufffdb\ufffdc\ufffdd\ufffde\r\n<&>\"'é\U0001f600"


def test_characters_that_utf8_cannot_hold_do_not_break_the_json_answer() -> None:
    request = sent("dynamodb", "ListTables")
    raised = AwsError("Code", "a\ud800b", status=400)

    assert parsed(render_error(raised, identify(request), request, request_id="id"), "dynamodb")["Error"][
        "Code"
    ]


WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CREDENTIALS = {
    "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
    "SecretAccessKey": "a/b+c=",
    "SessionToken": "t" * 300,
    "Expiration": WHEN,
}
SERIAL = "arn:aws:iam::123456789012:mfa/a&b"

RESULTS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("sts", "GetCallerIdentity", {}, {"UserId": "AIDA", "Account": "123456789012", "Arn": USER}),
    ("sts", "GetSessionToken", {}, {"Credentials": CREDENTIALS}),
    ("sts", "AssumeRole", {"RoleArn": "r", "RoleSessionName": "s"},
     {"Credentials": CREDENTIALS, "AssumedRoleUser": {"AssumedRoleId": "AROA:s", "Arn": "a"},
      "PackedPolicySize": 6, "SourceIdentity": "me"}),
    ("sts", "GetAccessKeyInfo", {"AccessKeyId": "AKIA"}, {"Account": "123456789012"}),
    ("iam", "CreateVirtualMFADevice", {"VirtualMFADeviceName": "n"},
     {"VirtualMFADevice":
      {"SerialNumber": SERIAL, "Base32StringSeed": b"ABCDEF", "QRCodePNG": b"\x89PNG\x00"}}),
    ("iam", "EnableMFADevice", {"UserName": "u"}, {}),
    ("iam", "ListMFADevices", {"UserName": "u"},
     {"MFADevices": [{"UserName": "u", "SerialNumber": SERIAL, "EnableDate": WHEN}], "IsTruncated": False}),
    ("iam", "ListMFADevices", {}, {"MFADevices": [], "IsTruncated": False}),
    ("iam", "ListVirtualMFADevices", {},
     {"VirtualMFADevices": [
         {"SerialNumber": SERIAL, "EnableDate": WHEN,
          "User": {"Path": "/", "UserName": "u", "UserId": "AIDA", "Arn": USER, "CreateDate": WHEN}},
         {"SerialNumber": "other"}],
      "IsTruncated": True, "Marker": "m"}),
    ("iam", "GetMFADevice", {"SerialNumber": SERIAL},
     {"SerialNumber": SERIAL, "EnableDate": WHEN, "Certifications": {"FIPS-140-2": "level 1", "x": "y"}}),
    ("iam", "ListMFADeviceTags", {"SerialNumber": SERIAL},
     {"Tags": [{"Key": "a", "Value": ""}, {"Key": "b", "Value": "<&>"}], "IsTruncated": False}),
]  # fmt: skip


@pytest.mark.parametrize(("service", "name", "params", "result"), RESULTS)
def test_a_result_reads_back_as_it_was(
    service: str, name: str, params: dict[str, Any], result: dict[str, Any]
) -> None:
    operation = identify(sent(service, name, **params))

    response = render_result(operation, result, request_id=REQUEST_ID)
    found = parsed(response, service, name)
    metadata = found.pop("ResponseMetadata")

    for device in (found.get("VirtualMFADevice", {}),):
        assert all(isinstance(device[name], bytes) for name in ("Base32StringSeed", "QRCodePNG") if device)
    assert found == result
    assert (response.status, metadata["RequestId"]) == (200, REQUEST_ID)


def test_a_result_without_output_is_only_metadata() -> None:
    operation = identify(sent("iam", "EnableMFADevice", UserName="u"))

    assert render_result(operation, {}, request_id="id").body == (
        b'<EnableMFADeviceResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
        b"<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></EnableMFADeviceResponse>"
    )


def test_times_are_written_in_utc_with_milliseconds_when_they_have_them() -> None:
    operation = identify(sent("iam", "ListMFADevices"))
    device = {"SerialNumber": "s", "UserName": "u", "EnableDate": WHEN.replace(microsecond=120_000)}

    body = render_result(operation, {"MFADevices": [device]}, request_id="id").body

    assert b"<EnableDate>2026-01-02T03:04:05.120Z</EnableDate>" in body


def test_a_result_with_an_unknown_name_is_a_mistake_of_ours() -> None:
    operation = identify(sent("sts", "GetCallerIdentity"))

    with pytest.raises(KeyError, match="Acount"):
        render_result(operation, {"Acount": "1"}, request_id="id")


def test_results_of_other_protocols_are_not_rendered() -> None:
    with pytest.raises(ValueError, match="json"):
        render_result(identify(sent("dynamodb", "ListTables")), {}, request_id="id")


def test_the_resource_of_an_error_is_the_decoded_path() -> None:
    request = replaced(sent("s3", "ListBuckets"), target="/a%2Fb")

    response = render_error(error.missing_token(Dialect.S3), None, request, request_id="id")

    assert text_of(response, "Resource") == "/a/b"
