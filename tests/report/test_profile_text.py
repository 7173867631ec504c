from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watchword.report.profile import default_text, default_value, profiles_text, profiles_value
from watchword.report.style import Style
from watchword.session.profile_files import ProfileKind
from watchword.session.profiles import Profile

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def profile(kind: ProfileKind, name: str = "x", expires_at: datetime | None = None) -> Profile:
    return Profile(name=name, kind=kind, region=None, source="work", role_arn="arn:r", expires_at=expires_at)


def test_each_kind_has_words_and_none_has_those_of_another() -> None:
    value = profiles_value([profile(kind) for kind in ProfileKind], in_use="y", now=NOW)
    lines = profiles_text(value, NOW, Style(color=False)).splitlines()[1:]
    assert len(set(lines)) == len(ProfileKind)


def test_the_one_in_use_has_a_star_and_a_session_a_span() -> None:
    live = profile(ProfileKind.KEY, "work", NOW + timedelta(hours=4))
    value = profiles_value([live, profile(ProfileKind.NONE, "a much longer name")], in_use="work", now=NOW)
    header, first, second = profiles_text(value, NOW, Style(color=False)).splitlines()
    assert first.startswith("* work ")
    assert first.endswith("(4 h left)")
    assert second == "  a much longer name  settings only  -       -"
    assert header.index("is") == first.index("access key") == second.index("settings")


def test_a_name_cannot_command_a_terminal() -> None:
    value = profiles_value([profile(ProfileKind.KEY, "a\x1b[2J")], in_use="", now=NOW)
    assert "\x1b" not in profiles_text(value, NOW, Style(color=False))


def test_what_the_default_is_is_one_line() -> None:
    value = default_value(ProfileKind.WATCHWORD, "work", in_use="default")
    assert default_text(value) == "[default]: session of work, by watchword"
    assert default_text(default_value(ProfileKind.NONE, None, in_use="default")) == "[default]: settings only"
