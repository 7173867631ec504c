from __future__ import annotations

from pathlib import Path

import pytest

from watchword.aws import profile_of_the_key, profiles_named

_ROLE = "role_arn = arn:aws:iam::123456789012:role/r\n"
_KEY = "aws_access_key_id = AKIAX\naws_secret_access_key = x\n"
_CONFIG = f"""
[profile user]
{_KEY}
[profile session]
{_KEY}aws_session_token = t
[profile by-user]
{_ROLE}source_profile = user
[profile by-role]
{_ROLE}source_profile = by-user
[profile by-itself]
{_ROLE}source_profile = by-itself
{_KEY}
[profile by-environment]
{_ROLE}credential_source = Environment
{_KEY}
[profile by-nobody]
{_ROLE}source_profile = nobody
[profile one]
{_ROLE}source_profile = other
[profile other]
{_ROLE}source_profile = one
[profile sso]
sso_session = corp
"""


@pytest.mark.parametrize(
    ("name", "holder"),
    [
        ("user", "user"),
        ("by-user", "user"),
        ("by-role", "user"),
        ("by-itself", "by-itself"),
        ("session", None),
        ("by-environment", None),
        ("by-nobody", None),
        ("one", None),
        ("sso", None),
        ("missing", None),
    ],
)
def test_the_key_that_signs_for_a_profile_is_found_through_roles(
    name: str, holder: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text(_CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    assert profile_of_the_key(name) == holder


def test_profiles_are_found_in_both_spellings_anywhere() -> None:
    arguments = ["aws", "--profile", "a", "s3", "--profile=b", "--profiles=c", "--profile"]
    assert list(profiles_named(arguments)) == ["a", "b"]
