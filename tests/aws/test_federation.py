"""The federation endpoint as it is called: a sandbox that answers, and peers that do not as AWS does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from session.people import Somebody
from watchword.aws import Refusal, Unreachable, UnusableSettings
from watchword.aws.federation import console_of
from watchword.fastpath.session_file import Credentials

CREDENTIALS = Credentials(
    access_key_id="ASIAEXAMPLE",
    secret_access_key="the/secret+key",
    session_token="the-session-token==",
    expires_at=datetime(2030, 1, 1, tzinfo=UTC),
)
_TOMCAT = (
    "<html><head><title>Error report</title><style>h1 {color:red}</style></head>"
    "<body><h1>HTTP Status 400 - Invalid credentials parameter</h1></body></html>"
)


class Peer:
    """Answers every POST with the same; remembers what it was sent."""

    def __init__(self) -> None:
        self.status, self.body = 200, json.dumps({"SigninToken": "token+/="})
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
                peer.asked.append((self.path, parse_qs(sent, strict_parsing=True)))
                body = peer.body.encode()
                self.send_response(peer.status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def endpoint() -> Iterator[Peer]:
    peer = Peer()
    thread = threading.Thread(target=peer.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield peer
    peer.server.shutdown()
    peer.server.server_close()


@pytest.fixture(autouse=True)
def shell(person_at_peer: Somebody, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of somebody whose AWS files have a profile `work`, and no endpoint."""
    for name, text in person_at_peer.environment.items():
        monkeypatch.setenv(name, text)
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    return monkeypatch


@pytest.mark.parametrize(
    ("partition", "signin", "console"),
    [
        ("aws", "https://signin.aws.amazon.com/federation", "https://console.aws.amazon.com"),
        ("aws-cn", "https://signin.amazonaws.cn/federation", "https://console.amazonaws.cn"),
        (
            "aws-us-gov",
            "https://signin.amazonaws-us-gov.com/federation",
            "https://console.amazonaws-us-gov.com",
        ),
        (
            "aws-eusc",
            "https://eusc-de-east-1.signin.amazonaws-eusc.eu/federation",
            "https://console.amazonaws-eusc.eu",
        ),
    ],
)
def test_each_partition_has_its_own_console(partition: str, signin: str, console: str) -> None:
    found = console_of("work", partition)
    assert (found.signin_url, found.console_url) == (signin, console)


def test_a_console_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnusableSettings, match="the partition `aws-iso` is not known"):
        console_of("work", "aws-iso")


def test_the_endpoint_is_where_the_settings_say(shell: pytest.MonkeyPatch, person_at_peer: Somebody) -> None:
    config = person_at_peer.home / "aws" / "config"
    config.write_text(f"{config.read_text()}endpoint_url = https://profile.example\n")
    assert console_of("work", "aws").signin_url == "https://profile.example/federation"
    shell.setenv("AWS_ENDPOINT_URL", "https://all.example/")
    assert console_of("work", "aws").signin_url == "https://all.example/federation"
    shell.setenv("AWS_ENDPOINT_URL_SIGNIN", "https://signin.example")
    assert console_of("work", "aws").signin_url == "https://signin.example/federation"
    shell.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert console_of("work", "aws").signin_url == "https://signin.aws.amazon.com/federation"


def test_credentials_are_not_sent_in_the_clear(shell: pytest.MonkeyPatch) -> None:
    for url in (
        "http://signin.example",
        "http://user:password@10.0.0.1",
        "ftp://127.0.0.1",
        "signin.example",
    ):
        shell.setenv("AWS_ENDPOINT_URL_SIGNIN", url)
        with pytest.raises(UnusableSettings, match="without TLS") as raised:
            console_of("work", "aws")
        assert "password" not in raised.value.diagnostics()
    for url in ("http://127.0.0.1:4566", "http://localhost:4566", "http://[::1]:4566"):
        shell.setenv("AWS_ENDPOINT_URL_SIGNIN", url)
        assert console_of("work", "aws").signin_url == f"{url}/federation"


def test_the_credentials_go_into_the_body_and_never_into_a_url(
    shell: pytest.MonkeyPatch, endpoint: Peer
) -> None:
    shell.setenv("AWS_ENDPOINT_URL_SIGNIN", endpoint.url)
    console = console_of("work", "aws")
    assert console.signin_token(CREDENTIALS) == "token+/="
    assert console.signin_token(CREDENTIALS, duration_seconds=900) == "token+/="
    (path, first), (_, second) = endpoint.asked
    assert path == "/federation"
    assert first["Action"] == ["getSigninToken"]
    assert json.loads(first["Session"][0]) == {
        "sessionId": "ASIAEXAMPLE",
        "sessionKey": "the/secret+key",
        "sessionToken": "the-session-token==",
    }
    assert "SessionDuration" not in first
    assert second["SessionDuration"] == ["900"]


def test_the_login_url_holds_the_token_and_the_destination() -> None:
    console = console_of("work", "aws")
    url = urlsplit(console.login_url("token+/=", "https://console.aws.amazon.com/ec2/home?region=eu-west-1"))
    assert (url.scheme, url.netloc, url.path) == ("https", "signin.aws.amazon.com", "/federation")
    assert parse_qs(url.query) == {
        "Action": ["login"],
        "Destination": ["https://console.aws.amazon.com/ec2/home?region=eu-west-1"],
        "SigninToken": ["token+/="],
    }


@pytest.mark.parametrize(
    ("path", "region", "expected"),
    [
        (None, None, "/console/home"),
        (None, "eu-west-1", "/console/home?region=eu-west-1"),
        ("ec2", "eu-west-1", "/ec2/home?region=eu-west-1"),
        ("/s3/buckets/name/", "eu-west-1", "/s3/buckets/name?region=eu-west-1"),
    ],
)
def test_a_page_is_a_service_or_a_path(path: str | None, region: str | None, expected: str) -> None:
    assert console_of("work", "aws").page(path, region) == f"https://console.aws.amazon.com{expected}"


def test_a_refusal_is_told_in_the_words_of_the_page(shell: pytest.MonkeyPatch, endpoint: Peer) -> None:
    shell.setenv("AWS_ENDPOINT_URL_SIGNIN", endpoint.url)
    endpoint.status, endpoint.body = 400, _TOMCAT
    with pytest.raises(Refusal) as raised:
        console_of("work", "aws").signin_token(CREDENTIALS)
    assert raised.value.message == (
        "AWS refused `signin:GetSigninToken` (400): HTTP Status 400 - Invalid credentials parameter"
    )
    assert raised.value.exit_code == 5
    assert "secret" not in raised.value.diagnostics()


@pytest.mark.parametrize("body", ["", "<html>a captive portal</html>", "[]", "{}", '{"SigninToken": 1}'])
def test_an_answer_that_is_not_aws_s_is_said_to_be_none(
    shell: pytest.MonkeyPatch, endpoint: Peer, body: str
) -> None:
    shell.setenv("AWS_ENDPOINT_URL_SIGNIN", endpoint.url)
    endpoint.body = body
    with pytest.raises(Unreachable, match="no sign-in token"):
        console_of("work", "aws").signin_token(CREDENTIALS)


def test_a_redirect_is_not_followed_with_the_credentials(shell: pytest.MonkeyPatch, endpoint: Peer) -> None:
    shell.setenv("AWS_ENDPOINT_URL_SIGNIN", endpoint.url)
    endpoint.status = 307
    with pytest.raises(Refusal, match="307"):
        console_of("work", "aws").signin_token(CREDENTIALS)
    assert len(endpoint.asked) == 1


def test_no_proxy_gets_what_is_for_this_machine(shell: pytest.MonkeyPatch, endpoint: Peer) -> None:
    shell.setenv("AWS_ENDPOINT_URL_SIGNIN", endpoint.url)
    for name in ("NO_PROXY", "no_proxy"):
        shell.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        shell.setenv(name, "http://127.0.0.1:9")
    assert console_of("work", "aws").signin_token(CREDENTIALS) == "token+/="


def test_an_endpoint_that_is_not_there_is_named(shell: pytest.MonkeyPatch) -> None:
    shell.setenv("AWS_ENDPOINT_URL_SIGNIN", "http://127.0.0.1:9")
    with pytest.raises(
        Unreachable, match=r"no answer to `signin:GetSigninToken` from `http://127\.0\.0\.1:9"
    ):
        console_of("work", "aws").signin_token(CREDENTIALS)
