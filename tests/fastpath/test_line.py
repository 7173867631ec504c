"""The line behind `credential_process =`: what it stands for survives botocore, `sh -c` and an INI file."""

import shlex
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest
from botocore.compat import compat_shell_split
from hypothesis import given
from hypothesis import strategies as st

from watchword.fastpath import line as line_room
from watchword.fastpath.line import UnwritableLine, process_line, profile_of_line

NAMES = [
    "work",
    "my work",
    "-x",
    "--profile",
    "it's",
    'a"b',
    "$(id)",
    "100%",
    "büro",
    "a\\b",
    "`id`",
    "*",
    "~",
]
# What can stand in a section's name: no line break, and nothing that cannot be seen.
names = st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"]), min_size=1) | st.sampled_from(
    NAMES
)


@given(names)
def test_the_line_is_read_back(name: str) -> None:
    assert profile_of_line(process_line(name)) == name


@given(names)
def test_botocore_splits_it_as_it_was_meant(name: str) -> None:
    words = compat_shell_split(process_line(name))
    assert words[:3] == [sys.executable, "-I", "-S"]
    assert Path(words[3]).is_file()
    assert words[4:] == [name]


@pytest.mark.parametrize("name", NAMES)
def test_sh_splits_it_as_botocore_does(name: str) -> None:
    """The SDKs for Go, Java and JavaScript hand the line to a shell."""
    shown = subprocess.run(
        ["sh", "-c", f"printf '%s\\n' {process_line(name)}"], capture_output=True, text=True, check=True
    ).stdout
    assert shown.splitlines() == shlex.split(process_line(name))


@pytest.mark.parametrize("name", NAMES)
def test_an_ini_file_gives_it_back(name: str, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(f"[profile x]\ncredential_process = {process_line(name)}\n", encoding="utf-8")
    parser = RawConfigParser()
    parser.read([path], encoding="utf-8")
    assert parser.get("profile x", "credential_process") == process_line(name)


@pytest.mark.parametrize("name", ["", "a\nb", "a\0b", "a\u2028b", "\x1b[2J"])
def test_what_an_ini_file_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(UnwritableLine):
        process_line(name)


def test_a_path_with_blanks_and_quotes_stays_one_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/home/my user/it's/python")
    monkeypatch.setattr(line_room, "__file__", "/home/my user/it's/watchword/fastpath/line.py")
    line = process_line("work")
    assert compat_shell_split(line) == [
        "/home/my user/it's/python",
        "-I",
        "-S",
        "/home/my user/it's/watchword/fastpath/process.py",
        "work",
    ]
    assert profile_of_line(line) == "work"


@pytest.mark.parametrize(
    ("line", "profile"),
    [
        ("/usr/bin/python3 -I -S /opt/x/watchword/fastpath/process.py work", "work"),
        ("python3 -I -S watchword/fastpath/process.py work", "work"),
        ("watchword credential-process work", "work"),
        ("/opt/bin/watchword credential-process --profile work", "work"),
        ("watchword credential-process --profile=-x", "-x"),
        ("watchword credential-process", None),
        ("watchword credential-process work --role admin", None),
        ("watchword credential-process --role admin", None),
        ("watchword credential-process --profile=", None),
        ("watchword exec work", None),
        ("python3 -I -S /opt/other/process.py work", None),
        ("python3 -I -S /opt/notwatchword/fastpath/process.py work", None),
        ("python3 -I -S -c pass /opt/watchword/fastpath/process.py work", None),
        ("python3 /opt/watchword/fastpath/process.py work", None),
        ("aws-vault exec work --json", None),
        ("watchword credential-process 'work", None),
        ("", None),
    ],
)
def test_only_lines_that_stand_for_a_profile_are_taken(line: str, profile: str | None) -> None:
    assert profile_of_line(line) == profile
