"""The federation endpoint over HTTP, with credentials that STS of the same sandbox gave."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from local_aws import Key, LocalAws

USER = "testuser"
_MAY_ASSUME = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}],
    }
)


class Answer(NamedTuple):
    status: int
    text: str


class Console:
    """A sandbox with a user, a device and a role that user and role may assume; and the endpoint's client."""

    def __init__(self, sandbox: LocalAws) -> None:
        self.sandbox = sandbox
        self.key = sandbox.user(USER, _MAY_ASSUME)
        self.serial = sandbox.device(USER)
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{sandbox.account}:root"},
            "Action": "sts:AssumeRole",
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        sandbox.client("iam").create_role(
            RoleName="ops", AssumeRolePolicyDocument=document, MaxSessionDuration=3600
        )

    def session(self) -> Key:
        return self.sandbox.session(self.key, self.serial)

    def role(self, holder: Key, **more: Any) -> Key:  # noqa: ANN401 boto3's own
        answer = self.sandbox.client("sts", holder).assume_role(
            RoleArn=f"arn:aws:iam::{self.sandbox.account}:role/ops", RoleSessionName=USER, **more
        )
        return Key.of(answer["Credentials"])

    def role_with_code(self) -> Key:
        return self.role(self.key, SerialNumber=self.serial, TokenCode=self.sandbox.fresh_code(self.serial))

    def ask(self, method: str = "POST", **params: str) -> Answer:
        form = urlencode(params)
        connection = HTTPConnection(self.sandbox.door.host, timeout=30)
        with closing(connection):
            if method == "GET":
                connection.request("GET", f"/federation?{form}")
            else:
                form_type = {"Content-Type": "application/x-www-form-urlencoded"}
                connection.request(method, "/federation", form, form_type)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read().decode())

    def signin_token(self, holder: Key, method: str = "POST", **more: str) -> Answer:
        return self.ask(method, Action="getSigninToken", Session=session_json(holder), **more)

    def login(self, token_answer: Answer) -> Answer:
        token = json.loads(token_answer.text)["SigninToken"]
        return self.ask(
            "GET", Action="login", Destination="https://console.aws.amazon.com/", SigninToken=token
        )


def session_json(holder: Key) -> str:
    return json.dumps(
        {
            "sessionId": holder.access_key_id,
            "sessionKey": holder.secret_access_key,
            "sessionToken": holder.session_token,
        }
    )


@pytest.fixture
def console(sandbox: LocalAws) -> Console:
    return Console(sandbox)


def test_a_role_session_signs_in_and_is_shown_without_mfa(console: Console) -> None:
    role = console.role_with_code()
    for method in ("GET", "POST"):
        answer = console.signin_token(role, method)
        assert answer.status == 200
        page = console.login(answer)
        assert page.status == 200
        assert f"arn:aws:sts::{console.sandbox.account}:assumed-role/ops/{USER}" in page.text
        assert "aws:MultiFactorAuthPresent is false" in page.text
        assert "contested" not in page.text


def test_what_is_contested_is_said_on_the_page(console: Console) -> None:
    page = console.login(console.signin_token(console.role(console.session())))
    assert "aws:MultiFactorAuthPresent is false" in page.text
    assert "contested" in page.text


def test_a_session_of_a_user_gets_a_token_that_does_not_sign_in(console: Console) -> None:
    answer = console.signin_token(console.session())
    assert answer.status == 200
    page = console.login(answer)
    assert page.status == 400
    assert "Only federation tokens or assume role tokens may be used for federated login" in page.text


def test_a_federated_user_signs_in_without_mfa(console: Console) -> None:
    console.sandbox.client("iam").put_user_policy(
        UserName=USER,
        PolicyName="inline",
        PolicyDocument=_MAY_ASSUME.replace("AssumeRole", "GetFederationToken"),
    )
    answer = console.sandbox.client("sts", console.key).get_federation_token(Name="anna")
    holder = Key.of(answer["Credentials"])
    assert console.signin_token(holder, SessionDuration="3600").status == 400
    page = console.login(console.signin_token(holder))
    assert "federated-user/anna" in page.text
    assert "aws:MultiFactorAuthPresent is false" in page.text


def test_only_real_and_live_temporary_credentials_get_a_token(console: Console) -> None:
    good = console.role_with_code()
    others = [
        console.key,
        Key(access_key_id=good.access_key_id, secret_access_key="x", session_token=good.session_token),
        Key(access_key_id=good.access_key_id, secret_access_key=good.secret_access_key, session_token="x"),
        Key(access_key_id="ASIAOTHER", secret_access_key="x", session_token="x"),
    ]
    for bad in others:
        answer = console.signin_token(bad)
        assert answer.status == 400
        assert "Invalid credentials parameter" in answer.text
    assert console.signin_token(good).status == 200
    console.sandbox.move_clock(3601)
    assert console.signin_token(good).status == 400


def test_the_session_of_a_deleted_role_gets_no_token(console: Console) -> None:
    role = console.role_with_code()
    console.sandbox.client("iam").delete_role(RoleName="ops")
    assert console.signin_token(role).status == 400


def test_a_console_session_outlives_its_credentials_when_the_key_assumed_the_role(console: Console) -> None:
    answer = console.signin_token(console.role_with_code(), SessionDuration="43200")
    assert answer.status == 200
    until = console.sandbox.inner.clock.now() + timedelta(hours=12)
    assert f"{until:%Y-%m-%d %H:}" in console.login(answer).text


def test_a_duration_is_refused_to_a_chained_role_and_to_a_user(console: Console) -> None:
    session = console.session()
    for holder in (session, console.role(session)):
        assert console.signin_token(holder, SessionDuration="3600").status == 400
        assert console.signin_token(holder).status == 200


def test_a_duration_that_aws_does_not_give_is_refused(console: Console) -> None:
    role = console.role_with_code()
    for seconds in ("899", "43201", "1h", "-900", "٩٠٠"):
        assert console.signin_token(role, SessionDuration=seconds).status == 400, seconds


def test_a_token_is_good_for_fifteen_minutes(console: Console) -> None:
    answer = console.signin_token(console.role_with_code())
    console.sandbox.move_clock(14 * 60)
    assert console.login(answer).status == 200
    console.sandbox.move_clock(60)
    page = console.login(answer)
    assert page.status == 400
    assert "15 minutes" in page.text


def test_each_sign_in_is_in_the_log_and_no_secret_is(console: Console) -> None:
    role = console.role_with_code()
    answer = console.signin_token(role)
    console.login(answer)
    records = [each for each in console.sandbox.log if each.action.startswith("signin:")]
    assert [(each.action, each.outcome, each.credential) for each in records] == [
        ("signin:GetSigninToken", "allowed", "role-session"),
        ("signin:ConsoleLogin", "allowed", "role-session"),
    ]
    log = console.sandbox.folder.decisions.read_text()
    for secret in (role.secret_access_key, role.session_token, json.loads(answer.text)["SigninToken"]):
        assert str(secret) not in log


def test_whatever_else_is_asked_is_refused(console: Console) -> None:
    params: dict[str, str]
    for params in (
        {"Action": "logout"},
        {"Action": "login", "SigninToken": "x"},
        {"Action": "getSigninToken", "Session": "{}", "DurationSeconds": "900"},
        {"Action": "getSigninToken", "Session": "[" * 100_000},
        {"Action": "getSigninToken", "Session": '{"sessionId": 1, "sessionKey": 2, "sessionToken": 3}'},
        {"Action": "getSigninToken"},
    ):
        assert console.ask(**params).status == 400, params


def test_a_destination_cannot_write_into_the_page(console: Console) -> None:
    token = json.loads(console.signin_token(console.role_with_code()).text)["SigninToken"]
    page = console.ask("GET", Action="login", Destination="<script>alert(1)</script>", SigninToken=token)
    assert page.status == 200
    assert "<script>" not in page.text


def test_a_bucket_called_federation_is_still_a_bucket(console: Console) -> None:
    s3 = console.sandbox.client("s3")
    s3.create_bucket(Bucket="federation")
    s3.put_object(Bucket="federation", Key="a", Body=b"b")
    assert s3.list_objects_v2(Bucket="federation")["KeyCount"] == 1
