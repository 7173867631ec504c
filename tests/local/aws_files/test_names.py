from __future__ import annotations

import shlex
from pathlib import Path

import botocore.configloader
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchword.errors import UsageError
from watchword.local.aws_files import (
    AwsFile,
    checked_name,
    config_profiles,
    config_section,
    profile_of_section,
)

CONFIG = """\
[default]
x = 1
[profile a]
x = 2
[profile  "my work"]
x = 3
[profile 'a']
x = 4
[profile]
x = 5
[profile a b]
x = 6
[profile "open]
x = 7
[profiles odd]
x = 8
[ profile no]
x = 9
[sso-session s]
x = 10
[plain]
x = 11
[profile default]
x = 12
"""


def test_profiles_are_those_that_botocore_finds_with_the_same_settings(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(CONFIG)
    file = AwsFile.parsed(CONFIG.encode(), path)
    by_botocore = botocore.configloader.load_config(str(path))["profiles"]
    assert set(config_profiles(file)) == set(by_botocore)
    assert {name: dict(file.section(config_section(file, name))) for name in by_botocore} == by_botocore


@given(name=st.text(st.characters(codec="utf-8"), max_size=8))
@settings(max_examples=200, deadline=None)
def test_a_name_that_may_be_written_is_read_back(name: str) -> None:
    try:
        checked_name(name)
    except UsageError:
        return
    file = AwsFile(path=Path("f"), text="")
    section = config_section(file, name)
    assert profile_of_section(section) == name
    assert config_section(file.set(section, {"x": "1"}), name) == section
    assert file.set(name, {"x": "1"}).get(name, "x") == "1"


def test_names_are_quoted_as_the_aws_command_quotes_them() -> None:
    file = AwsFile(path=Path("f"), text="")
    assert config_section(file, "work") == "profile work"
    assert config_section(file, "my work") == f"profile {shlex.quote('my work')}"
    assert config_section(file, "default") == "default"


@pytest.mark.parametrize(
    "name", ["", " ", "a ", "a\n", "a]", "[", "a'b", 'a"b', "a\\b", "a#b", "a;b", "DEFAULT"]
)
def test_names_that_programs_read_differently_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        checked_name(name)
