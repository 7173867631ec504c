from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from device.account import Account, Person
from watchword.sandbox.door import Client
from watchword.sandbox.folder import Folder
from watchword.sandbox.process import Options, start


@pytest.fixture(scope="session")
def device_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A sandbox process for all tests of this room; each test has people of its own in it."""
    folder = Folder(tmp_path_factory.mktemp("sandbox"))
    start(Options(folder=folder))
    client = Client(folder)
    yield client
    client.stop()


@pytest.fixture
def account(device_sandbox: Client, tmp_path: Path) -> Iterator[Account]:
    folder = device_sandbox.folder
    endpoint_url = folder.open_door().endpoint_url
    credentials = folder.credentials.read_text().splitlines()
    key_id, secret = (line.partition(" = ")[2] for line in credentials[1:3])
    iam = boto3.client(
        "iam",
        endpoint_url=endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
    )
    yield Account(iam, endpoint_url, tmp_path)
    device_sandbox.change_clock({"reset": True})


@pytest.fixture
def person(account: Account) -> Person:
    return account.person()
