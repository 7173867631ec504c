from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path

import pytest

from watchword.local.cache_folder import UnusableCache, cache_folder


def test_it_is_under_xdg_cache_home(tmp_path: Path) -> None:
    folder = cache_folder({"XDG_CACHE_HOME": str(tmp_path / "x"), "HOME": "/nowhere"})
    assert folder == tmp_path / "x" / "watchword"
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("configured", ["", "relative/path"])
def test_a_relative_one_is_ignored(tmp_path: Path, configured: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert (
        cache_folder({"XDG_CACHE_HOME": configured, "HOME": str(tmp_path)}) == tmp_path / ".cache/watchword"
    )


@pytest.mark.parametrize("environment", [{}, {"HOME": ""}, {"HOME": "here"}])
def test_without_a_home_in_the_environment_it_is_where_the_system_says(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(pwd, "getpwuid", lambda _: pwd.struct_passwd(("u", "", 1, 1, "", str(tmp_path), "")))
    assert cache_folder(environment) == tmp_path / ".cache/watchword"


def test_a_user_whom_the_system_does_not_know_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: int) -> None:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    with pytest.raises(UnusableCache, match="home"):
        cache_folder({})


def test_on_macos_it_is_in_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_folder({"HOME": str(tmp_path)}) == tmp_path / "Library/Caches/watchword"


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o711, 0o701])
def test_one_that_others_may_enter_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "watchword").mkdir()
    (tmp_path / "watchword").chmod(mode)
    with pytest.raises(UnusableCache, match=f"mode {mode:04o}") as caught:
        cache_folder({"XDG_CACHE_HOME": str(tmp_path)})
    assert caught.value.hint == f"chmod 700 {tmp_path}/watchword"


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "watchword").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnusableCache, match="not a folder of its own"):
        cache_folder({"XDG_CACHE_HOME": str(tmp_path)})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_somebody_elses_is_refused(tmp_path: Path) -> None:
    (tmp_path / "watchword").mkdir(mode=0o700)
    os.chown(tmp_path / "watchword", 12345, 12345)
    with pytest.raises(UnusableCache, match="belongs to another user"):
        cache_folder({"XDG_CACHE_HOME": str(tmp_path)})


def test_where_none_can_be_made_it_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnusableCache, match="cannot make the folder") as caught:
        cache_folder({"XDG_CACHE_HOME": str(tmp_path / "file")})
    assert caught.value.hint
