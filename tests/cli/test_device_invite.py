"""`watchword device invite`, typed: what is shown, what is left when it is stopped, and what goes on."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pytest

from device.company import PEOPLE, Company
from device.faulty_wire import Fault, faulty_wire
from local_aws import local_aws
from session.people import BIN, WATCHWORD


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with local_aws(tmp_path_factory.mktemp("company") / "sandbox") as aws:
        yield Company(aws)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """An administrator's shell in a folder of their own."""

    folder: Path
    environment: dict[str, str]

    def runs(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [WATCHWORD, "device", "invite", *arguments],
            cwd=self.folder,
            env=self.environment | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            start_new_session=True,
            check=False,
        )

    def starts(self, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [WATCHWORD, "device", "invite", *arguments],
            cwd=self.folder,
            env=self.environment | more,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def at_terminal(self, *arguments: str) -> pexpect.spawn[str]:
        return pexpect.spawn(
            WATCHWORD,
            ["device", "invite", *arguments],
            cwd=str(self.folder),
            env=self.environment,
            encoding="utf-8",
            timeout=60,
            dimensions=(40, 120),
        )

    def writes(self, *names: str, file: str = "users.csv") -> str:
        (self.folder / file).write_text("".join(f"{name}\n" for name in ("user", *(names or PEOPLE))))
        return file

    def remembered(self) -> set[str]:
        """Who stands in the state, as far as it was written."""
        try:
            text = (self.folder / "invite" / "invite.json").read_text()
        except FileNotFoundError:
            return set()
        return set(json.loads(text)["entries"]) if text else set()


@pytest.fixture
def desk(company: Company, tmp_path: Path) -> Desk:
    environment = {
        **company.aws.environment,
        "AWS_PROFILE": "root",
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "TERM": "xterm",
        "NO_COLOR": "1",
        "TZ": "UTC",
        "LANG": "C.UTF-8",
    }
    return Desk(folder=tmp_path, environment=environment)


def test_the_report_says_who_needs_somebody_and_why(company: Company, desk: Desk) -> None:
    for name in ("denied1", "denied2"):
        company.deny(company.user(name), "iam:CreateVirtualMFADevice", sid="NoSelfService")
    company.aws.device(company.user("done"))
    desk.writes("person00", "denied1", "denied2", "done", "nobody")
    result = desk.runs("--from", "users.csv")
    assert result.returncode == 3
    assert result.stderr == ""
    assert result.stdout.splitlines()[:10] == [
        "account 123456789012, 5 people: 1 enrolled, 1 ready to enrol, 2 cannot enrol, 1 no such user",
        "",
        "cannot enrol",
        "  denied1, denied2",
        "    `iam:CreateVirtualMFADevice`: `NoSelfService` in the policy `denial` denies it",
        "  what a policy needs: docs/devices/policies.md",
        "",
        "no such user",
        "  nobody",
        "    account 123456789012 has no such user",
    ]
    assert "instructions for 1 person are in invite" in result.stdout
    assert "`watchword device invite --status invite`" in result.stdout


def test_what_nobody_is_stopped_by_is_said_with_their_names(company: Company, desk: Desk) -> None:
    for name in ("untidy1", "untidy2"):
        company.deny(company.user(name), "iam:DeleteVirtualMFADevice", sid="NeverDelete")
    desk.writes("untidy1", "untidy2")
    result = desk.runs("--from", "users.csv")
    assert result.returncode == 0, result.stderr
    assert "trouble\n  untidy1, untidy2\n    `iam:DeleteVirtualMFADevice`: `NeverDelete`" in result.stdout


def test_everybody_ready_is_exit_0_and_data_is_data(desk: Desk) -> None:
    (desk.folder / "users.csv").write_text("user,email\nperson01,one@example.com\nperson02,\n")
    result = desk.runs("--from", "users.csv", "--output", "json", "--out", "mfa")
    assert (result.returncode, result.stderr) == (0, "")
    value = json.loads(result.stdout)
    assert value["schema"] == "watchword/device-invite/v1"
    assert value["counts"]["ready"] == 2
    assert [person["instructions"] for person in value["people"]] == ["person01.md", "person02.md"]
    assert value["people"][0]["active_access_keys"] == 1
    rows = list(csv.DictReader(io.StringIO(desk.runs("--status", "mfa", "--output", "csv").stdout)))
    assert [(row["user_name"], row["email"], row["standing"]) for row in rows] == [
        ("person01", "one@example.com", "ready"),
        ("person02", "", "ready"),
    ]


def test_who_has_enrolled_is_tracked_without_the_list(company: Company, desk: Desk) -> None:
    company.user("late")
    desk.writes("late", "person03")
    assert desk.runs("--from", "users.csv").returncode == 0
    (desk.folder / "users.csv").unlink()
    company.aws.device("late")
    result = desk.runs("--status", "invite")
    assert result.stdout.startswith(
        "account 123456789012, 2 people: 1 enrolled (1 of them since the last run), 1 ready to enrol"
    )


def test_ctrl_c_keeps_what_was_found_and_the_same_again_goes_on(company: Company, desk: Desk) -> None:
    desk.writes()
    terminal = desk.at_terminal("--from", "users.csv")
    terminal.expect(r"\r\d+ of 30 people looked at: \d+ ready\x1b\[K")
    terminal.sendintr()
    terminal.expect(r"\r\x1b\[Kstopped after \d+ of 30 people: type the same again to go on")
    count = int(str(terminal.after).split()[2])
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130
    done = desk.remembered()
    assert len(done) - count in {0, 1}, "one may have been remembered and not counted yet"
    since = company.last_record()
    again = desk.at_terminal("--from", "users.csv", "--output", "markdown")
    again.expect(r"\r\d+ of 30 people looked at: \d+ ready\x1b\[K")
    again.expect(r"\r\x1b\[KAccount 123456789012: 30 ready to enrol\.\r\n")
    again.expect(pexpect.EOF)
    again.close()
    assert again.exitstatus == 0
    # `person00` is also the one whose devices tell whether the key alone may look.
    assert set(company.looked_at(since)) - {"person00"} == set(PEOPLE) - done - {"person00"}


def test_killed_in_the_middle_it_goes_on_where_it_was(company: Company, desk: Desk) -> None:
    desk.writes()
    process = desk.starts("--from", "users.csv")
    end = time.monotonic() + 60
    while not desk.remembered() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    done = desk.remembered()
    assert 0 < len(done) < 30
    since = company.last_record()
    again = desk.runs("--from", "users.csv")
    assert again.returncode == 0, again.stderr
    assert "30 people: 30 ready to enrol" in again.stdout
    assert f"went on with the run that was broken off: {len(done)} of 30 had been looked at" in again.stdout
    assert set(company.looked_at(since)) - {"person00"} == set(PEOPLE) - done - {"person00"}
    files = {file.stem for file in (desk.folder / "invite").glob("*.md")}
    assert files == set(PEOPLE)
    assert [file.name for file in (desk.folder / "invite").iterdir() if file.name.startswith(".")] == []


def test_of_two_at_once_one_works_and_the_other_is_told(company: Company, desk: Desk) -> None:
    desk.writes("person09", "person10")
    with faulty_wire(company.aws.endpoint_url) as wire:
        wire.befall("ListVirtualMFADevices", Fault.HOLD_REQUEST)
        first = desk.starts("--from", "users.csv", AWS_ENDPOINT_URL=wire.url)
        assert wire.held.wait(60)
        second = desk.runs("--from", "users.csv")
        wire.released.set()
        _, said = first.communicate(timeout=60)
    assert second.returncode == 1
    assert second.stderr.startswith("error: another watchword is working on the round in `invite`\nhint: ")
    assert (first.returncode, said) == (0, b"")
    assert desk.remembered() == {"person09", "person10"}


def test_a_network_that_goes_away_is_said_with_how_far_it_came(company: Company, desk: Desk) -> None:
    desk.writes("person04", "person05")
    with faulty_wire(company.aws.endpoint_url) as wire:
        wire.befall("ListAccessKeys", Fault.LOSE_REQUEST)
        result = desk.runs("--from", "users.csv", AWS_ENDPOINT_URL=wire.url)
    assert result.returncode == 1
    assert result.stderr.startswith("error: stopped after 0 of 2 people: no answer to `iam:ListAccessKeys`")
    assert "then type the same again: it goes on from there" in result.stderr
    assert desk.runs("--from", "users.csv").returncode == 0


def test_a_key_that_may_not_look_alone_signs_in_first_or_says_that_nobody_can_be_asked(
    company: Company, desk: Desk
) -> None:
    with_mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    statement = {"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": with_mfa}
    key = company.aws.user("careful", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    serial = company.aws.device("careful")
    (desk.folder / "config").write_text(f"[profile careful]\nregion = eu-west-1\nmfa_serial = {serial}\n")
    (desk.folder / "credentials").write_text(
        f"[careful]\naws_access_key_id = {key.access_key_id}\n"
        f"aws_secret_access_key = {key.secret_access_key}\n"
    )
    desk.environment.update(
        AWS_CONFIG_FILE=str(desk.folder / "config"),
        AWS_SHARED_CREDENTIALS_FILE=str(desk.folder / "credentials"),
        AWS_PROFILE="careful",
    )
    desk.writes("person06")
    alone = desk.runs("--from", "users.csv")
    assert alone.returncode == 6
    assert not (desk.folder / "invite").exists()
    terminal = desk.at_terminal("--from", "users.csv")
    terminal.expect("code of `careful`[^\n]*: ")
    terminal.sendline(company.aws.fresh_code("careful"))
    terminal.expect("1 person: 1 ready to enrol")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        ((), 2, "error: who is invited is missing"),
        (("--status", "invite", "--from", "users.csv"), 2, "error: `--status` looks at a round"),
        (("--status", "nowhere"), 1, "error: there is no round of invitations in `nowhere`"),
        (("--from", "none.csv"), 1, "error: cannot read `none.csv`: no such file or directory"),
        (("--from", "broken.csv"), 1, "error: `broken.csv` was not used: broken.csv:2: `a b` is neither"),
        (("--from", "users.csv", "--out", "broken.csv"), 2, "error: "),
        (("--from", "users.csv", "--profile", "nobody"), 1, "error: there is no profile `nobody`"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_made(
    desk: Desk, arguments: tuple[str, ...], exit_code: int, said: str
) -> None:
    desk.writes("person07")
    desk.writes("a b", file="broken.csv")
    result = desk.runs(*arguments)
    assert (result.returncode, result.stdout) == (exit_code, "")
    assert result.stderr.startswith(said)
    assert not (desk.folder / "invite").exists()


def test_a_folder_that_may_not_be_written_is_one_clear_error(desk: Desk) -> None:
    desk.writes("person08")
    (desk.folder / "invite").mkdir()
    (desk.folder / "invite" / "person08.md").mkdir()
    result = desk.runs("--from", "users.csv")
    assert result.returncode == 1
    assert result.stderr.startswith("error: `invite/person08.md` was not changed: ")
