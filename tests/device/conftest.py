from __future__ import annotations

from pathlib import Path

import pytest

from device.account import Account, Person
from local_aws import LocalAws


@pytest.fixture
def account(sandbox: LocalAws, tmp_path: Path) -> Account:
    return Account(sandbox.client("iam"), sandbox.endpoint_url, tmp_path)


@pytest.fixture
def person(account: Account) -> Person:
    return account.person()
