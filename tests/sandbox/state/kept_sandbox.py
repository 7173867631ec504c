"""A sandbox with a state folder, in a process of its own that can be killed and started again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from watchword.sandbox.door import Client, ask
from watchword.sandbox.folder import Folder, NoSandbox
from watchword.sandbox.key import Key

ONCE = Config(
    retries={"total_max_attempts": 1, "mode": "standard"}, read_timeout=20, s3={"addressing_style": "path"}
)
_SESSION = boto3.Session(aws_access_key_id="-", aws_secret_access_key="-", region_name="us-east-1")
_PATIENCE_SECONDS = 20.0


class Nursery:
    """The process that forks sandboxes; everything of them is below `home`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_STATE_HOME": str(home / "xdg")}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("nursery.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert self._line() == "ready"

    def fork(self, *arguments: str) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(arguments) + "\n")
        self._process.stdin.flush()
        return int(self._line())

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=_PATIENCE_SECONDS)
        self._process.stdout.close()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


class KeptSandbox:
    """One state folder, and the sandbox that has it."""

    def __init__(self, nursery: Nursery, name: str) -> None:
        self.nursery = nursery
        self.folder = Folder(nursery.home / name / "run")
        self.state = nursery.home / name / "state"
        self.process_id = 0

    def start(self, *more: str) -> None:
        """Start it, and wait for it."""
        self.folder.make()
        self.process_id = self.nursery.fork(f"--dir={self.folder.path}", f"--state={self.state}", *more)
        self.wait()

    def wait(self) -> None:
        """Return once it can be reached. Raises the error that it ended with."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end:
            with contextlib.suppress(NoSandbox):
                if self.folder.open_door().process_id == self.process_id:
                    return
            failure = self.folder.take_failure()
            if failure is not None:
                raise failure
            time.sleep(0.005)
        raise AssertionError(self.folder.process_log.read_text() if self.folder.process_log.exists() else "")

    def kill(self) -> None:
        """End it as kill -9 does, and return once it is gone."""
        os.kill(self.process_id, signal.SIGKILL)
        while self.folder.is_held():
            time.sleep(0.002)

    def stop(self) -> None:
        """End it as `watchword sandbox down` does."""
        Client(self.folder).stop()

    @property
    def root(self) -> Key:
        profiles = ConfigParser()
        profiles.read(self.folder.credentials)
        return Key(
            access_key_id=profiles["root"]["aws_access_key_id"],
            secret_access_key=profiles["root"]["aws_secret_access_key"],
        )

    def client(self, service: str, key: Key | None = None, region: str = "us-east-1") -> Any:  # noqa: ANN401
        holder = key or self.root
        return _SESSION.client(
            service,  # type: ignore[call-overload] # any service may be asked for
            region_name=region,
            endpoint_url=self.folder.open_door().endpoint_url,
            aws_access_key_id=holder.access_key_id,
            aws_secret_access_key=holder.secret_access_key,
            aws_session_token=holder.session_token,
            config=ONCE,
        )

    def ask(self, page: str, **asked: object) -> dict[str, Any]:
        return ask(self.folder.open_door(), "POST", page, asked)

    def code(self, wanted: str, which: str = "code") -> str:
        return str(self.ask("phone", wanted=wanted)["devices"][0][which])

    def move_clock(self, seconds: float) -> None:
        self.ask("clock", move_seconds=seconds)

    def enrol(self, user: str) -> str:
        """Give a user a device, as root, and return its serial number."""
        iam = self.client("iam")
        made = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]
        serial: str = made["SerialNumber"]
        iam.enable_mfa_device(
            UserName=user,
            SerialNumber=serial,
            AuthenticationCode1=self.code(serial),
            AuthenticationCode2=self.code(serial, "next_code"),
        )
        return serial


@contextlib.contextmanager
def a_nursery(home: Path) -> Iterator[Nursery]:
    """Run a nursery; whoever forks there ends the forks."""
    nursery = Nursery(home)
    try:
        yield nursery
    finally:
        nursery.close()


@contextlib.contextmanager
def a_kept_sandbox(nursery: Nursery, name: str) -> Iterator[KeptSandbox]:
    """Give a sandbox that is not started yet, and end it when the `with` ends."""
    sandbox = KeptSandbox(nursery, name)
    try:
        yield sandbox
    finally:
        if sandbox.folder.path.exists() and sandbox.folder.is_held():
            sandbox.kill()
