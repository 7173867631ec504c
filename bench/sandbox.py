"""The sandbox: how fast it starts, and what its checks cost on top of moto alone."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from bench.checks import POLICY
from bench.figure import Figure
from watchword.sandbox.door import Client
from watchword.sandbox.folder import Door, Folder
from watchword.sandbox.process import Options, start

_START_SECONDS = 2.0
_OVERHEAD_MS = 1.0
_STARTS = 3
_WARM_UP = 30
_ROUNDS = 400
_FEW = 40
_FORM = b"Action=GetUser&Version=2010-05-08&UserName=alice"


@dataclass(frozen=True, kw_only=True)
class _Target:
    """An endpoint and the bytes of one signed request for it."""

    address: tuple[str, int]
    request: bytes


def measure(*, small: bool = False) -> list[Figure]:
    """Return the figures of the sandbox."""
    rounds, times = (_FEW, 2) if small else (_ROUNDS, _STARTS)
    starts = [_start_once() for _ in range(times)]
    with tempfile.TemporaryDirectory() as folder, running_sandbox(Path(folder)) as door, plain_moto() as port:
        sandbox, moto = _sandbox_target(door, Path(folder)), _moto_target(port)
        alone, checked = _interleaved(moto, sandbox, rounds)
        kept_open = _kept_open(sandbox, rounds)
    overhead = {p: _percentile(checked, p) - _percentile(alone, p) for p in (50, 95)}
    return [
        _start_figure("answers a signed GetCallerIdentity", [answered for answered, _ in starts]),
        _start_figure("IAM answers", [answered for _, answered in starts]),
        Figure(name="moto's server alone, p50", value=_percentile(alone, 50), unit="ms"),
        Figure(
            name="the sandbox's overhead over it, p50",
            value=overhead[50],
            unit="ms",
            ratio=overhead[50] / _percentile(alone, 50),
            ratio_to="moto's p50",
            promise="under 1 ms",
            kept=overhead[50] < _OVERHEAD_MS,
        ),
        Figure(
            name="the sandbox's overhead over it, p95",
            value=overhead[95],
            unit="ms",
            ratio=overhead[95] / _percentile(alone, 95),
            ratio_to="moto's p95",
        ),
        Figure(name="a request to the sandbox on an open connection, p50", value=kept_open, unit="ms"),
    ]


def _start_figure(what: str, seconds: list[float]) -> Figure:
    value = statistics.median(seconds)
    return Figure(
        name=f"sandbox up until it {what}" if what.startswith("answers") else f"sandbox up until {what}",
        value=value,
        unit="s",
        promise="under 2 s",
        kept=value < _START_SECONDS,
    )


# --- starting ---------------------------------------------------------------------------------------


def _start_once() -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        with running_sandbox(Path(folder)) as door:
            root = root_of(Path(folder))
            caller = b"Action=GetCallerIdentity&Version=2011-06-15"
            _ask(_target(door.endpoint_url, root, "sts", caller))
            answered = time.perf_counter() - begin
            _ask(_target(door.endpoint_url, root, "iam", b"Action=ListUsers&Version=2010-05-08"))
            return answered, time.perf_counter() - begin


@contextlib.contextmanager
def running_sandbox(path: Path) -> Iterator[Door]:
    folder = Folder(path / "sandbox")
    door = start(Options(folder=folder))
    try:
        yield door
    finally:
        Client(folder).stop()


@contextlib.contextmanager
def plain_moto() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "MOTO_PORT": str(port)},
    )
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError("moto did not start")


# --- asking -----------------------------------------------------------------------------------------


def _sandbox_target(door: Door, folder: Path) -> _Target:
    """Make a user with a policy, and sign a call of this user."""
    root = root_of(folder)
    iam = _client(door.endpoint_url, root)
    iam.create_user(UserName="alice")
    iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=json.dumps(POLICY))
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    return _target(door.endpoint_url, Credentials(key["AccessKeyId"], key["SecretAccessKey"]), "iam", _FORM)


def _moto_target(port: int) -> _Target:
    url = f"http://127.0.0.1:{port}"
    anybody = Credentials("AKIAANYBODY000000000", "anything")
    _client(url, anybody).create_user(UserName="alice")
    return _target(url, anybody, "iam", _FORM)


def _client(url: str, credentials: Credentials):  # type: ignore[no-untyped-def] # noqa: ANN202 - botocore's
    return botocore.session.get_session().create_client(
        "iam",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        config=Config(retries={"total_max_attempts": 1}),
    )


def root_of(folder: Path) -> Credentials:
    profiles = ConfigParser()
    profiles.read(folder / "sandbox" / "credentials")
    root = profiles["root"]
    return Credentials(root["aws_access_key_id"], root["aws_secret_access_key"])


def _target(url: str, credentials: Credentials, service: str, form: bytes) -> _Target:
    content_type = "application/x-www-form-urlencoded; charset=utf-8"
    request = AWSRequest(method="POST", url=f"{url}/", data=form, headers={"Content-Type": content_type})
    SigV4Auth(credentials, service, "us-east-1").add_auth(request)
    address = urlsplit(url)
    headers = {**dict(request.headers.items()), "Host": address.netloc, "Content-Length": str(len(form))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return _Target(
        address=(address.hostname or "", address.port or 0),
        request=f"POST / HTTP/1.1\r\n{head}\r\n".encode() + form,
    )


def _interleaved(first: _Target, second: _Target, rounds: int) -> tuple[list[float], list[float]]:
    """Ask both in turn, each time on a new connection: moto's server closes it after every answer."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(_WARM_UP + rounds):
        for target, kept in zip((first, second), seconds, strict=True):
            begin = time.perf_counter()
            _ask(target)
            if number >= _WARM_UP:
                kept.append(time.perf_counter() - begin)
    return seconds


def _ask(target: _Target) -> None:
    with socket.create_connection(target.address, timeout=20) as connection:
        _exchange(connection, target.request)


def _kept_open(target: _Target, rounds: int) -> float:
    kept = []
    with socket.create_connection(target.address, timeout=20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(rounds):
            begin = time.perf_counter()
            _exchange(connection, target.request)
            kept.append(time.perf_counter() - begin)
    return _percentile(kept, 50)


def _exchange(connection: socket.socket, request: bytes) -> None:
    connection.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _received(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    status = head.split(b" ", 2)[1]
    if status != b"200":
        raise RuntimeError(f"the answer is {status.decode()}: {body[:300]!r}")
    length = next(
        int(line.partition(b":")[2])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length")
    )
    while len(body) < length:
        body += _received(connection)


def _received(connection: socket.socket) -> bytes:
    part = connection.recv(65_536)
    if not part:
        raise ConnectionError("the answer ends too early")
    return part


def _percentile(seconds: list[float], percent: int) -> float:
    """Return a percentile in milliseconds."""
    return 1000 * statistics.quantiles(seconds, n=100)[percent - 1]
