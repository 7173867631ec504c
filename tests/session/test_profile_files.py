from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import botocore.session
import pytest
from botocore.credentials import create_credential_resolver

from watchword.errors import UsageError
from watchword.fastpath.line import process_line
from watchword.fastpath.session_file import Credentials
from watchword.session.profile_add import NewProfile, add_profile, config_with, default_source, reset_default
from watchword.session.profile_files import InTheWay, ProfileFiles, ProfileKind, read_profile_files
from watchword.session.profile_write import (
    Convention,
    Target,
    forget_written,
    refuse_if_in_the_way,
    target_of,
    write_session,
)
from watchword.session.profiles import list_profiles
from watchword.session.session import RoleOfSession, Session, SessionKey

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = "aws_access_key_id = AKIAOTHER\naws_secret_access_key = x\n"
SESSION = "aws_access_key_id = ASIAOTHER\naws_secret_access_key = x\naws_session_token = t\n"
OURS = SESSION + "watchword_profile = work\nwatchword_access_key_id = ASIAOTHER\n"
ROLE = "role_arn = arn:aws:iam::123456789012:role/r\nsource_profile = work\n"
# What a profile says, where, and what it is.
KINDS = [
    (KEY, "credentials", ProfileKind.KEY),
    (KEY, "config", ProfileKind.KEY),
    (KEY + "aws_session_token =\n", "credentials", ProfileKind.KEY),
    (KEY + "aws_session_token = left\n", "credentials", ProfileKind.KEY),
    ("aws_secret_access_key = x\n", "credentials", ProfileKind.KEY),
    (SESSION, "credentials", ProfileKind.OTHER_SESSION),
    (SESSION.replace("session_token", "security_token"), "credentials", ProfileKind.OTHER_SESSION),
    (OURS, "credentials", ProfileKind.SESSION),
    (OURS.replace("= ASIAOTHER\naws", "= ASIANEWER\naws"), "credentials", ProfileKind.OTHER_SESSION),
    (ROLE, "config", ProfileKind.ROLE),
    (ROLE + KEY, "credentials", ProfileKind.ROLE),
    (ROLE + "web_identity_token_file = f\n", "config", ProfileKind.WEB_IDENTITY),
    ("sso_session = corp\nsso_account_id = 1\n", "config", ProfileKind.IDENTITY_CENTER),
    ("sso_session = corp\n", "config", ProfileKind.NONE),
    ("sso_role_name = r\n" + KEY, "credentials", ProfileKind.IDENTITY_CENTER),
    ("login_session = arn\n", "config", ProfileKind.AWS_LOGIN),
    ("credential_process = /bin/other\n", "config", ProfileKind.OTHER_PROCESS),
    (f"credential_process = {process_line('work')}\n", "config", ProfileKind.WATCHWORD),
    (f"credential_process = /bin/other\n{KEY}", "config", ProfileKind.OTHER_PROCESS),
    (f"credential_process = /bin/other\n{KEY}", "credentials", ProfileKind.KEY),
    ("region = x\n", "config", ProfileKind.NONE),
]

Home = dict[str, str]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """The environment of somebody with a key in `work`."""
    (tmp_path / "config").write_text("# mine\n[profile work]\nregion = eu-west-1\noutput = text\n")
    (tmp_path / "credentials").write_text(f"[work]\n{KEY}")
    return {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }


def with_profile(home: Home, said: str, where: str, name: str = "x") -> ProfileFiles:
    path = Path(home["AWS_CONFIG_FILE"]).with_name(where)
    section = name if where == "credentials" or name == "default" else f"profile {name}"
    path.write_text(f"{path.read_text()}[{section}]\n{said}")
    return read_profile_files(home)


def config(home: Home) -> str:
    return Path(home["AWS_CONFIG_FILE"]).read_text()


def credentials(home: Home) -> str:
    return Path(home["AWS_SHARED_CREDENTIALS_FILE"]).read_text()


def session(*, role: bool = False) -> Session:
    return Session(
        profile="work",
        key=SessionKey(endpoint="aws", access_key_id="AKIAOTHER", serial_number="s" * 9),
        account="123456789012",
        arn="arn:aws:iam::123456789012:user/u",
        issued_at=NOW,
        role=RoleOfSession(arn="arn:aws:iam::1:role/r", session_name="u", source="work") if role else None,
        credentials=Credentials(
            access_key_id="ASIANEW",
            secret_access_key="new/secret",
            session_token="new==",
            expires_at=NOW + timedelta(hours=4),
        ),
    )


@pytest.mark.parametrize(("said", "where", "kind"), KINDS)
def test_each_kind_of_profile_is_told(home: Home, said: str, where: str, kind: ProfileKind) -> None:
    assert with_profile(home, said, where).kind("x") is kind


@pytest.mark.parametrize(("said", "where", "kind"), KINDS)
def test_no_line_is_added_beside_what_botocore_would_use_before_it(
    home: Home, said: str, where: str, kind: ProfileKind
) -> None:
    with_profile(home, said, where)
    before = config(home)
    new = NewProfile(profile="x", source="work")
    if kind in (ProfileKind.NONE, ProfileKind.WATCHWORD):
        add_profile(new, home)
        assert f"credential_process = {process_line('work')}\n" in config(home)
        return
    with pytest.raises(InTheWay):
        add_profile(new, home)
    assert config(home) == before


@pytest.mark.parametrize(("said", "where", "kind"), KINDS)
def test_a_session_is_written_over_another_session_and_over_nothing_else(
    home: Home, said: str, where: str, kind: ProfileKind
) -> None:
    files = with_profile(home, said, where)
    before = config(home), credentials(home)
    target = Target(source="work", profile="x", convention=Convention.MFA)
    if kind in (ProfileKind.NONE, ProfileKind.SESSION, ProfileKind.OTHER_SESSION):
        write_session(target, session(), home, files.settings("work"))
        assert read_profile_files(home).kind("x") is ProfileKind.SESSION
        return
    with pytest.raises(InTheWay):
        refuse_if_in_the_way(files, "x")
    with pytest.raises(InTheWay):
        write_session(target, session(), home, files.settings("work"))
    assert (config(home), credentials(home)) == before


def test_a_session_in_the_config_file_is_left_there(home: Home) -> None:
    files = with_profile(home, SESSION, "config")
    with pytest.raises(InTheWay, match="in the config file, too"):
        refuse_if_in_the_way(files, "x")


def test_botocore_looks_for_credentials_in_the_order_that_is_assumed_here() -> None:
    resolver = create_credential_resolver(botocore.session.Session())
    assert [provider.METHOD for provider in resolver.providers][:8] == [
        "env",
        "assume-role",
        "assume-role-with-web-identity",
        "sso",
        "shared-credentials-file",
        "login",
        "custom-process",
        "config-file",
    ]


def test_what_botocore_takes_is_what_was_written(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with_profile(home, "aws_security_token = stale\n" + SESSION, "credentials")
    target = Target(source="work", profile="x", convention=Convention.MFA)
    write_session(target, session(), home, {})
    for name, value in home.items():
        monkeypatch.setenv(name, value)
    found = create_credential_resolver(botocore.session.Session(profile="x")).load_credentials()
    assert found is not None
    assert (found.access_key, found.secret_key, found.token) == ("ASIANEW", "new/secret", "new==")


def test_what_other_tools_keep_there_stays_and_their_moment_is_the_new_one(home: Home) -> None:
    text = f"[x]\n; theirs\n{SESSION}expiration = 2020-01-01 00:00:00\nmanager=other\naws_account_id = 1\n"
    Path(home["AWS_SHARED_CREDENTIALS_FILE"]).write_text(text)
    write_session(Target(source="work", profile="x", convention=Convention.MFA), session(), home, {})
    expected = text.replace("ASIAOTHER", "ASIANEW").replace("_key = x", "_key = new/secret")
    expected = expected.replace("token = t", "token = new==").replace(
        "2020-01-01 00:00:00", "2026-11-22 16:00:00"
    )
    expected = expected.replace("id = 1\n", "id = 123456789012\n")
    ours = "watchword_profile = work\nwatchword_access_key_id = ASIANEW\n"
    ours += "watchword_expiration = 2026-11-22T16:00:00Z\n"
    assert credentials(home) == expected + ours


def test_for_aws_mfa_a_role_is_named_and_forgotten_again(home: Home) -> None:
    target = Target(source="x-long-term", profile="x", convention=Convention.LONG_TERM)
    write_session(target, session(role=True), home, {})
    assert "assumed_role = True\n" in credentials(home)
    assert "assumed_role_arn = arn:aws:iam::1:role/r\n" in credentials(home)
    write_session(target, session(), home, {})
    assert "assumed_role = False\n" in credentials(home)
    assert "assumed_role_arn" not in credentials(home)
    assert credentials(home).count("new==") == 2


def test_sessions_are_forgotten_and_nothing_else_is(home: Home) -> None:
    with_profile(home, "; theirs\ncolour = blue\n", "credentials", "y")
    with_profile(home, SESSION, "credentials", "theirs")
    before = config(home), credentials(home)
    for name, source in [("work_mfa", "work"), ("y", "work"), ("other", "corp")]:
        target = Target(source=source, profile=name, convention=Convention.MFA)
        write_session(target, session(), home, {"region": "a"})
    assert forget_written("work", home) == ("y", "work_mfa")
    assert "[other]" in credentials(home)
    assert forget_written(None, home) == ("other",)
    assert forget_written(None, home) == ()
    assert (config(home).rstrip("\n"), credentials(home).rstrip("\n")) == tuple(
        text.rstrip("\n") for text in before
    )


def test_where_a_session_goes_by_each_convention() -> None:
    def place(profile: str, convention: Convention, written_as: str | None = None) -> tuple[str, str]:
        target = target_of(profile, convention, written_as=written_as, in_a_role=False)
        return target.source, target.profile

    assert place("x", Convention.MFA) == ("x", "x_mfa")
    assert place("x", Convention.LONG_TERM) == ("x-long-term", "x")
    assert place("x-long-term", Convention.LONG_TERM) == ("x-long-term", "x")
    assert place("x", Convention.MFA, "default") == ("x", "default")


@pytest.mark.parametrize("name", ["work", "", "a]b", "a\nb", " a", "a#b", "it's", "DEFAULT"])
def test_names_that_cannot_be_written_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        target_of("work", Convention.MFA, written_as=name, in_a_role=False)


def test_the_session_of_a_role_needs_a_name_of_its_own() -> None:
    with pytest.raises(UsageError, match="a name of its own"):
        target_of("work", Convention.MFA, written_as=None, in_a_role=True)


def test_region_and_output_follow_the_source_but_not_over_the_users_own(home: Home) -> None:
    target = Target(source="work", profile="work_mfa", convention=Convention.MFA)

    def write(**settings: str) -> str:
        write_session(target, session(), home, settings)
        return config(home).partition("[profile work_mfa]\n")[2]

    assert write(region="a", output="text", s3="\nx = y") == (
        "region = a\noutput = text\nwatchword_copied = region output\n"
    )
    assert write(region="b") == "region = b\nwatchword_copied = region\n"
    Path(home["AWS_CONFIG_FILE"]).write_text("[profile work_mfa]\nregion = mine\n")
    assert write(region="b", output="json") == "region = mine\noutput = json\nwatchword_copied = output\n"
    assert write() == "region = mine\n"


def test_no_section_is_made_for_nothing(home: Home) -> None:
    before = config(home)
    write_session(Target(source="work", profile="x", convention=Convention.MFA), session(), home, {})
    assert config(home) == before


@pytest.mark.parametrize(
    "said", [KEY, ROLE, SESSION, "sso_role_name = r\n", "credential_process = /bin/other\n"]
)
def test_a_default_of_its_own_stays_and_another_way_is_named(home: Home, said: str) -> None:
    with_profile(home, said, "config", "default")
    with pytest.raises(InTheWay) as caught:
        add_profile(NewProfile(profile="default", source="my work"), home)
    assert "`export AWS_PROFILE='my work'` does it for one shell" in (caught.value.hint or "")


def test_the_default_can_be_changed_and_taken_back(home: Home) -> None:
    with_profile(home, "output = json\n", "config", "default")
    before = config(home)
    add_profile(NewProfile(profile="default", source="work"), home)
    add_profile(NewProfile(profile="default", source="other"), home)
    assert default_source(read_profile_files(home)) == "other"
    assert "region" not in config(home).partition("[default]")[2]
    assert reset_default(home)
    assert config(home) == before
    assert not reset_default(home)


def test_a_profile_never_stands_for_itself(home: Home) -> None:
    add_profile(NewProfile(profile="a", source="work"), home)
    add_profile(NewProfile(profile="b", source="a"), home)
    with_profile(home, "role_arn = arn:aws:iam::1:role/r\nsource_profile = b\n", "config", "c")
    before = config(home)
    for profile, source in [("a", "a"), ("a", "b"), ("a", "c")]:
        with pytest.raises(UsageError, match="cannot stand for itself"):
            add_profile(NewProfile(profile=profile, source=source), home)
    assert config(home) == before


def test_a_role_that_is_written_does_not_take_the_place_of_another_profile(home: Home) -> None:
    new = NewProfile(profile="sup", source="work", role_arn="arn:aws:iam::1:role/r")
    add_profile(new, home)
    add_profile(new, home)
    assert config(home).count("[profile sup-role]") == 1
    with_profile(home, "region = x\n", "config", "dev-role")
    with pytest.raises(InTheWay):
        config_with(
            NewProfile(profile="dev", source="work", role_arn="arn:aws:iam::1:role/r"),
            read_profile_files(home),
        )


def test_whose_session_lives_is_told_through_lines_and_sections(home: Home) -> None:
    add_profile(NewProfile(profile="a", source="work"), home)
    files = with_profile(
        home,
        OURS + "watchword_expiration = 2026-11-22T11:00:00Z\n",
        "credentials",
    )
    found = {each.name: each for each in list_profiles(files, [session()], NOW)}
    assert found["work"].expires_at == found["a"].expires_at == NOW + timedelta(hours=4)
    assert found["a"].source == "work"
    assert found["x"].expires_at is None  # it has ended
    assert all(
        each.expires_at is None for each in list_profiles(files, [session()], NOW + timedelta(hours=5))
    )


def test_nothing_at_all_is_no_profile(tmp_path: Path) -> None:
    assert list_profiles(read_profile_files({"HOME": str(tmp_path)}), [], NOW) == ()
