"""Somebody with a shell in a fresh sandbox, which the tests of a document share: each call takes a second."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_aws import local_aws
from seeds.shell import Shell


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("home")
    with local_aws(tmp_path_factory.mktemp("sandbox")) as aws:
        yield Shell(aws=aws, folder=folder)
