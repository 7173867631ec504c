"""What must stay shut: moto's own doors, calls that cannot be told, and requests with two readings."""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from botocore.config import Config

from local_aws import Key, LocalAws
from refusal import refusal
from signed import call, query, send


def allowing(action: str) -> str:
    """Return a policy that allows one action, or a pattern of them, on everything."""
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def nobody(sandbox: LocalAws) -> Key:
    return sandbox.user("nobody")


CAPACITY = {"TotalTargetCapacity": 1}


def test_nothing_is_answered_unsigned(sandbox: LocalAws) -> None:
    sandbox.user("testuser")
    for method, path in (
        ("POST", "/moto-api/reset"),
        ("GET", "/moto-api/data.json"),
        ("GET", "/moto-api/"),
        ("GET", "/latest/meta-data/iam/security-credentials/"),
        ("GET", "/favicon.ico"),
        ("GET", "/"),
        ("GET", "//moto-api/reset"),
        ("POST", "/./moto-api/reset"),
        ("POST", "/%6doto-api/reset"),
    ):
        assert send(sandbox, method, path).status in (400, 403), path
    assert len(sandbox.client("iam").list_users()["Users"]) == 1


def test_a_signature_does_not_open_motos_doors(sandbox: LocalAws) -> None:
    sandbox.user("testuser")
    for service in ("iam", "s3", "moto_api", "instance_metadata"):
        for path in ("/moto-api/reset", "//moto-api/reset", "/moto-api/data.json"):
            answer = call(sandbox, sandbox.root, service, "POST", path)
            assert answer.status >= 400, (service, path, answer)
    assert len(sandbox.client("iam").list_users()["Users"]) == 1


def test_s3_is_closed_to_the_unsigned(sandbox: LocalAws) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="books")
    s3.put_object(Bucket="books", Key="one", Body=b"text")
    answer = send(sandbox, "GET", "/books/one")
    assert answer.status == 403


def test_the_control_door_needs_the_token(sandbox: LocalAws) -> None:
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer wrong"}):
        for page in ("status", "phone", "clock", "log", "down"):
            answer = send(sandbox, "POST", f"/_watchword/{page}", headers=headers, body=b"{}")
            assert answer.status == 403
    trusted = {"Authorization": f"Bearer {sandbox.door.token}"}
    assert json.loads(send(sandbox, "GET", "/_watchword/status", headers=trusted).text)["ready"] is True
    assert send(sandbox, "GET", "/_watchword/nothing", headers=trusted).status == 404


def test_what_cannot_be_identified_is_refused_and_never_decided_on_a_star(sandbox: LocalAws) -> None:
    key = sandbox.user("all", allowing("*"))
    for service, operation, params in (
        ("ec2", "create_fleet", {"LaunchTemplateConfigs": [], "TargetCapacitySpecification": CAPACITY}),
        ("kinesis", "create_stream", {"StreamName": "n"}),
        ("dynamodb", "execute_statement", {"Statement": "SELECT * FROM t"}),
        ("events", "create_event_bus", {"Name": "n"}),
    ):
        code, status, text = refusal(getattr(sandbox.client(service, key), operation), **params)
        assert (code, status) == ("SandboxUnsupported", 400)
        assert text.startswith("watchword sandbox: ")
    assert not any(record.resource == "*" for record in sandbox.log if record.principal.endswith("/all"))


def test_an_unknown_operation_is_refused(sandbox: LocalAws) -> None:
    answer = query(sandbox, sandbox.root, "iam", "Action=MakeCoffee&Version=2010-05-08")
    assert answer.status == 400
    assert "watchword sandbox: " in answer.text


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("s3", "put_bucket_acl", {"Bucket": "b", "ACL": "public-read"}),
        ("s3", "put_object", {"Bucket": "b", "Key": "k", "ACL": "public-read"}),
        ("s3", "create_bucket", {"Bucket": "b", "GrantRead": "id=1"}),
        ("s3", "put_object", {"Bucket": "b", "Key": "k", "ServerSideEncryption": "aws:kms:dsse"}),
        ("cloudformation", "create_stack_set", {"StackSetName": "s", "TemplateBody": "{}"}),
        ("kms", "create_grant", {"KeyId": "k", "GranteePrincipal": "p", "Operations": ["Decrypt"]}),
        ("lambda", "invoke", {"FunctionName": "f"}),
        ("organizations", "close_account", {"AccountId": "111122223333"}),
    ],
)
def test_what_is_not_evaluated_yet_is_refused_with_its_reason(
    sandbox: LocalAws, service: str, operation: str, params: dict[str, object]
) -> None:
    code, _, text = refusal(getattr(sandbox.client(service), operation), **params)
    assert code == "SandboxUnsupported"
    assert "is refused: " in text


def test_a_json_body_cannot_name_another_operation(sandbox: LocalAws) -> None:
    ssm = sandbox.client("ssm")
    ssm.put_parameter(Name="p", Value="v", Type="String")
    key = sandbox.user("lister", allowing("ssm:DescribeParameters"))
    headers = {"X-Amz-Target": "AmazonSSM.DescribeParameters", "Content-Type": "application/x-amz-json-1.1"}
    smuggled = b'{"NextToken":"&Action=DeleteParameter&Name=p&"}'
    call(sandbox, key, "ssm", "POST", "/", headers=headers, body=smuggled)
    target = "/?Action=DeleteParameter&Name=p"
    assert call(sandbox, key, "ssm", "POST", target, headers=headers, body=b"{}").status == 400
    assert ssm.get_parameter(Name="p")["Parameter"]["Value"] == "v"


def test_a_form_is_read_once(sandbox: LocalAws, nobody: Key) -> None:
    sandbox.client("iam").put_user_policy(
        UserName="nobody",
        PolicyName="own",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "iam:GetUser",
                        "Resource": "arn:aws:iam::*:user/${aws:username}",
                    }
                ],
            }
        ),
    )
    form = "Action=GetUser&Version=2010-05-08&UserName=nobody"
    assert query(sandbox, nobody, "iam", form).status == 200
    assert query(sandbox, nobody, "iam", f"{form}&UserName=root").status == 400
    assert query(sandbox, nobody, "iam", f"{form}&Action=ListUsers").status == 400
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    twice = call(sandbox, nobody, "iam", "POST", "/?Action=ListUsers", headers=headers, body=form.encode())
    assert twice.status == 400
    multipart = {"Content-Type": "multipart/form-data; boundary=b"}
    body = b'--b\r\nContent-Disposition: form-data; name="Action"\r\n\r\nListUsers\r\n--b--\r\n'
    assert call(sandbox, nobody, "iam", "POST", "/", headers=multipart, body=body).status == 400


def test_headers_do_not_choose_the_account_or_the_region(sandbox: LocalAws) -> None:
    sandbox.user("testuser")
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "x-moto-account-id": "111111111111",
        "User-Agent": "Boto3/1 region/eu-north-1",
    }
    answer = call(
        sandbox,
        sandbox.root,
        "iam",
        "POST",
        "/",
        headers=headers,
        body=b"Action=ListUsers&Version=2010-05-08",
    )
    assert "testuser" in answer.text
    sqs = sandbox.client("sqs", region="eu-west-1")
    assert sqs.create_queue(QueueName="q")["QueueUrl"].startswith(sandbox.endpoint_url)
    assert sandbox.client("sqs", region="eu-west-1").list_queues().get("QueueUrls")
    assert "QueueUrls" not in sandbox.client("sqs", region="us-east-1").list_queues()


def test_an_odd_key_is_the_object_that_was_authorised(sandbox: LocalAws) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="books")
    s3.put_object(Bucket="books", Key="secret", Body=b"secret")
    allowed = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::books/open/*"}],
    }
    key = sandbox.user("reader", json.dumps(allowed))
    mine = sandbox.client("s3", key)
    for odd in ("open/../secret", "open//../secret", "open/%2e%2e/secret", "open/ü b+c", "open//x"):
        mine.put_object(Bucket="books", Key=odd, Body=odd.encode())
        assert mine.get_object(Bucket="books", Key=odd)["Body"].read() == odd.encode()
    assert s3.get_object(Bucket="books", Key="secret")["Body"].read() == b"secret"
    for path in ("/books//secret", "/books/./secret", "//books/secret", "/books/open/..%2fsecret"):
        answer = call(sandbox, key, "s3", "GET", path)
        assert answer.text != "secret", path


def test_a_missing_object_is_hidden_from_those_who_may_not_list(sandbox: LocalAws) -> None:
    sandbox.client("s3").create_bucket(Bucket="books")
    key = sandbox.user("reader", allowing("s3:GetObject"))
    assert refusal(sandbox.client("s3", key).get_object, Bucket="books", Key="none")[:2] == (
        "AccessDenied",
        403,
    )
    assert refusal(sandbox.client("s3").get_object, Bucket="books", Key="none")[:2] == ("NoSuchKey", 404)


def test_a_presigned_url_works_until_it_ends(sandbox: LocalAws) -> None:
    s3 = sandbox.client("s3", config=Config(signature_version="s3v4"))
    s3.create_bucket(Bucket="books")
    s3.put_object(Bucket="books", Key="a b", Body=b"text")
    url = s3.generate_presigned_url("get_object", {"Bucket": "books", "Key": "a b"}, ExpiresIn=60)
    with urlopen(url) as answer:  # noqa: S310 - of the sandbox
        assert answer.read() == b"text"
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}"
    assert send(sandbox, "GET", f"{target}0").status == 403
    sandbox.inner.clock.skew = timedelta(seconds=61)
    late = send(sandbox, "GET", target)
    assert (late.status, "Request has expired" in late.text) == (403, True)


def test_the_clock_governs_sessions_and_the_skew_signatures(sandbox: LocalAws) -> None:
    sts = sandbox.client("sts")
    sandbox.move_clock(timedelta(days=400))
    assert sts.get_caller_identity()["Account"] == sandbox.account
    expiration = sts.get_session_token()["Credentials"]["Expiration"]
    assert expiration - sandbox.inner.clock.now() < timedelta(hours=1)
    sandbox.inner.clock.skew = timedelta(minutes=16)
    assert refusal(sts.get_caller_identity)[:2] == ("SignatureDoesNotMatch", 403)
    date = parsedate_to_datetime(send(sandbox, "GET", "/").headers["date"])
    ahead = date - sandbox.inner.clock.signature_now()
    assert abs(ahead) < timedelta(seconds=5)


def test_every_answer_has_a_request_id_and_a_date(sandbox: LocalAws) -> None:
    good = query(sandbox, sandbox.root, "iam", "Action=ListUsers&Version=2010-05-08")
    for answer in (good, send(sandbox, "GET", "/"), send(sandbox, "GET", "/books/one")):
        assert answer.headers["x-amzn-requestid"]
        assert answer.headers["date"].endswith("GMT")
    assert good.headers["x-amzn-requestid"] in good.text
    assert {record.request_id for record in sandbox.log} == {good.headers["x-amzn-requestid"]}


def test_a_failure_inside_shows_no_insides(
    sandbox: LocalAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a secret stands here")

    monkeypatch.setattr(sandbox.inner.moto, "run", fail)
    answer = query(sandbox, sandbox.root, "iam", "Action=ListUsers&Version=2010-05-08")
    assert answer.status == 500
    assert "InternalFailure" in answer.text
    assert "secret" not in answer.text + capsys.readouterr().err


def test_a_body_with_two_lengths_is_refused(sandbox: LocalAws) -> None:
    headers = {"Transfer-Encoding": "chunked", "Content-Length": "3"}
    answer = send(sandbox, "POST", "/", headers=headers)
    assert (answer.status, answer.headers.get("connection")) == (400, "close")


@pytest.mark.parametrize(
    ("page", "body"),
    [
        ("clock", b'{"move_seconds": 1e308}'),
        ("clock", b'{"skew_seconds": []}'),
        ("clock", b"[" * 100_000),
        ("phone", b"{}"),
        ("log", b'{"after": null}'),
    ],
)
def test_the_control_door_answers_whatever_it_is_asked(sandbox: LocalAws, page: str, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {sandbox.door.token}"}
    assert send(sandbox, "POST", f"/_watchword/{page}", headers=headers, body=body).status == 400


@pytest.mark.parametrize(
    "form",
    [
        "&".join(f"k{number}=1" for number in range(30_000)),
        "a." * 1000 + "=1",
        "a=" + "a" * 5_000_000,
    ],
)
def test_a_form_is_bounded(sandbox: LocalAws, form: str) -> None:
    answer = query(sandbox, sandbox.root, "iam", f"Action=ListUsers&Version=2010-05-08&{form}")
    assert answer.status in (400, 413)
    assert "too" in answer.text


def test_a_call_names_a_thousand_resources_at_most(sandbox: LocalAws) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="mine")
    objects = [{"Key": str(number)} for number in range(1001)]
    s3.delete_objects(Bucket="mine", Delete={"Objects": objects[:1000]})
    assert "1000" in refusal(s3.delete_objects, Bucket="mine", Delete={"Objects": objects})[2]
