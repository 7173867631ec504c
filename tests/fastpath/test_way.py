"""The way is taken only if nothing that decided it has changed. Each test changes one thing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchword.fastpath import surroundings as surroundings_room
from watchword.fastpath.session_file import Credentials, write
from watchword.fastpath.surroundings import surroundings
from watchword.fastpath.way import Found, find, keep

LEAST_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Home:
    """A user's files, and a way through them to a session."""

    folder: Path
    environment: dict[str, str]

    @property
    def config(self) -> Path:
        return self.folder / ".aws" / "config"

    @property
    def credentials(self) -> Path:
        return self.folder / ".aws" / "credentials"

    @property
    def cache(self) -> Path:
        return self.folder / ".cache" / "watchword"

    @property
    def session(self) -> Path:
        return self.cache / "sessions" / "one.session"

    @property
    def way(self) -> Path:
        return next((self.cache / "ways").iterdir())

    def sign_in(self, *, seconds: float = 3600) -> None:
        expires_at = datetime.now(UTC) + timedelta(seconds=seconds)
        credentials = Credentials(
            access_key_id="ASIAEXAMPLE",
            secret_access_key="secret/+=",
            session_token="token/+=",
            expires_at=expires_at,
        )
        write(str(self.session), credentials, {"profile": "work"})

    def keep(self, profile: str = "work", **more: str) -> None:
        environment = self.environment | more
        seen = surroundings(profile, environment)
        assert seen is not None
        keep(
            seen,
            environment,
            session=str(self.session),
            least_seconds=LEAST_SECONDS,
            beside=[str(self.cache / "devices")],
            region="eu-west-1",
            settings={"AWS_ENDPOINT_URL_S3": "https://s3.example"},
        )

    def find(self, profile: str = "work", **more: str) -> Found | None:
        return find(profile, self.environment | more)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    # Files are settled as soon as they are written, but for the tests of that.
    monkeypatch.setattr(surroundings_room, "_TICK_NANOSECONDS", 0)
    home = Home(folder=tmp_path / "home", environment={"HOME": str(tmp_path / "home"), "LANG": "C.UTF-8"})
    for folder in (home.config.parent, home.session.parent, home.cache / "devices"):
        folder.mkdir(mode=0o700, parents=True)
        folder.chmod(0o700)
    home.cache.chmod(0o700)
    home.config.write_text("[profile work]\nregion = eu-west-1\n")
    home.credentials.write_text("[work]\naws_access_key_id = AKIAEXAMPLE\n")
    home.sign_in()
    home.keep()
    return home


def test_what_is_found_is_the_session(home: Home) -> None:
    found = home.find()
    assert found is not None
    assert found.line == home.session.read_text().splitlines()[0]
    assert found.credentials[:3] == ("ASIAEXAMPLE", "secret/+=", "token/+=")
    assert (found.profile, found.region) == ("work", "eu-west-1")
    assert found.settings == {"AWS_ENDPOINT_URL_S3": "https://s3.example"}
    assert "secret" not in repr(found)


def test_nothing_secret_is_written_down(home: Home) -> None:
    secrets = {"AWS_SECRET_ACCESS_KEY": "hidden-1", "AWS_SESSION_TOKEN": "hidden-2"}
    secrets |= {"AWS_BEARER_TOKEN_BEDROCK": "hidden-3", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "hidden-4"}
    home.keep(**secrets, AWS_ACCESS_KEY_ID="hidden-5")
    assert not any("hidden" in way.read_text() for way in (home.cache / "ways").iterdir())
    assert home.way.stat().st_mode & 0o777 == 0o600
    assert home.way.parent.stat().st_mode & 0o777 == 0o700


def _same_size_and_times(path: Path) -> None:
    """Change a file in place, and put back whatever an editor or `touch` can put back."""
    state = path.stat()
    path.write_text(path.read_text().swapcase())
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def _replaced(path: Path) -> None:
    new = path.with_suffix(".new")
    new.write_bytes(path.read_bytes())
    new.replace(path)


CHANGES: dict[str, Callable[[Home], object]] = {
    "the config is longer": lambda home: home.config.write_text(home.config.read_text() + "\n"),
    "the config has other words, the same size and time": lambda home: _same_size_and_times(home.config),
    "the credentials are another file": lambda home: _replaced(home.credentials),
    "the key is gone": lambda home: home.credentials.unlink(),
    "the folder of the files is gone": lambda home: home.config.parent.rename(home.folder / "elsewhere"),
    "another device answers": lambda home: (home.cache / "devices" / "one.json").write_text("{}"),
    "logged out": lambda home: home.session.unlink(),
    "others can read the session": lambda home: home.session.chmod(0o640),
    "others can read the way": lambda home: home.way.chmod(0o604),
    "others can write the way": lambda home: home.way.chmod(0o602),
    "others can enter the cache": lambda home: home.cache.chmod(0o710),
    "others can enter the ways": lambda home: home.way.parent.chmod(0o701),
    "others can enter the sessions": lambda home: home.session.parent.chmod(0o777),
    "the session has expired": lambda home: home.sign_in(seconds=-1),
    "the session ends too soon": lambda home: home.sign_in(seconds=LEAST_SECONDS - 2),
    "the session is empty": lambda home: home.session.write_text(""),
    "the session is garbage": lambda home: home.session.write_bytes(b"\x00\xff\xfe"),
    "the session is half": lambda home: home.session.write_text(home.session.read_text()[:80]),
    "the session is another JSON": lambda home: home.session.write_text('{"Version": 1}\n{}\n'),
    "the session's version is another": lambda home: _edit(home.session, '"Version": 1', '"Version": 2'),
    "the session has no secret": lambda home: _edit(home.session, "secret/+=", ""),
    "the session's secret ends early": lambda home: _edit(home.session, "secret/+=", 'a\\"b'),
    "the session's end is no date": lambda home: _edit(home.session, "T", "x"),
    "the way is empty": lambda home: home.way.write_text(""),
    "the way is half": lambda home: home.way.write_text(home.way.read_text()[:-3]),
    "the way is of another version": lambda home: _edit(home.way, "way 1", "way 2"),
    "the way has no session": lambda home: _edit(home.way, "session=", "session:="),
    "the way's least is no number": lambda home: _edit(home.way, "least_seconds=60", "least_seconds=x"),
    "the way is garbage": lambda home: home.way.write_bytes(b"\xff"),
    "the way is a link": lambda home: _linked(home.way),
    "the session is a link": lambda home: _linked(home.session),
    "the cache is a link": lambda home: _linked(home.cache),
    "the sessions are a link": lambda home: _linked(home.session.parent),
}


def _edit(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def _linked(path: Path) -> None:
    elsewhere = path.with_name("elsewhere")
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


@pytest.mark.parametrize("what", CHANGES)
def test_after_a_change_there_is_no_way(home: Home, what: str) -> None:
    assert home.find() is not None
    CHANGES[what](home)
    assert home.find() is None


@pytest.mark.parametrize(
    "name",
    [
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_STS",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_CA_BUNDLE",
        "AWS_SOMETHING_NEW",
    ],
)
def test_another_environment_has_a_way_of_its_own(home: Home, name: str) -> None:
    assert home.find(**{name: "/other"}) is None
    home.keep(**{name: "/other"})
    assert home.find(**{name: "/other"}) is not None
    assert home.find(**{name: "/third"}) is None
    assert home.find() is not None


@pytest.mark.parametrize(
    "name",
    [
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SESSION_TOKEN",
        "EDITOR",
        "WATCHWORD_PROFILE",
    ],
)
def test_what_decides_nothing_for_a_named_profile_changes_nothing(home: Home, name: str) -> None:
    assert home.find(**{name: "other"}) is not None


def test_what_an_earlier_session_brought_into_the_environment_changes_nothing(home: Home) -> None:
    brought = {"AWS_REGION": "us-west-2", "WATCHWORD_SET": '{"AWS_REGION":"us-west-2"}'}
    assert home.find(**brought) is not None
    assert home.find(**brought | {"AWS_REGION": "changed-since"}) is None
    assert home.find(**brought | {"WATCHWORD_SET": "garbage"}) is None


def test_another_profile_has_a_way_of_its_own(home: Home) -> None:
    assert home.find("other") is None
    assert home.find("work\nHOME=/") is None


def test_two_homes_do_not_share_a_way(home: Home, tmp_path: Path) -> None:
    """With the same cache, as `sudo` without `-H` or XDG_CACHE_HOME make it."""
    cache = str(home.folder / ".cache")
    home.keep(XDG_CACHE_HOME=cache)
    assert home.find(XDG_CACHE_HOME=cache) is not None
    assert home.find(XDG_CACHE_HOME=cache, HOME=str(tmp_path)) is None


def test_a_file_that_appears_is_a_change(home: Home) -> None:
    home.credentials.unlink()
    home.keep()
    assert home.find() is not None
    home.credentials.write_text("")
    assert home.find() is None


@pytest.mark.parametrize("path", ["aws/config", "~/.aws/config", "$HOME/.aws/config", "/x/${A}", "/a\nb"])
def test_a_path_that_depends_on_more_is_left_to_the_whole_program(home: Home, path: str) -> None:
    assert surroundings("work", home.environment | {"AWS_CONFIG_FILE": path}) is None


@pytest.mark.parametrize("home_of", [{}, {"HOME": ""}, {"HOME": "relative"}])
def test_without_a_home_nothing_is_known(home_of: dict[str, str]) -> None:
    assert surroundings("work", home_of) is None


def test_a_file_that_was_changed_a_moment_ago_may_be_changed_again_unseen(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings_room, "_TICK_NANOSECONDS", 2_000_000_000)
    assert home.find() is None
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 2_100_000_000)
    assert home.find() is not None


def test_what_was_seen_before_the_files_were_read_is_what_counts(home: Home) -> None:
    """The files may change while somebody looks for the phone."""
    seen = surroundings("work", home.environment)
    assert seen is not None
    home.config.write_text("[profile work]\nregion = us-east-1\n")
    keep(
        seen,
        home.environment,
        session=str(home.session),
        least_seconds=60,
        beside=[],
        region=None,
        settings={},
    )
    assert home.find() is None


def test_a_way_that_cannot_be_kept_hinders_nobody(home: Home) -> None:
    home.way.unlink()
    ways = home.cache / "ways"
    ways.rmdir()
    ways.write_text("in the way")
    home.keep()
    assert home.find() is None
    ways.unlink()
    home.cache.chmod(0o755)
    home.keep()
    assert not (home.cache / "ways").exists() or not list((home.cache / "ways").iterdir())


def test_old_ways_are_swept(home: Home) -> None:
    old = home.way
    os.utime(old, (0, 0))
    left_by_a_kill = old.with_name("x.way.1.new")
    left_by_a_kill.write_text("")
    os.utime(left_by_a_kill, (0, 0))
    home.keep("other")
    assert not old.exists()
    assert not left_by_a_kill.exists()
    assert home.find("other") is not None


def test_the_same_way_is_not_written_again(home: Home) -> None:
    before = home.way.stat().st_ino, home.way.stat().st_mtime_ns
    home.keep()
    assert (home.way.stat().st_ino, home.way.stat().st_mtime_ns) == before
