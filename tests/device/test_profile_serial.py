"""The `mfa_serial` of a profile: shown, asked about, written, with every other byte as it was."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from watchword.aws import read_chain
from watchword.device.profile_serial import Offered, offer_mfa_serial
from watchword.local.terminal import Prompt
from watchword.session import Entrance, SessionStore

OLD = "arn:aws:iam::123456789012:mfa/old"
NEW = "arn:aws:iam::123456789012:mfa/new"
KEY = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = not-a-secret\n"


@dataclasses.dataclass(kw_only=True)
class Reader:
    """Who reads what is shown, and answers."""

    answer: Callable[[], bool] = lambda: True
    said: list[str] = dataclasses.field(default_factory=list)
    asked: list[str] = dataclasses.field(default_factory=list)
    is_live: bool = False

    def say(self, text: str) -> None:
        self.said.append(text)

    def ask(self, prompt: Prompt, *, hidden: bool = False) -> str:
        raise AssertionError((prompt, hidden))

    def confirm(self, question: str) -> bool:
        self.asked.append(question)
        return self.answer()

    def countdown(self, text: Callable[[int], str], seconds: int) -> None:
        raise AssertionError(text(seconds))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Files:
    """The AWS files of somebody."""

    config: Path
    credentials: Path

    def say(self, *, config: str | None, credentials: str = f"[work]\n{KEY}") -> None:
        if config is not None:
            self.config.write_text(config)
        self.credentials.write_text(credentials)

    def offer(
        self, reader: Reader | None = None, *, yes: bool = False, profile: str = "work", serial: str = NEW
    ) -> Offered:
        def nobody() -> Reader:
            raise AssertionError

        store = SessionStore(self.config.parent / "cache")
        entrance = Entrance(chain=read_chain(profile), store=store, open_terminal=nobody, now=pytest.fail)
        return offer_mfa_serial(entrance, serial, terminal=reader, yes=yes)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    for name in list(os.environ):
        if name.startswith(("AWS_", "WATCHWORD_")):
            monkeypatch.delenv(name)
    config, credentials = tmp_path / "config", tmp_path / "credentials"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    return Files(config=config, credentials=credentials)


# -- where it goes


@pytest.mark.parametrize(
    ("profile", "config", "credentials", "after"),
    [
        (
            "work",
            "# mine\r\n[profile work]\r\n  region=eu-west-1 \r\n\r\n[profile other]\r\nregion = x\r\n",
            f"[work]\n{KEY}",
            (
                "# mine\r\n[profile work]\r\n  region=eu-west-1 \r\n"
                f"  mfa_serial = {NEW}\r\n\r\n[profile other]\r\nregion = x\r\n"
            ),
        ),
        ("work", "", f"[work]\n{KEY}", f"[profile work]\nmfa_serial = {NEW}\n"),
        ("work", None, f"[work]\n{KEY}", f"[profile work]\nmfa_serial = {NEW}\n"),
        (
            "default",
            "[default]\nregion = x\n",
            f"[default]\n{KEY}",
            f"[default]\nregion = x\nmfa_serial = {NEW}\n",
        ),
        ("default", "", f"[default]\n{KEY}", f"[default]\nmfa_serial = {NEW}\n"),
        ("my work", "", f"[my work]\n{KEY}", f"[profile 'my work']\nmfa_serial = {NEW}\n"),
        (
            "work",
            f"[profile work]\nmfa_serial={OLD}   \n# last\n",
            f"[work]\n{KEY}",
            f"[profile work]\nmfa_serial={NEW}   \n# last\n",
        ),
        ("work", f"[profile work]\n{KEY}", "", f"[profile work]\n{KEY}mfa_serial = {NEW}\n"),
    ],
    ids=[
        "a section",
        "no section",
        "no file",
        "default",
        "new default",
        "a blank",
        "another device",
        "a key there",
    ],
)
def test_the_line_goes_into_the_config_file_and_every_other_byte_stays(
    files: Files, profile: str, config: str | None, credentials: str, after: str
) -> None:
    files.say(config=None, credentials=credentials)
    if config is not None:
        files.config.write_bytes(config.encode())
    assert files.offer(Reader(), profile=profile).written
    assert files.config.read_bytes() == after.encode()
    assert files.credentials.read_text() == credentials


def test_one_in_the_credentials_file_goes_before_and_is_changed_there(files: Files) -> None:
    config = "[profile work]\nregion = x\n"
    files.say(config=config, credentials=f"[work]\n{KEY}mfa_serial = {OLD}\n")
    offered = files.offer(Reader())
    assert (offered.file, offered.section, offered.replaces) == (files.credentials, "work", OLD)
    assert files.credentials.read_text() == f"[work]\n{KEY}mfa_serial = {NEW}\n"
    assert files.config.read_text() == config


def test_the_file_that_a_link_leads_to_is_changed_and_stays_private(files: Files, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles"
    real.write_text("[profile work]\n")
    real.chmod(0o600)
    files.config.symlink_to(real)
    files.say(config=None)
    assert files.offer(Reader()).written
    assert files.config.is_symlink()
    assert real.read_text() == f"[profile work]\nmfa_serial = {NEW}\n"
    assert real.stat().st_mode & 0o777 == 0o600


def test_the_profile_with_the_key_is_the_one_that_is_written(files: Files) -> None:
    role = "[profile admin]\nrole_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = work\n"
    files.say(config=role)
    assert files.offer(Reader(), profile="admin").section == "profile work"
    assert files.config.read_text() == f"{role}\n[profile work]\nmfa_serial = {NEW}\n"


# -- what is asked


def test_the_change_is_shown_before_it_is_asked(files: Files) -> None:
    files.say(config=f"[profile work]\nmfa_serial = {OLD}\n")
    reader = Reader(answer=lambda: False)
    offered = files.offer(reader)
    assert reader.said == [
        f"for other tools, in {files.config} under [profile work]:",
        f"- mfa_serial = {OLD}",
        f"+ mfa_serial = {NEW}",
    ]
    assert reader.asked == ["write this line?"]
    assert (offered.needed, offered.written, offered.why_not, offered.replaces) == (True, False, None, OLD)
    assert files.config.read_text() == f"[profile work]\nmfa_serial = {OLD}\n"


def test_a_line_that_is_right_already_is_neither_shown_nor_asked(files: Files) -> None:
    files.say(config=f"[profile work]\nmfa_serial = {NEW}\n")
    reader = Reader()
    assert not files.offer(reader).needed
    assert reader.said == []
    assert reader.asked == []


def test_yes_beforehand_is_not_asked_again(files: Files) -> None:
    files.say(config="")
    reader = Reader()
    assert files.offer(reader, yes=True).written
    assert reader.asked == []
    assert reader.said[-1] == f"+ mfa_serial = {NEW}"


def test_without_a_terminal_nobody_is_asked_and_nothing_written(files: Files) -> None:
    files.say(config="")
    offered = files.offer(None)
    assert (offered.needed, offered.written, offered.line) == (True, False, f"mfa_serial = {NEW}")
    assert files.config.read_text() == ""


def test_ctrl_c_at_the_question_writes_nothing_and_says_so(files: Files) -> None:
    def ctrl_c() -> bool:
        raise KeyboardInterrupt

    files.say(config="")
    reader = Reader(answer=ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        files.offer(reader)
    assert reader.said[-1] == "the line was not written; the device is enabled all the same"
    assert files.config.read_text() == ""


# -- what stands in the way


def test_a_file_that_is_read_only_is_why_not(files: Files) -> None:
    files.say(config="[profile work]\n")
    files.config.chmod(0o400)
    offered = files.offer(Reader())
    assert not offered.written
    assert "was not changed" in str(offered.why_not)
    assert files.config.read_text() == "[profile work]\n"


def test_what_was_written_while_the_question_was_asked_is_not_written_over(files: Files) -> None:
    meanwhile = "[profile work]\nmfa_serial = arn:aws:iam::123456789012:mfa/third\n"

    def answer() -> bool:
        files.config.write_text(meanwhile)
        return True

    files.say(config=f"[profile work]\nmfa_serial = {OLD}\n")
    offered = files.offer(Reader(answer=answer))
    assert "another program has written" in str(offered.why_not)
    assert files.config.read_text() == meanwhile


def test_what_was_written_elsewhere_in_the_file_meanwhile_stays(files: Files) -> None:
    def answer() -> bool:
        files.config.write_text("[profile work]\nregion = x\n")
        return True

    files.say(config="")
    assert files.offer(Reader(answer=answer)).written
    assert files.config.read_text() == f"[profile work]\nregion = x\nmfa_serial = {NEW}\n"


def test_where_no_file_may_be_named_that_is_why_not(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    files.say(config=None)
    monkeypatch.setenv("AWS_CONFIG_FILE", "")
    reader = Reader()
    offered = files.offer(reader, yes=True)
    assert not offered.written
    assert offered.why_not == "AWS_CONFIG_FILE is set to nothing, so AWS programs read no such file"
    assert reader.said == [f"`mfa_serial = {NEW}` was not written: {offered.why_not}"]


# -- who else names the old one


def test_profiles_that_get_in_with_the_same_key_and_name_another_device_are_told(files: Files) -> None:
    role = "role_arn = arn:aws:iam::123456789012:role/admin"
    files.say(
        config=f"[profile work]\nmfa_serial = {OLD}\n"
        f"[profile admin]\n{role}\nsource_profile = work\nmfa_serial = {OLD}\n"
        f"[profile deeper]\n{role}\nsource_profile = admin\nmfa_serial = {OLD}\n"
        f"[profile right]\n{role}\nsource_profile = work\nmfa_serial = {NEW}\n"
        f"[profile round]\n{role}\nsource_profile = round\nmfa_serial = {OLD}\n"
        f"[profile other]\nregion = x\nmfa_serial = {OLD}\n",
        credentials=f"[work]\n{KEY}\n[copy]\n{KEY}mfa_serial = {OLD}\n",
    )
    offered = files.offer(Reader())
    assert [(each.profile, each.setting, each.serial_number) for each in offered.elsewhere] == [
        ("admin", "mfa_serial", OLD),
        ("deeper", "mfa_serial", OLD),
        ("copy", "mfa_serial", OLD),
    ]
    assert files.config.read_text().count(OLD) == 4


def test_the_device_that_aws_mfa_reads_is_told(files: Files) -> None:
    files.say(
        config=f"[profile work]\nmfa_serial = {OLD}\n",
        credentials=f"[work-long-term]\n{KEY}aws_mfa_device = {OLD}\n",
    )
    offered = files.offer(Reader(), profile="work-long-term")
    assert offered.section == "profile work-long-term"
    assert [(each.profile, each.setting) for each in offered.elsewhere] == [
        ("work", "mfa_serial"),
        ("work-long-term", "aws_mfa_device"),
    ]
