"""Somebody who changes a sandbox in several ways at once, and knows which changes were acknowledged."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.state.kept_sandbox import KeptSandbox
from watchword.sandbox.door import DoorClosed
from watchword.sandbox.folder import NoSandbox
from watchword.sandbox.key import Key

TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",'
    ' "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
)
# So that nobody needs more than nine checks in three minutes.
STEP_SECONDS = 90
# What a client sees of a server that was killed under it.
GONE = (BotoCoreError, DoorClosed, NoSandbox, OSError)


@dataclass(kw_only=True)
class Acknowledged:
    """What the client has had an answer to; `begun` is what may be there, or may not."""

    users: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    items: set[str] = field(default_factory=set)
    messages: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    devices: set[str] = field(default_factory=set)
    sessions: list[Key] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    clock_moves: int = 0
    begun: set[str] = field(default_factory=set)

    @property
    def number(self) -> int:
        """How many changes they are."""
        made = (self.users, self.objects, self.items, self.messages, self.roles, self.devices, self.codes)
        return sum(map(len, made)) + self.clock_moves


def body_of(name: str) -> bytes:
    """Return the content of an object of that name: of any size up to 64 KiB, and known."""
    digest = hashlib.sha256(name.encode()).digest()
    return digest * (1 + int.from_bytes(digest[:2], "big") // 32)


class Writer:
    """Writes in threads until the sandbox is gone. `numbers` go on over all of its lives."""

    def __init__(self, sandbox: KeptSandbox, serial_number: str, alice: Key, queue_url: str) -> None:
        self.seen = Acknowledged()
        self.tried_again: str | None = None
        self._sandbox = sandbox
        self.serial_number = serial_number
        self.alice = alice
        self.queue_url = queue_url
        self._numbers = itertools.count()

    def wait_for_changes(self, number: int) -> None:
        """Return once so many more changes were acknowledged."""
        end, late = self.seen.number + number, time.monotonic() + 30
        while self.seen.number < end and time.monotonic() < late:
            time.sleep(0.001)

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Write for as long as the `with` lasts, or the sandbox."""
        clients = {name: self._sandbox.client(name) for name in ("dynamodb", "iam", "s3", "sqs")}
        clients["sts"] = self._sandbox.client("sts", self.alice)
        ended = threading.Event()
        errors: list[Exception] = []

        def work(change: Callable[[str, dict[str, Any]], None]) -> None:
            try:
                while not ended.is_set():
                    name = f"n{next(self._numbers)}"
                    self.seen.begun.add(name)
                    change(name, clients)
            except GONE:
                return
            except (ClientError, AssertionError) as error:
                errors.append(error)

        threads = [threading.Thread(target=work, args=(each,)) for each in (self._identity, self._resources)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            ended.set()
            for thread in threads:
                thread.join(timeout=30)
        assert not errors, errors

    def _identity(self, name: str, clients: dict[str, Any]) -> None:
        iam, seen = clients["iam"], self.seen
        iam.create_user(UserName=name, Tags=[{"Key": "name", "Value": name}])
        seen.users.add(name)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Description=name)
        seen.roles.add(name)
        made = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)
        seen.devices.add(made["VirtualMFADevice"]["SerialNumber"])
        self._sandbox.move_clock(STEP_SECONDS)
        seen.clock_moves += 1
        code = self._sandbox.code(self.serial_number)
        answer = clients["sts"].get_session_token(SerialNumber=self.serial_number, TokenCode=code)
        seen.sessions.append(Key.of(answer["Credentials"]))
        seen.codes.append(code)

    def _resources(self, name: str, clients: dict[str, Any]) -> None:
        seen = self.seen
        clients["s3"].put_object(Bucket="bucket", Key=name, Body=body_of(name))
        seen.objects.add(name)
        clients["sqs"].send_message(QueueUrl=self.queue_url, MessageBody=name)
        seen.messages.add(name)
        clients["dynamodb"].put_item(TableName="table", Item={"id": {"S": name}, "copy": {"S": name}})
        seen.items.add(name)
