"""A reading that is killed, stopped or cut off goes on where it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pexpect
import pytest

from audit.between import Between, between
from audit.reading import NOW, Altered, aws, command, environment, people, read, run, server
from local_aws import LocalAws
from watchword.account.read import read_snapshot
from watchword.audit.errors import UnwritablePlace
from watchword.audit.kept_answers import InMemory
from watchword.audit.snapshot_file import place_of
from watchword.aws import Refusal, Unreachable

__all__ = ["aws", "server"]  # fixtures


@contextmanager
def _stalled(aws: LocalAws, folder: Path, middle: Between) -> Iterator[subprocess.Popen[str]]:
    """Have a reading that stands still in its middle."""
    middle.stall_after(12)
    running = subprocess.Popen(
        command("root", "-o", "a.json"),
        cwd=folder,
        env=environment(aws, folder, {"AWS_ENDPOINT_URL": middle.url}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert middle.stalled.wait(60)
        yield running
    finally:
        middle.go_on.set()
        middle.hook = lambda _operation, _count: None
        running.kill()
        running.communicate()


def _users(aws: LocalAws) -> None:
    for number in range(6):
        aws.user(f"user{number}")


def _kept(folder: Path) -> Counter[str]:
    """Return how often each operation is among the answers that were kept."""
    lines = (folder / "a.json.partial").read_text().splitlines()[1:]
    return Counter(json.loads(line)["key"].split()[0].partition(":")[2] for line in lines)


def test_a_reading_that_was_killed_goes_on_and_asks_nothing_twice(aws: LocalAws, tmp_path: Path) -> None:
    people(aws)
    with between(aws.endpoint_url) as middle:
        with _stalled(aws, tmp_path, middle) as running:
            running.kill()
            running.wait(10)
            kept = _kept(tmp_path)
        assert kept["GetAccountAuthorizationDetails"] == 1
        assert not (tmp_path / "a.json").exists()
        assert (tmp_path / "a.json.partial").stat().st_mode & 0o777 == 0o600
        before = middle.calls.copy()
        done = run(aws, tmp_path, "root", "-o", "a.json", more={"AWS_ENDPOINT_URL": middle.url})
        assert done.returncode == 0, done.stderr
        assert f"going on with {kept.total()} answers" in done.stderr
        again = middle.calls - before
        before = middle.calls.copy()
        read(aws, url=middle.url)
        whole = middle.calls - before
    assert again["GetAccountAuthorizationDetails"] == 0
    # One more list of devices: whether whoever reads has one is asked each time.
    assert all(again[name] + kept[name] <= whole[name] + (name == "ListMFADevices") for name in kept)
    assert not (tmp_path / "a.json.partial").exists()
    taken = read_snapshot((tmp_path / "a.json").read_bytes(), name="a.json")
    assert taken.users == read(aws).users
    assert taken.mfa_devices == read(aws).mfa_devices


def test_ctrl_c_keeps_what_was_read(aws: LocalAws, tmp_path: Path) -> None:
    _users(aws)
    with between(aws.endpoint_url) as middle, _stalled(aws, tmp_path, middle) as running:
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "what was read is kept" in said
    assert _kept(tmp_path)["GetAccountAuthorizationDetails"] == 1


def test_a_second_reading_into_the_same_file_is_refused_at_once(aws: LocalAws, tmp_path: Path) -> None:
    with between(aws.endpoint_url) as middle, _stalled(aws, tmp_path, middle) as running:
        second = run(aws, tmp_path, "root", "-o", "a.json")
        assert second.returncode == 1
        assert "another watchword is reading into `a.json.partial`" in second.stderr
        middle.hook = lambda _operation, _count: None
        middle.go_on.set()
        _, said = running.communicate(timeout=60)
        assert running.returncode == 0, said
    assert read_snapshot((tmp_path / "a.json").read_bytes(), name="a").account_id == aws.account


def test_a_lost_network_keeps_what_was_read(aws: LocalAws) -> None:
    _users(aws)
    answers = InMemory()

    def cut_off(operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation == "ListAccessKeys":
            raise Unreachable("the network is gone", endpoint="aws", request_left=False)
        return params

    with pytest.raises(Unreachable):
        read(aws, answers=answers, calls=Altered(aws=aws, asked=cut_off))
    kept = answers.size()
    assert kept > 0
    assert read(aws, answers=answers).access_keys == read(aws).access_keys
    assert answers.size() > kept


def test_a_marker_that_aws_does_not_know_any_more_begins_the_list_anew(aws: LocalAws) -> None:
    _users(aws)
    answers = InMemory()
    begun: list[str] = []

    def two(_operation: str, params: dict[str, Any]) -> dict[str, Any]:
        return {**params, "MaxItems": 2} if "MaxItems" in params else params

    def cut_off(operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation == "GetAccountAuthorizationDetails" and "Marker" in params:
            raise _refused("RequestLimitExceeded")
        return two(operation, params)

    def expired(operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation == "GetAccountAuthorizationDetails":
            if "Marker" not in params:
                begun.append(operation)
            elif not begun:
                raise _refused("ValidationError")
        return two(operation, params)

    with pytest.raises(Refusal):
        read(aws, answers=answers, calls=Altered(aws=aws, asked=cut_off))
    taken = read(aws, answers=answers, calls=Altered(aws=aws, asked=expired))
    assert begun
    assert taken.users == read(aws).users


def _refused(code: str) -> Refusal:
    return Refusal(
        code,
        code=code,
        aws_message="",
        status=400,
        operation="iam:GetAccountAuthorizationDetails",
        server_time=None,
    )


def test_a_place_that_cannot_be_written_is_said_before_anything_is_read(
    aws: LocalAws, tmp_path: Path
) -> None:
    with between(aws.endpoint_url) as middle:
        done = run(aws, tmp_path, "root", "-o", "nowhere/a.json", more={"AWS_ENDPOINT_URL": middle.url})
        assert done.returncode == 1, done.stderr
        assert "hint: name a file" in done.stderr
        assert middle.calls["GetAccountAuthorizationDetails"] == 0


@pytest.mark.parametrize("place", [os.devnull, "."])
def test_what_is_no_file_is_no_place_for_a_snapshot(place: str) -> None:
    with pytest.raises(UnwritablePlace):
        place_of(place, account_id="111122223333", now=NOW)


def test_what_was_denied_is_asked_again(aws: LocalAws) -> None:
    _users(aws)
    statement = {"Effect": "Allow", "Action": "iam:GetAccountAuthorizationDetails", "Resource": "*"}
    auditor = aws.user("auditor", {"Version": "2012-10-17", "Statement": [statement]})
    answers = InMemory()
    assert read(aws, auditor, answers=answers).access_keys is None
    aws.client("iam").attach_user_policy(
        UserName="auditor", PolicyArn="arn:aws:iam::aws:policy/SecurityAudit"
    )
    assert read(aws, auditor, answers=answers).is_read("access_keys")


@pytest.mark.parametrize(
    "answer", [{"UserDetailList": [1]}, {"UserDetailList": "x"}, {"UserDetailList": [{"Arn": 7}]}, {}]
)
def test_answers_that_somebody_has_changed_are_said_to_be_none_of_awss(
    aws: LocalAws, tmp_path: Path, answer: dict[str, Any]
) -> None:
    with between(aws.endpoint_url) as middle, _stalled(aws, tmp_path, middle) as running:
        running.kill()
        running.wait(10)
    partial = tmp_path / "a.json.partial"
    head, *lines = partial.read_text().splitlines()
    kept = [json.loads(line) for line in lines]
    for each in kept:
        if "GetAccountAuthorizationDetails" in each["key"]:
            each["answer"] = {"is": answer}
    head = head.replace(middle.url, aws.endpoint_url)
    partial.write_text("\n".join([head, *map(json.dumps, kept)]) + "\n")
    done = run(aws, tmp_path, "root", "-o", "a.json")
    if answer:
        assert done.returncode == 1, done.stderr
        assert "`a.json.partial` holds answers that are not as AWS gives them" in done.stderr
        assert "hint: `--fresh` throws them away" in done.stderr
        assert not (tmp_path / "a.json").exists()
        assert run(aws, tmp_path, "root", "-o", "a.json", "--fresh").returncode == 0
    assert "Traceback" not in done.stderr


def test_how_far_it_is_is_shown_on_a_terminal_and_gone_afterwards(aws: LocalAws, tmp_path: Path) -> None:
    program, *arguments = command("root", "-o", "a.json")
    with between(aws.endpoint_url) as middle:
        middle.stall_after(8)
        terminal = pexpect.spawn(
            program,
            arguments,
            cwd=str(tmp_path),
            env={**environment(aws, tmp_path, {"AWS_ENDPOINT_URL": middle.url}), "TERM": "xterm"},
            encoding="utf-8",
            timeout=60,
            dimensions=(24, 120),
        )
        assert middle.stalled.wait(60)
        time.sleep(0.4)  # nothing is shown of what takes no longer
        middle.hook = lambda _operation, _count: None
        middle.go_on.set()
        terminal.expect(r"reading account [0-9]{12}: [0-9]+ of [0-9]+ calls")
        terminal.expect(r"\r\x1b\[K")
        terminal.expect(pexpect.EOF)
        terminal.close()
    assert terminal.exitstatus == 0
    assert " calls" not in str(terminal.before).rpartition("\x1b[K")[2]
