"""AWS files that `serve` hides from a job: watchword within the job goes by the user's own all the same."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from session.account import Account
from session.people import WATCHWORD, Somebody

_OTHER = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n"
_ASK = f"{WATCHWORD} credential-process work"


@pytest.fixture
def hiding(person: Somebody, account: Account) -> Somebody:
    """Somebody who is signed in, has a profile `default` with a key, and another `work` in their home."""
    credentials = Path(person.environment["AWS_SHARED_CREDENTIALS_FILE"])
    credentials.write_text(f"{credentials.read_text()}[default]\n{_OTHER}")
    (person.home / ".aws").mkdir()
    (person.home / ".aws" / "credentials").write_text(f"[work]\n{_OTHER}")
    time.sleep(2.1)
    person.login(account.code())
    return person


def test_it_gets_in_with_the_users_own_files(hiding: Somebody) -> None:
    script = f"{WATCHWORD} profile list | grep work && {_ASK} && {WATCHWORD} exec work -- printenv"
    ran = hiding.run("serve", "work", "--", "sh", "-c", script)
    assert ran.returncode == 0, ran.stderr
    assert '"ASIA' in ran.stdout
    files = {line for line in ran.stdout.splitlines() if line.startswith(("AWS_CONFIG", "AWS_SHARED"))}
    names = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
    assert files == {f"{name}={hiding.environment[name]}" for name in names}


def test_it_sees_that_they_have_changed(hiding: Somebody) -> None:
    gone = "sed -i s/.work./[gone]/ $WATCHWORD_AWS_SHARED_CREDENTIALS_FILE"
    ran = hiding.run("serve", "work", "--", "sh", "-c", f"{_ASK} && {_ASK} && {gone} && {_ASK}")
    assert (ran.returncode, ran.stdout.count('"ASIA')) == (1, 2), ran.stderr


def test_they_stay_hidden_from_a_job_within_the_job(hiding: Somebody) -> None:
    nested = [WATCHWORD, "serve", "work", "--", "printenv", "AWS_SHARED_CREDENTIALS_FILE"]
    ran = hiding.run("serve", "work", "--", *nested)
    assert (ran.returncode, ran.stdout) == (0, "/dev/null\n"), ran.stderr
