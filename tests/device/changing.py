"""People with devices, who change them; and what the account and the machine look like afterwards."""

from __future__ import annotations

import configparser
import dataclasses
import io
import json
import os
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from device.account import Account, Person
from device.at_terminal import WATCHWORD, AtTerminal
from local_aws import Key, LocalAws
from watchword.cli import watchword
from watchword.cli.failure import exit_code_of
from watchword.fastpath.session_file import Credentials
from watchword.session import Session, SessionStore
from watchword.session.session import SessionKey

EVERYTHING_ABOUT_DEVICES = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Devices", "Effect": "Allow", "Action": "iam:*MFADevice*", "Resource": "*"}],
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Owning:
    """A person who has devices, and their phone, which shows the codes of all of them."""

    person: Person
    account: Account
    aws: LocalAws

    def gets(self, name: str) -> str:
        """Be given a virtual device by the administrator; return its serial number."""
        made = self.aws.client("iam").create_virtual_mfa_device(VirtualMFADeviceName=name)
        serial: str = made["VirtualMFADevice"]["SerialNumber"]
        self.enables(serial)
        return serial

    def enables(self, serial: str) -> None:
        """Have a virtual device that belongs to nobody enabled by the administrator."""
        first, second = self.aws.phone(serial), self.aws.next_code(serial)
        while self.aws.phone(serial) != first:  # the step went by between the two
            first, second = self.aws.phone(serial), self.aws.next_code(serial)
        self.aws.move_clock(30)
        self.aws.client("iam").enable_mfa_device(
            UserName=self.person.name,
            SerialNumber=serial,
            AuthenticationCode1=first,
            AuthenticationCode2=second,
        )

    def signs_in(self, serial: str, *, endpoint_url: str | None = None) -> None:
        """Have a session of this device at hand, as `watchword login` would leave it, but sooner."""
        key = self._key()
        made = self.aws.session(key, serial)
        assert made.session_token is not None
        now = datetime.now(UTC).replace(microsecond=0)
        session = Session(
            profile=self.person.name,
            key=SessionKey(
                endpoint=endpoint_url or self.person.endpoint_url,
                access_key_id=key.access_key_id,
                serial_number=serial,
            ),
            account=self.aws.account,
            arn=f"arn:aws:iam::{self.aws.account}:user/{self.person.name}",
            issued_at=now,
            credentials=Credentials(
                access_key_id=made.access_key_id,
                secret_access_key=made.secret_access_key,
                session_token=made.session_token,
                expires_at=now + timedelta(hours=12),
            ),
        )
        folder = Path(self.person.environment()["XDG_CACHE_HOME"]) / "watchword"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        store = SessionStore(folder)
        store.put(session)
        store.remember_device(session.key, mfa_serial=self._settings("config").get("mfa_serial"))

    def _key(self) -> Key:
        settings = self._settings("credentials")
        return Key(
            access_key_id=settings["aws_access_key_id"], secret_access_key=settings["aws_secret_access_key"]
        )

    def _settings(self, file: str) -> dict[str, str]:
        parser = configparser.ConfigParser()
        parser.read(self.person.folder / file)
        section = self.person.name if file == "credentials" else f"profile {self.person.name}"
        return dict(parser[section])

    def runs(self, *arguments: str, endpoint_url: str | None = None) -> AtTerminal:
        return self.person.runs("device", *arguments, endpoint_url=endpoint_url)

    def without_terminal(
        self, *arguments: str, endpoint_url: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [WATCHWORD, *arguments],
            env={**os.environ, **self.person.environment(endpoint_url=endpoint_url)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            start_new_session=True,
            check=False,
        )

    def asks_nothing(self, *arguments: str, endpoint_url: str | None = None) -> Ended:
        """Type a command that has nothing to ask: in this process, which is sooner."""
        out, err = io.StringIO(), io.StringIO()
        environment = self.person.environment(endpoint_url=endpoint_url)
        with patch.dict(os.environ, environment), redirect_stdout(out), redirect_stderr(err):
            code = exit_code_of(watchword, list(arguments))
        return Ended(returncode=code, stdout=out.getvalue(), stderr=err.getvalue())

    def has(self) -> list[str]:
        return self.account.devices_of(self.person)

    def exist(self) -> list[str]:
        """All virtual devices of the account."""
        entries = self.account.iam.list_virtual_mfa_devices()["VirtualMFADevices"]
        return sorted(entry["SerialNumber"] for entry in entries)

    def may(self, policy: dict[str, Any]) -> None:
        self.account.iam.put_user_policy(
            UserName=self.person.name, PolicyName="enrol", PolicyDocument=json.dumps(policy)
        )

    def config(self, text: str) -> None:
        """Add lines to the AWS config."""
        path = Path(self.person.environment()["AWS_CONFIG_FILE"])
        path.write_text(path.read_text() + text)


def owning(aws: LocalAws, account: Account, *, policy: dict[str, Any] | None = None) -> Owning:
    person = account.person(policy=policy or EVERYTHING_ABOUT_DEVICES)
    return Owning(person=person, account=account, aws=aws)


def administrator(account: Account) -> Person:
    return account.person(
        "root-like",
        policy={
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
        },
    )
