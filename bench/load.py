"""Sixteen clients at once for a minute: is every decision right, is nothing a failure, is memory steady?

Each client has a user of its own, whose policy changes under way, and calls of which it knows beforehand what
must come of them: by key, by session without and with MFA, and by a role that wants MFA.
"""

from __future__ import annotations

import itertools
import json
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import botocore.session
from botocore.credentials import Credentials

from bench.figure import Figure
from bench.sandbox import plain_moto, root_of, running_sandbox
from bench.signed_calls import REGION, Answer, Connection, SignedCall, json_call, on_object, query
from watchword.sandbox.door import Client
from watchword.sandbox.folder import Door, Folder

CLIENTS = 16
_SECONDS = 60.0
_FEW_SECONDS = 3.0
_BESIDE_MOTO_SECONDS = 10.0
_MEMORY_GROWTH = 0.10
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_WITH_MFA = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {
            "Effect": "Deny",
            "NotAction": ["sts:*", "sqs:*"],
            "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        },
        {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::closed/*"},
    ],
}
_TABLE = {
    "TableName": "counts",
    "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Certain:
    """A call, who makes it, and whether it must be allowed."""

    what: str
    call: SignedCall
    credentials: Credentials = field(repr=False)
    allowed: bool


@dataclass(slots=True)
class Seen:
    """What clients have seen together."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def take(self, certain: _Certain, answer: Answer, seconds: float) -> None:
        """Take note of an answer."""
        self.seconds.append(seconds)
        denied = answer.status in (400, 403) and answer.code in _DENIED  # JSON services say 400
        if answer.status >= 500:
            self.failed.append(f"{certain.what}: {answer.status} {answer.code}")
        elif (answer.status < 300) is not certain.allowed or denied is certain.allowed:
            self.wrong.append(f"{certain.what}: {answer.status} {answer.code}, allowed={certain.allowed}")


def measure(*, small: bool = False) -> list[Figure]:
    """Return the figures of the load, and of the sandbox beside plain moto under the same calls."""
    with tempfile.TemporaryDirectory() as path, running_sandbox(Path(path)) as door:
        seen, memory = run_load(door, Path(path), seconds=_FEW_SECONDS if small else _SECONDS)
        beside = _beside_moto(door, Path(path), seconds=1.0 if small else _BESIDE_MOTO_SECONDS)
    growth = memory[1] / memory[0] - 1
    return [
        Figure(name=f"calls of {CLIENTS} clients at once", value=len(seen.seconds), unit="calls"),
        _none("wrong decisions among them", seen.wrong),
        _none("answers 5xx, or none", seen.failed),
        Figure(
            name="growth of memory in the second half",
            value=100 * growth,
            unit="%",
            promise=None if small else "under 10 %",  # what is read once is still being read
            kept=None if small else growth < _MEMORY_GROWTH,
        ),
        *beside,
    ]


def run_load(door: Door, folder: Path, *, seconds: float, least: int = 1) -> tuple[Seen, tuple[int, int]]:
    """Let sixteen clients call; return what they saw, and memory (KiB) at half time and at the end.

    Each makes at least so many calls, however long they take.
    """
    port = int(door.endpoint_url.rpartition(":")[2])
    root = root_of(folder)
    _make_what_all_use(port, root)
    minds = [_Person(number, port, root, Client(Folder(folder / "sandbox"))) for number in range(CLIENTS)]
    seen = Seen()
    end = time.monotonic() + seconds
    threads = [threading.Thread(target=_call_until, args=(end, least, mind, port, seen)) for mind in minds]
    for thread in threads:
        thread.start()
    time.sleep(seconds / 2)
    half = _memory(door.process_id)
    for thread in threads:
        thread.join()
    return seen, (half, _memory(door.process_id))


def _call_until(end: float, least: int, person: _Person, port: int, seen: Seen) -> None:
    connection = Connection(port)
    for made, certain in enumerate(person.calls()):
        if made >= least and time.monotonic() > end:
            break
        begin = time.perf_counter()
        try:
            answer = connection.make(certain.call, certain.credentials)
        except Exception as error:  # whatever it is, it is no answer
            seen.failed.append(f"{certain.what}: {type(error).__name__}")
            connection.close()
        else:
            seen.take(certain, answer, time.perf_counter() - begin)
    connection.close()


class _Person:
    """A user with a key, a device, and sessions without and with MFA; `calls` are what it makes, for ever."""

    def __init__(self, number: int, port: int, root: Credentials, door: Client) -> None:
        self.name = f"person-{number}"
        self._root = root
        self._random = random.Random(number)  # noqa: S311 - which call comes next
        iam = _client("iam", port, root)
        iam.create_user(UserName=self.name)
        iam.put_user_policy(UserName=self.name, PolicyName="mfa", PolicyDocument=json.dumps(_WITH_MFA))
        self._key = _credentials(iam.create_access_key(UserName=self.name)["AccessKey"])
        serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=self.name)["VirtualMFADevice"][
            "SerialNumber"
        ]
        shown = door.phone(serial)[0]
        iam.enable_mfa_device(
            UserName=self.name,
            SerialNumber=serial,
            AuthenticationCode1=shown["code"],
            AuthenticationCode2=shown["next_code"],
        )
        sts = _client("sts", port, self._key)
        self._without = _credentials(sts.get_session_token()["Credentials"])
        with_code = sts.get_session_token(SerialNumber=serial, TokenCode=shown["next_code"])
        self._with = _credentials(with_code["Credentials"])

    def calls(self) -> Iterator[_Certain]:
        """Yield calls, mixed at random, for ever."""
        kinds: list[Callable[[], Iterator[_Certain]]] = [
            self._by_mfa,
            self._own_policy,
            self._role,
            self._open,
        ]
        while True:
            yield from self._random.choice(kinds)()

    def _by_mfa(self) -> Iterator[_Certain]:
        key = f"{self.name}/{self._random.randrange(20)}"
        item = {"TableName": "counts", "Item": {"k": {"S": key}}}
        calls = {
            "s3:PutObject": on_object("PUT", "open", key, b"x" * 2000),
            "ec2:DescribeRegions": query("ec2", "DescribeRegions"),
            "iam:GetUser": query("iam", "GetUser", UserName=self.name),
            "dynamodb:PutItem": json_call("dynamodb", "PutItem", item),
        }
        for what, call in calls.items():
            for kind, credentials in (("key", self._key), ("without", self._without), ("with", self._with)):
                if what == "iam:GetUser" and kind == "without":
                    continue  # no IAM for such a session, in other words
                yield _Certain(
                    what=f"{what} {kind}", call=call, credentials=credentials, allowed=kind == "with"
                )
        closed = on_object("PUT", "closed", key, b"x")
        yield _Certain(what="s3:PutObject closed", call=closed, credentials=self._with, allowed=False)

    def _own_policy(self) -> Iterator[_Certain]:
        """A Deny that is added counts from the next call on, and no longer when it is taken away."""
        deny = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}}
        named = {"UserName": self.name, "PolicyName": "no-queues"}
        put = query("iam", "PutUserPolicy", **named, PolicyDocument=json.dumps(deny))
        take = query("iam", "DeleteUserPolicy", **named)
        listing = json_call("sqs", "ListQueues", {})
        for call, credentials, allowed in (
            (put, self._root, True),
            (listing, self._with, False),
            (listing, self._key, False),
            (take, self._root, True),
            (listing, self._key, True),
        ):
            yield _Certain(what="sqs:ListQueues", call=call, credentials=credentials, allowed=allowed)

    def _role(self) -> Iterator[_Certain]:
        arn = f"arn:aws:iam::{self._account()}:role/mfa-only"
        call = query("sts", "AssumeRole", RoleArn=arn, RoleSessionName=self.name)
        for credentials, allowed in ((self._key, False), (self._without, False), (self._with, True)):
            yield _Certain(what="sts:AssumeRole", call=call, credentials=credentials, allowed=allowed)

    def _account(self) -> str:
        return "123456789012"

    def _open(self) -> Iterator[_Certain]:
        call = query("sts", "GetCallerIdentity")
        for credentials in (self._key, self._without, self._with):
            yield _Certain(what="sts:GetCallerIdentity", call=call, credentials=credentials, allowed=True)


def _make_what_all_use(port: int, root: Credentials) -> None:
    s3 = _client("s3", port, root)
    for bucket in ("open", "closed"):
        s3.create_bucket(Bucket=bucket)
    _client("dynamodb", port, root).create_table(**_TABLE)
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        },
    }
    _client("iam", port, root).create_role(RoleName="mfa-only", AssumeRolePolicyDocument=json.dumps(trust))


# --- beside plain moto --------------------------------------------------------------------------------


def _beside_moto(door: Door, folder: Path, *, seconds: float) -> list[Figure]:
    """The same calls of root to both, by sixteen clients with a new connection for each call."""
    ports = {"sandbox": int(door.endpoint_url.rpartition(":")[2])}
    with plain_moto() as ports["moto"]:
        anybody = Credentials("AKIAANYBODY000000000", "anything")
        _make_what_all_use(ports["moto"], anybody)
        who = {"sandbox": root_of(folder), "moto": anybody}
        seen = {name: _sixteen(ports[name], who[name], seconds) for name in ("moto", "sandbox")}
    rate = {name: len(found) / elapsed for name, (found, elapsed) in seen.items()}
    figures = [
        Figure(name=f"plain moto under {CLIENTS} clients", value=rate["moto"], unit="1/s"),
        Figure(
            name=f"the sandbox under {CLIENTS} clients",
            value=rate["sandbox"],
            unit="1/s",
            ratio=rate["sandbox"] / rate["moto"],
            ratio_to="moto's",
        ),
    ]
    for percent in (50, 95):
        cut = {name: _percentile(found, percent) for name, (found, _) in seen.items()}
        figures.append(
            Figure(
                name=f"a call to the sandbox then, p{percent}",
                value=1000 * cut["sandbox"],
                unit="ms",
                ratio=cut["sandbox"] / cut["moto"],
                ratio_to="moto's",
            )
        )
    return figures


def _sixteen(port: int, credentials: Credentials, seconds: float) -> tuple[list[float], float]:
    """Return how long each call took, and all of them together."""
    for made in _ROOTS_CALLS:  # a service is loaded by its first call
        Connection(port, keeps=False).make(made, credentials)
    found: list[float] = []
    start = time.monotonic()

    def call() -> None:
        connection = Connection(port, keeps=False)
        for made in itertools.cycle(_ROOTS_CALLS):
            if time.monotonic() > start + seconds:
                return
            begin = time.perf_counter()
            answer = connection.make(made, credentials)
            if answer.status != 200:
                raise RuntimeError(f"the answer is {answer.status} {answer.code}")
            found.append(time.perf_counter() - begin)

    with ThreadPoolExecutor(CLIENTS) as pool:
        for done in [pool.submit(call) for _ in range(CLIENTS)]:
            done.result()  # raises what went wrong
    return found, time.monotonic() - start


_ROOTS_CALLS = (
    query("sts", "GetCallerIdentity"),
    query("iam", "GetRole", RoleName="mfa-only"),
    query("ec2", "DescribeRegions"),
    on_object("PUT", "open", "figures", b"x" * 2000),
    on_object("GET", "open", "figures"),
    json_call("dynamodb", "PutItem", {"TableName": "counts", "Item": {"k": {"S": "a"}}}),
    json_call("dynamodb", "GetItem", {"TableName": "counts", "Key": {"k": {"S": "a"}}}),
    json_call("sqs", "ListQueues", {}),
)


def _client(service: str, port: int, credentials: Credentials):  # type: ignore[no-untyped-def] # noqa: ANN202 - botocore's
    return botocore.session.get_session().create_client(
        service,
        region_name=REGION,
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token,
    )


def _credentials(given: dict[str, str]) -> Credentials:
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given.get("SessionToken"))


def _memory(process_id: int) -> int:
    status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


def _percentile(seconds: list[float], percent: int) -> float:
    return statistics.quantiles(seconds, n=100)[percent - 1]


def _none(name: str, found: list[str]) -> Figure:
    words = f"none ({found[0]})" if found else "none"
    return Figure(name=name, value=len(found), unit="calls", promise=words, kept=not found)
