from __future__ import annotations

import socket
from pathlib import Path

import pytest

from watchword.local.desktop import has_desktop
from watchword.local.dialog_programs import Kdialog, Osascript, Zenity


@pytest.mark.parametrize("display", ["", "nonsense", ":x", "/private/tmp/launch:0", "127.0.0.1:9999"])
def test_what_names_no_display_is_no_desktop(display: str) -> None:
    assert not has_desktop({"DISPLAY": display})
    assert not has_desktop({"WAYLAND_DISPLAY": display})


def test_a_wayland_display_is_one_that_listens(tmp_path: Path) -> None:
    environment = {"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)}
    assert not has_desktop(environment)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-0"))
        server.listen()
        assert has_desktop(environment)


def test_nothing_of_a_text_is_lost_or_taken_for_markup() -> None:
    command = Zenity().command("title", "my_device \\ <b>", hidden=True, seconds=9)
    assert "--text=my__device \\\\ <b>" in command
    assert "--hide-text" in command


def test_the_words_of_a_macos_dialog_are_arguments_and_no_script() -> None:
    name, option, script, *words = Osascript().command("t", 'quit" & x', hidden=True, seconds=9)
    assert (name, option) == ("osascript", "-e")
    assert words == ["t", 'quit" & x', "9", "hidden"]
    assert "quit" not in script


def test_a_text_is_no_markup_for_kdialog() -> None:
    command = Kdialog().command("title", "a\\b <b>\nsecond", hidden=False, seconds=9)
    assert command[-2:] == ["--inputbox", "<qt>a\\\\b &lt;b&gt;<br>second</qt>"]
