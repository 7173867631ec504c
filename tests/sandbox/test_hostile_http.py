"""Whatever comes over the wire is refused or read in one way, and the next client is served as ever."""

from __future__ import annotations

import configparser
import contextlib
import re
import socket
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from local_aws import Key, LocalAws
from signed import call
from watchword.sandbox.folder import Folder
from watchword.sandbox.process import Options
from watchword.sandbox.scenario.apply import client_at_door
from watchword.sandbox.tied import tied_sandbox

HEADS = {
    "a line that does not end": b"GET /" + b"a" * 200_000,
    "a header that does not end": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    "two hundred headers": b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: 1\r\n" % n for n in range(200)) + b"\r\n",
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64) + b"\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "a method of nobody": b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target with a space": b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "a negative length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "a length beyond all": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a length and chunks": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk of no size": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
    "a chunk beyond all": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\na",
    "a header that is folded": b"GET / HTTP/1.1\r\n folded: x\r\nHost: x\r\n\r\n",
    "an absolute target": b"GET http://169.254.169.254/latest/meta-data HTTP/1.1\r\nHost: x\r\n\r\n",
}
PATHS = [
    "/../../etc/passwd",
    "/..%2f..%2fetc/passwd",
    "/moto-api/reset",
    "//moto-api/data.json",
    "/_watchword/status",
]
XML = {
    "entities": '<!DOCTYPE a [<!ENTITY b "xxxxxxxxxx"><!ENTITY c "&b;&b;&b;&b;&b;">]><Delete>&c;</Delete>',
    "an entity from outside": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><Delete>&b;</Delete>',
    "depth": "<Delete>" + "<a>" * 5000 + "</a>" * 5000 + "</Delete>",
}


def answer_to(aws: LocalAws, sent: bytes) -> bytes:
    """Send bytes and no more; return what comes back until the other side closes, or is silent."""
    with socket.create_connection(address_of(aws), timeout=10) as wire:
        with contextlib.suppress(OSError):  # it may hang up before it has read all
            wire.sendall(sent)
            wire.shutdown(socket.SHUT_WR)
        received = b""
        with contextlib.suppress(OSError):
            while part := wire.recv(65_536):
                received += part
    return received


def address_of(aws: LocalAws) -> tuple[str, int]:
    host, _, port = aws.door.endpoint_url.removeprefix("http://").partition(":")
    return host, int(port)


def still_serves(aws: LocalAws) -> bool:
    return bool(aws.client("sts").get_caller_identity()["Account"] == aws.account)


@pytest.mark.parametrize("what", HEADS)
def test_a_request_that_is_none_is_refused(sandbox: LocalAws, what: str) -> None:
    received = answer_to(sandbox, HEADS[what])
    # To what is not even HTTP/1, the answer is a line without a head.
    assert received == b"" or re.match(rb"(HTTP/1\.1 )?(4\d\d|50[15]) ", received)
    assert still_serves(sandbox)


def test_a_body_that_ends_too_early_is_no_call(sandbox: LocalAws) -> None:
    body = b"Action=CreateUser&Version=2010-05-08&UserName=half"
    head, whole = _signed(sandbox, body)
    assert b" 200 " in answer_to(sandbox, head + whole).partition(b"\r\n")[0]
    sandbox.client("iam").delete_user(UserName="half")
    head, whole = _signed(sandbox, body)
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        first = answer_to(sandbox, head + whole[:length]).partition(b"\r\n")[0]
        assert b" 400 " in first
    assert sandbox.client("iam").list_users()["Users"] == []
    assert still_serves(sandbox)


@pytest.mark.parametrize("path", PATHS)
def test_tricks_with_paths_lead_nowhere(sandbox: LocalAws, path: str) -> None:
    received = answer_to(sandbox, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert received.startswith(b"HTTP/1.1 4")
    assert b"root:" not in received
    for service in ("s3", "iam"):
        assert call(sandbox, sandbox.root, service, "GET", path).status in (400, 403, 404)


@pytest.mark.parametrize("what", XML)
def test_bombs_in_xml_are_not_opened(sandbox: LocalAws, what: str) -> None:
    sandbox.client("s3").create_bucket(Bucket="mine")
    begin = time.monotonic()
    answer = call(sandbox, sandbox.root, "s3", "POST", "/mine?delete", body=XML[what].encode())
    assert answer.status == 400
    assert time.monotonic() - begin < 5
    assert "xxxxxxxxxxxxxxxxxxxx" not in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (16, 403), (-14, 200), (-16, 403)])
def test_a_request_is_good_for_a_quarter_of_an_hour_and_no_longer(
    sandbox: LocalAws, minutes: int, status: int
) -> None:
    head, body = _signed(sandbox, b"Action=GetCallerIdentity&Version=2011-06-15", service="sts")
    sandbox.inner.clock.skew = timedelta(minutes=minutes)
    assert f" {status} ".encode() in answer_to(sandbox, head + body).partition(b"\r\n")[0]


def test_clients_that_say_nothing_do_not_keep_others_waiting(sandbox: LocalAws) -> None:
    silent = [socket.create_connection(address_of(sandbox), timeout=10) for _ in range(100)]
    for number, wire in enumerate(silent):
        wire.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nhalf"[: number % 60])
    try:
        assert still_serves(sandbox)
    finally:
        for wire in silent:
            wire.close()
    assert still_serves(sandbox)


def test_keys_and_sessions_of_another_sandbox_are_nobodys_here(sandbox: LocalAws) -> None:
    with tied_sandbox(lambda folder: Options(folder=folder)) as (folder, door):
        root = _root_of(folder)
        given = client_at_door(door, "sts", root).get_session_token()
        for theirs in (root, Key.of(given["Credentials"])):
            with pytest.raises(ClientError, match="InvalidClientTokenId"):
                sandbox.client("sts", theirs).get_caller_identity()
        for ours in (sandbox.root, sandbox.session(sandbox.root)):
            with pytest.raises(ClientError, match="InvalidClientTokenId"):
                client_at_door(door, "sts", ours).get_caller_identity()


def _root_of(folder: Folder) -> Key:
    read = configparser.ConfigParser()
    read.read(folder.credentials, encoding="utf-8")
    profile = read["root"]
    return Key(access_key_id=profile["aws_access_key_id"], secret_access_key=profile["aws_secret_access_key"])


def test_a_sandbox_listens_on_the_loopback_at_its_port_and_nowhere_else() -> None:
    with tied_sandbox(lambda folder: Options(folder=folder)) as (folder, door):
        assert client_at_door(door, "iam", _root_of(folder)).list_users()["Users"] == []  # moto is loaded
        port = int(door.endpoint_url.rpartition(":")[2])
        assert _listening(door.process_id) == {f"0100007F:{port:04X}"}


def _listening(process_id: int) -> set[str]:
    """Return where a process listens, as Linux writes it."""
    opened = set()
    for file in Path(f"/proc/{process_id}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            opened.add(str(file.readlink()))
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]
    ]
    return {row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in opened}


def test_requests_come_in_pieces_and_one_behind_the_other(sandbox: LocalAws) -> None:
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    head, whole = _signed(sandbox, body, service="sts", closes=False)
    with socket.create_connection(address_of(sandbox), timeout=10) as wire:

        def send() -> None:
            for byte in (head + whole) * 2:
                wire.sendall(bytes([byte]))

        sender = threading.Thread(target=send)
        sender.start()
        received = b""
        while received.count(b"</GetCallerIdentityResponse>") < 2:
            received += wire.recv(65_536)
        sender.join()
    assert received.count(b"HTTP/1.1 200") == 2


def _signed(aws: LocalAws, body: bytes, *, service: str = "iam", closes: bool = True) -> tuple[bytes, bytes]:
    """Return head and body of a signed request of root, signed now by this machine's clock."""
    request = AWSRequest(method="POST", url=f"{aws.endpoint_url}/", data=body)
    request.headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
    SigV4Auth(Credentials(aws.access_key_id, aws.secret_access_key), service, "us-east-1").add_auth(request)
    headers = {
        "Host": aws.endpoint_url.removeprefix("http://"),
        "Content-Length": str(len(body)),
        "Connection": "close" if closes else "keep-alive",
        **dict(request.headers.items()),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST / HTTP/1.1\r\n{lines}\r\n".encode(), body
