"""The endpoint itself, asked over sockets by whoever does not behave."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from watchword.errors import WatchwordError
from watchword.fastpath.session_file import Credentials
from watchword.session.errors import NotNow
from watchword.session.serve import CredentialEndpoint
from watchword.session.session import Session, SessionKey

SESSION = Session(
    profile="work",
    key=SessionKey(endpoint="aws", access_key_id="AKIAX", serial_number="arn:aws:iam::1:mfa/x"),
    account="123456789012",
    arn="arn:aws:iam::123456789012:user/x",
    issued_at=datetime.now(UTC),
    credentials=Credentials(
        access_key_id="ASIAX",
        secret_access_key="secret",
        session_token="token",
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    ),
)


class Answers:
    """What the endpoint is to answer, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: WatchwordError | None = None

    def __call__(self) -> Session:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return SESSION


@contextmanager
def _endpoint(answers: Answers) -> Iterator[CredentialEndpoint]:
    endpoint = CredentialEndpoint(answers)
    endpoint.start()
    try:
        yield endpoint
    finally:
        endpoint.close()


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def endpoint(answers: Answers) -> Iterator[CredentialEndpoint]:
    with _endpoint(answers) as running:
        yield running


def _raw(endpoint: CredentialEndpoint, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", endpoint.server_port), timeout=20) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


def _request(endpoint: CredentialEndpoint, *headers: str, path: str = "/credentials") -> bytes:
    host = f"Host: 127.0.0.1:{endpoint.server_port}"
    lines = [f"GET {path} HTTP/1.1", *(headers or (host, f"Authorization: {endpoint.token}")), "", ""]
    return _raw(endpoint, "\r\n".join(lines).encode())


def test_it_listens_on_this_machine_alone(endpoint: CredentialEndpoint) -> None:
    assert endpoint.socket.getsockname()[0] == "127.0.0.1"
    assert endpoint.url == f"http://127.0.0.1:{endpoint.server_port}/credentials"


def test_only_its_own_host_name_is_answered(endpoint: CredentialEndpoint, answers: Answers) -> None:
    token, port = f"Authorization: {endpoint.token}", endpoint.server_port
    assert b" 200 " in _request(endpoint, f"Host: 127.0.0.1:{port}", token)
    assert b" 200 " in _request(endpoint, f"Host: localhost:{port}", token)
    asked = answers.asked
    for hosts in (
        (),
        ("Host: 127.0.0.1",),
        (f"Host: rebound.example:{port}",),
        (f"Host: 127.0.0.1:{port}.evil.example",),
        (f"Host: 127.0.0.1:{port}", "Host: evil.example"),
    ):
        assert b" 421 " in _request(endpoint, token, *hosts)
    assert answers.asked == asked


def test_a_token_twice_or_in_other_bytes_is_none(endpoint: CredentialEndpoint, answers: Answers) -> None:
    host, token = f"Host: 127.0.0.1:{endpoint.server_port}", f"Authorization: {endpoint.token}"
    assert b" 401 " in _request(endpoint, host, token, token)
    assert b" 401 " in _request(endpoint, host, "Authorization: \u00e9")
    assert b" 401 " in _request(endpoint, host)
    assert answers.asked == 0


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotNow("nobody has signed in yet"), 503, "SignInNeeded"),
        (WatchwordError("AWS said no"), 400, "NoCredentials"),
    ],
)
def test_why_there_is_nothing_is_said_as_sdks_read_it(
    endpoint: CredentialEndpoint, answers: Answers, error: WatchwordError, status: int, code: str
) -> None:
    answers.error = error
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.server_port, timeout=20)
    connection.request("GET", "/credentials", headers={"Authorization": endpoint.token})
    answer = connection.getresponse()
    body = json.loads(answer.read())
    assert answer.status == status
    assert answer.getheader("Retry-After") == ("1" if status == 503 else None)
    assert body == {"code": code, "message": error.message, "Code": code, "Message": error.message}


def test_nothing_of_a_wrong_request_is_repeated_or_logged(
    endpoint: CredentialEndpoint, capfd: pytest.CaptureFixture[str]
) -> None:
    for request in (
        b"POST /secret-path HTTP/1.1\r\n\r\n",
        b"secret\r\n\r\n",
        b"GET /secret HTTP/9.9\r\n\r\n",
    ):
        assert b"secret" not in _raw(endpoint, request)
    long = b"GET /credentials HTTP/1.1\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n"
    assert b" 431 " in _raw(endpoint, long)
    assert capfd.readouterr() == ("", "")


def test_who_asks_slowly_is_hung_up_on(endpoint: CredentialEndpoint) -> None:
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", endpoint.server_port), timeout=30) as connection:
        connection.sendall(b"GET /credentials HTTP/1.1\r\n")
        try:
            while time.monotonic() - began < 20:
                connection.sendall(b"X-Slow: 1\r\n")  # never silent, never done
                time.sleep(0.3)
        except OSError:
            pass
    assert time.monotonic() - began < 15


def test_too_many_at_once_are_turned_away_and_it_recovers(endpoint: CredentialEndpoint) -> None:
    idle = [socket.create_connection(("127.0.0.1", endpoint.server_port), timeout=20) for _ in range(64)]
    time.sleep(1)
    with socket.create_connection(("127.0.0.1", endpoint.server_port), timeout=20) as one_more:
        assert one_more.recv(1) == b""
    for connection in idle:
        connection.close()
    time.sleep(1)
    assert b" 200 " in _request(endpoint)


def test_fifty_at_once_are_all_answered(endpoint: CredentialEndpoint, answers: Answers) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(_request(endpoint))) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(b" 200 " in each for each in found) == 50
    assert answers.asked == 50
