"""A sandbox for tests: a real server on a free port, in a thread of the test's own process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from watchword.sandbox.answer import Sandbox
from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.control import Control
from watchword.sandbox.door import ask
from watchword.sandbox.environment import shell_environment
from watchword.sandbox.folder import Door, Folder
from watchword.sandbox.identity.budget import WINDOW_SECONDS
from watchword.sandbox.identity.phone import PhoneReading
from watchword.sandbox.log import DecisionLog, LogRecord
from watchword.sandbox.process import ACCOUNT, new_root_key
from watchword.sandbox.server import Server

ONCE = Config(retries={"total_max_attempts": 1, "mode": "standard"})
# One loader of botocore's models for all tests: they take a second to read.
_SESSION = boto3.Session(aws_access_key_id="-", aws_secret_access_key="-", region_name="us-east-1")


@dataclass(frozen=True, kw_only=True)
class Key:
    """Credentials of somebody, to make clients with."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, credentials: dict[str, Any]) -> Key:
        """Read the `AccessKey` of IAM or the `Credentials` of STS."""
        return cls(
            access_key_id=credentials["AccessKeyId"],
            secret_access_key=credentials["SecretAccessKey"],
            session_token=credentials.get("SessionToken"),
        )


@dataclass(kw_only=True)
class LocalAws:
    """A running sandbox. `environment` is what a shell would have after `eval "$(watchword sandbox env)"`."""

    server: Server
    inner: Sandbox
    folder: Folder
    door: Door
    root: Key

    @property
    def endpoint_url(self) -> str:
        return self.server.endpoint_url

    @property
    def account(self) -> str:
        return self.inner.account

    @property
    def access_key_id(self) -> str:
        return self.root.access_key_id

    @property
    def secret_access_key(self) -> str:
        return self.root.secret_access_key

    @property
    def environment(self) -> dict[str, str]:
        return dict(shell_environment(self.folder, self.door, {}).set_variables)

    @property
    def log(self) -> list[LogRecord]:
        return self.inner.log.after(0)

    def client(
        self, service: str, key: Key | None = None, *, region: str = "us-east-1", config: Config = ONCE
    ) -> Any:  # noqa: ANN401 - boto3 makes its clients' classes while it runs
        """Return a boto3 client of root, or of whoever has `key`; it never tries twice."""
        holder = key or self.root
        return _SESSION.client(
            service,  # type: ignore[call-overload] # any service may be asked for
            region_name=region,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=holder.access_key_id,
            aws_secret_access_key=holder.secret_access_key,
            aws_session_token=holder.session_token,
            config=config,
        )

    def move_clock(self, by: timedelta | float) -> None:
        """Move the sandbox's time, by seconds or a timedelta."""
        self.inner.clock.move(by if isinstance(by, timedelta) else timedelta(seconds=by))

    def begin_window_of_checks(self) -> None:
        """Move the time to where AWS begins to count checks anew: all that follow are in one window."""
        past = self.inner.clock.now().timestamp() % WINDOW_SECONDS
        self.move_clock(WINDOW_SECONDS - past)

    def phone(self, wanted: str) -> str:
        """Return the present code of a user's (or of the named, or of the numbered) device."""
        return self._reading(wanted).code

    def next_code(self, wanted: str) -> str:
        """Return the code that comes next."""
        return self._reading(wanted).next_code

    def fresh_code(self, wanted: str) -> str:
        """Move the clock to a new time step, and return its code: one that was never shown before."""
        self.move_clock(30)
        return self.phone(wanted)

    def _reading(self, wanted: str) -> PhoneReading:
        user = self.inner.directory.user(self.account, wanted)
        found = self.inner.phone.find(wanted, user_id=user.user_id if user else None)
        return self.inner.phone.read(found[0].serial_number)

    # --- the people of most tests ---------------------------------------------------------------

    def user(self, name: str, policy: str | None = None) -> Key:
        """Create a user with a key, and with an inline policy if one is given."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        if policy is not None:
            iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=policy)
        return Key.of(iam.create_access_key(UserName=name)["AccessKey"])

    def device(self, user: str) -> str:
        """Give a user an enabled device, as root, and return its serial number."""
        iam = self.client("iam")
        serial: str = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"][
            "SerialNumber"
        ]
        # As people do it: a code, half a minute's wait, the next. So the device's clock is known to be right.
        shown = self._reading(serial)
        self.move_clock(30)
        iam.enable_mfa_device(
            UserName=user,
            SerialNumber=serial,
            AuthenticationCode1=shown.code,
            AuthenticationCode2=shown.next_code,
        )
        return serial

    def add_security_key(self, user: str, name: str = "yubikey") -> str:
        """Register a FIDO security key for a user, as only the console can, and return its serial number."""
        return self._add_device(kind="security-key", name=name, user=user)

    def add_hardware_token(self, user: str | None, serial: str = "GAHT12345678") -> str:
        """Give a user an enabled hardware token, or nobody (None) one to enable; return its serial number."""
        return self._add_device(kind="hardware-token", name=serial, user=user)

    def _add_device(self, **asked: str | None) -> str:
        return str(ask(self.door, "POST", "devices", asked)["serial_number"])

    def session(self, key: Key, serial: str | None = None, *, duration_seconds: int = 43_200) -> Key:
        """Return a GetSessionToken session of `key`, with a code of the device if one is named."""
        code = {} if serial is None else {"SerialNumber": serial, "TokenCode": self.fresh_code(serial)}
        answer = self.client("sts", key).get_session_token(DurationSeconds=duration_seconds, **code)
        return Key.of(answer["Credentials"])


@contextmanager
def local_aws(
    path: Path, *, account: str = ACCOUNT, propagation_delay_seconds: float = 0
) -> Iterator[LocalAws]:
    """Run a sandbox in a thread, with its folder at `path`, until the `with` ends."""
    folder = Folder(path)
    folder.make()
    server = Server()
    root_key = new_root_key(account)
    sandbox = Sandbox(
        account=account,
        root_key=root_key,
        host=server.host,
        clock=SandboxClock(),
        log=DecisionLog(folder.decisions),
        propagation_delay=timedelta(seconds=propagation_delay_seconds),
    )
    sandbox.load()
    sandbox.moto.forget()
    control = Control(sandbox=sandbox, token="token", is_ready=lambda: True)
    folder.write_profiles(
        endpoint_url=server.endpoint_url,
        access_key_id=root_key.access_key_id,
        secret_access_key=root_key.secret_access_key,
    )
    door = Door(endpoint_url=server.endpoint_url, account=account, process_id=0, token="token")
    thread = threading.Thread(target=server.serve, args=(sandbox, control), daemon=True)
    thread.start()
    root = Key(access_key_id=root_key.access_key_id, secret_access_key=root_key.secret_access_key)
    try:
        yield LocalAws(server=server, inner=sandbox, folder=folder, door=door, root=root)
    finally:
        server.stop()
        thread.join(timeout=10)
        sandbox.log.close()
