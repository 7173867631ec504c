from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aws.key_profile import key_profile
from session.people import somebody
from session.sts_peer import serial
from watchword.aws import AwsProfile, Unreachable, UnusableSettings
from watchword.aws import call as calling


@contextlib.contextmanager
def _listener(answer: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """Listen on 127.0.0.1; give everybody `answer`, or silence."""
    received: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                with connection:
                    received.append(connection.recv(65_536))
                    if answer is None:
                        time.sleep(1.5)
                    else:
                        connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}", received
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> At:
    return At(tmp_path, monkeypatch)


class At:
    """Makes the profile of somebody whose endpoint is given."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._home, self._monkeypatch = home, monkeypatch

    def __call__(self, endpoint_url: str, **environment: str) -> AwsProfile:
        for name, text in (
            somebody(self._home / "home", endpoint_url, "AKIAX", "x").environment | environment
        ).items():
            self._monkeypatch.setenv(name, text)
        return key_profile("work")


def _refused(profile: AwsProfile) -> Unreachable:
    began = time.monotonic()
    with pytest.raises(Unreachable) as caught:
        profile.caller_identity()
    assert time.monotonic() - began < 15
    assert "Traceback" not in caught.value.diagnostics()
    assert caught.value.hint
    return caught.value


def test_the_way_out_of_a_sandbox_that_is_down_is_shown(at: At, tmp_path: Path) -> None:
    error = _refused(at("http://127.0.0.1:9", WATCHWORD_SANDBOX=str(tmp_path)))
    assert '`eval "$(watchword sandbox env --unset)"` leaves it' in str(error.hint)


def test_a_refused_connection_sent_nothing(at: At) -> None:
    error = _refused(at("http://127.0.0.1:9"))
    assert error.message.endswith("from `http://127.0.0.1:9`: the connection was refused")
    assert "AWS_ENDPOINT_URL" in str(error.hint)
    assert error.request_left is False


def test_a_name_that_does_not_resolve_is_named(at: At) -> None:
    error = _refused(at("http://sts.invalid"))
    assert "its name cannot be resolved" in error.message
    assert error.request_left is False


def test_a_proxy_that_is_away_is_named_without_its_password(at: At) -> None:
    error = _refused(at("http://sts.invalid", HTTP_PROXY="http://me:hush@127.0.0.1:9", HTTPS_PROXY=""))
    assert "the proxy cannot be reached" in error.message
    assert "http://127.0.0.1:9" in str(error.hint)
    assert "hush" not in error.diagnostics()


def test_silence_ends_and_a_code_is_sent_once(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "_READ_SECONDS", 1)
    with _listener(None) as (url, received):
        profile = at(url)
        with pytest.raises(Unreachable, match="silence for 1 s") as caught:
            profile.get_session_token(
                serial_number=serial("testuser"), token_code="123456", duration_seconds=900
            )
    assert caught.value.request_left is True
    assert sum(b"GetSessionToken" in request or b"POST" in request for request in received) == 1


def test_a_page_that_asks_to_sign_in_is_not_awss_answer(at: At) -> None:
    page = b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>"
    with _listener(page) as (url, _):
        error = _refused(at(url))
    assert "answered 403, but not as AWS does" in error.message


def test_a_cheerful_page_is_not_awss_answer_either(at: At) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 12\r\n\r\n<p>Welcome<p"
    with _listener(page) as (url, _):
        error = _refused(at(url))
    assert "what came back is not an answer of AWS" in error.message


def test_a_certificate_that_nobody_trusts_is_named(at: At) -> None:
    with _listener(b"not TLS at all") as (url, _):
        error = _refused(at(url.replace("http", "https")))
    assert "certificate" in error.message or "connection" in error.message
    assert ssl.OPENSSL_VERSION


def test_passwords_in_addresses_do_not_show() -> None:
    assert calling.without_userinfo("https://me:hush@host:1/x@y") == "https://host:1/x@y"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"AWS_DEFAULT_REGION": "eu west"}, "region_name 'eu west' doesn't match a supported format"),
        ({"AWS_ENDPOINT_URL": "http://me:hush@"}, "Invalid endpoint: http://"),
        ({"AWS_ENDPOINT_URL": "https://127.0.0.1:99999"}, "Port out of range"),
        ({"AWS_DEFAULTS_MODE": "best"}, "invalid defaults mode: best"),
    ],
)
def test_settings_that_no_call_can_be_made_of_are_named(
    at: At, environment: dict[str, str], said: str
) -> None:
    profile = at("http://127.0.0.1:9", **environment)
    with pytest.raises(UnusableSettings) as caught:
        profile.caller_identity()
    assert said in caught.value.message
    assert "hush" not in caught.value.diagnostics()


def test_an_argument_that_awss_model_does_not_allow_is_not_sent(at: At) -> None:
    with pytest.raises(UnusableSettings, match="SerialNumber"):
        at("http://127.0.0.1:9").get_session_token(
            serial_number="abc", token_code="123456", duration_seconds=900
        )
