from __future__ import annotations

import base64
import hashlib
import json
import os
import shlex
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.credentials
import botocore.session
import pytest
from awscrt.crypto import EC, ECExportFormat, ECType  # type: ignore[import-untyped]
from botocore.credentials import SSOProvider
from botocore.tokens import SSOTokenProvider

from aws.portal_peer import ROLE, SESSION, Portal
from aws.role_account import role_session, support
from local_aws import Key, LocalAws
from watchword.aws import (
    Hop,
    MfaKnowledge,
    OtherSource,
    Refusal,
    SignInElsewhere,
    Unreachable,
    UnusableSource,
    assume_role,
    call_as,
    open_other_source,
    read_chain,
)
from watchword.aws.source import NOBODY_SAYS
from watchword.errors import ExitCode

LOGIN = "arn:aws:iam::123456789012:user/testuser"
_OURS = ("AWS_", "WATCHWORD_")


@dataclass(frozen=True, kw_only=True)
class Home:
    """A home folder with AWS files, which this process has taken on."""

    folder: Path
    portal: Portal
    sso_cache: Path
    login_cache: Path

    def config(self, text: str) -> None:
        (self.folder / "config").write_text(text)

    def credentials_file(self, text: str) -> None:
        (self.folder / "credentials").write_text(text)

    def source(self, name: str) -> OtherSource:
        session = botocore.session.Session(profile=name)
        found = open_other_source(name, session.get_scoped_config(), session)
        assert found is not None
        return found

    def sso_token(self, of: str, *, ends_in: timedelta, **more: str) -> Path:
        path = self.sso_cache / f"{_sha1(of)}.json"
        token = {
            "startUrl": "https://d-1.awsapps.com/start",
            "region": "eu-west-1",
            "accessToken": self.portal.access_token,
            "expiresAt": _written(datetime.now(UTC) + ends_in),
            **more,
        }
        path.write_text(json.dumps(token))
        return path

    def login_token(self, *, ends_in: timedelta, of: str = LOGIN, key: bytes | None = None) -> Path:
        path = self.login_cache / f"{hashlib.sha256(of.encode()).hexdigest()}.json"
        der = key or readable_key()
        pem = base64.b64encode(der).decode()
        token = {
            "accessToken": {
                "accessKeyId": "ASIALOGINEXAMPLE0001",
                "secretAccessKey": "login/secret",
                "sessionToken": "login-token",
                "accountId": "123456789012",
                "expiresAt": _written(datetime.now(UTC) + ends_in),
            },
            "refreshToken": self.portal.refresh_token,
            "clientId": "arn:aws:signin:::devtools/same-device",
            "dpopKey": f"-----BEGIN EC PRIVATE KEY-----\n{pem}\n-----END EC PRIVATE KEY-----\n",
        }
        path.write_text(json.dumps(token))
        return path


def readable_key() -> bytes:
    """Return a key that awscrt reads again: not one of those that begin with a zero."""
    return next(der for der in iter(_new_key, b"") if len(der) == _WHOLE_KEY_BYTES)


def _new_key() -> bytes:
    return bytes(EC.new_generate(ECType.P_256).export_key(ECExportFormat.SEC1))


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def home(tmp_path: Path, portal: Portal, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        monkeypatch.delenv(name)
    own = Home(
        folder=tmp_path, portal=portal, sso_cache=tmp_path / "sso", login_cache=tmp_path / "login cache"
    )
    own.sso_cache.mkdir()
    own.login_cache.mkdir()
    own.config("")
    own.credentials_file("")
    for name, text in {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_LOGIN_CACHE_DIRECTORY": str(own.login_cache),
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": portal.url,
        "AWS_ENDPOINT_URL_SSO": portal.url,
        "AWS_ENDPOINT_URL_SSO_OIDC": portal.url,
        "AWS_ENDPOINT_URL_SIGNIN": portal.url,
        "AWS_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, text)
    # The SDK reads HOME once, when it is imported.
    for provider in (SSOProvider, SSOTokenProvider):
        monkeypatch.setattr(provider, "_SSO_TOKEN_CACHE_DIR", str(own.sso_cache))
    return own


SSO = f"""
[sso-session corp]
sso_start_url = https://d-1.awsapps.com/start
sso_region = eu-west-1
[profile corp]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = {ROLE}
"""


def test_identity_center_gives_the_session_of_whoever_is_signed_in(home: Home) -> None:
    home.config(SSO)
    home.sso_token("corp", ends_in=timedelta(hours=1))
    made = home.source("corp").credentials()
    assert (made.access_key_id, made.session_token) == (SESSION.access_key_id, SESSION.session_token)
    assert abs(made.expires_at - datetime.now(UTC) - home.portal.lives) < timedelta(minutes=1)
    assert home.portal.paths == ["/federation/credentials"]


def test_a_role_is_really_assumed_from_identity_center(
    home: Home, sandbox: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.endpoint_url)
    home.portal.session = role_session(sandbox)
    home.config(f"{SSO}\n[profile sup]\nrole_arn = {support(sandbox)}\nsource_profile = corp\n")
    home.sso_token("corp", ends_in=timedelta(hours=1))
    chain = read_chain("sup")
    assert isinstance(chain.source, OtherSource)
    (hop,) = chain.hops
    signed = call_as(chain.settings, chain.source.credentials())
    got = assume_role(signed, hop, role_session_name="me", duration_seconds=3600)
    assert got.arn == f"arn:aws:sts::{sandbox.account}:assumed-role/Support/me"


def test_a_role_that_demands_mfa_is_refused_to_a_session_of_identity_center(
    home: Home, sandbox: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.endpoint_url)
    home.portal.session = role_session(sandbox)
    home.config(SSO)
    home.sso_token("corp", ends_in=timedelta(hours=1))
    arn = support(sandbox, {"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    source = home.source("corp")
    assert source.mfa is MfaKnowledge.NO
    assert "aws:MultiFactorAuthPresent` false" in source.mfa_says
    signed = call_as(read_chain("corp").settings, source.credentials())
    with pytest.raises(Refusal, match="AccessDenied"):
        assume_role(signed, Hop(profile="sup", role_arn=arn), role_session_name="me", duration_seconds=3600)


def test_a_token_of_identity_center_that_ends_is_renewed_and_kept(home: Home) -> None:
    home.config(SSO)
    registration = {
        "refreshToken": home.portal.refresh_token,
        "clientId": "client",
        "clientSecret": "client-secret",
        "registrationExpiresAt": _written(datetime.now(UTC) + timedelta(days=9)),
    }
    path = home.sso_token("corp", ends_in=timedelta(minutes=-5), **registration)
    assert home.source("corp").credentials().access_key_id == SESSION.access_key_id
    assert home.portal.paths == ["/token", "/federation/credentials"]
    assert json.loads(path.read_text())["refreshToken"] == "next-refresh"


@pytest.mark.parametrize("token", ["none", "over", "taken back", "broken"])
def test_without_a_sign_in_to_identity_center_the_command_for_it_is_told(home: Home, token: str) -> None:
    home.config(SSO.replace("profile corp", 'profile "my corp"'))
    match token:
        case "over":
            home.sso_token("corp", ends_in=timedelta(hours=-1))
        case "taken back":
            home.sso_token("corp", ends_in=timedelta(hours=1))
            home.portal.access_token = "another"
        case "broken":
            (home.sso_cache / f"{_sha1('corp')}.json").write_text("[]")
    with pytest.raises(SignInElsewhere) as failure:
        home.source("my corp").credentials()
    assert failure.value.exit_code is ExitCode.SIGN_IN_NEEDED
    assert failure.value.hint == "`aws sso login --profile 'my corp'`"


def test_the_older_way_to_write_identity_center_serves_too(home: Home) -> None:
    start = "https://d-1.awsapps.com/start"
    home.config(
        f"[profile old]\nsso_start_url = {start}\nsso_region = eu-west-1\n"
        f"sso_account_id = 123456789012\nsso_role_name = {ROLE}\n"
    )
    home.sso_token(start, ends_in=timedelta(hours=1))
    assert home.source("old").credentials().access_key_id == SESSION.access_key_id
    home.sso_token(start, ends_in=timedelta(hours=-1))
    with pytest.raises(SignInElsewhere, match="not any more"):
        home.source("old").credentials()


def test_a_role_that_identity_center_does_not_give_is_aws_s_no(home: Home) -> None:
    home.config(SSO.replace(ROLE, "Administrator"))
    home.sso_token("corp", ends_in=timedelta(hours=1))
    with pytest.raises(Refusal, match="ForbiddenException"):
        home.source("corp").credentials()


def test_half_a_profile_of_identity_center_names_what_is_missing(home: Home) -> None:
    home.config("[profile half]\nsso_account_id = 123456789012\nsso_region = eu-west-1\n")
    with pytest.raises(UnusableSource, match="sso_role_name, sso_start_url"):
        home.source("half").credentials()


def test_a_portal_that_is_not_there_is_no_answer(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.config(SSO)
    home.sso_token("corp", ends_in=timedelta(hours=1))
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSO", "http://127.0.0.1:1")
    with pytest.raises(Unreachable, match="the connection was refused"):
        home.source("corp").credentials()


_WHOLE_KEY_BYTES = 121
LOGIN_PROFILE = f"[profile console]\nlogin_session = {LOGIN}\nregion = eu-west-1\n"


def test_aws_login_gives_the_session_that_lives(home: Home) -> None:
    home.config(LOGIN_PROFILE)
    home.login_token(ends_in=timedelta(minutes=14))
    source = home.source("console")
    assert source.credentials().access_key_id == "ASIALOGINEXAMPLE0001"
    assert home.portal.paths == []
    assert source.mfa is MfaKnowledge.UNKNOWN


def test_a_session_of_aws_login_is_renewed_with_a_proof_of_its_key(home: Home) -> None:
    home.config(LOGIN_PROFILE)
    path = home.login_token(ends_in=timedelta(minutes=-1))
    assert home.source("console").credentials().access_key_id == SESSION.access_key_id
    ((asked, headers),) = home.portal.asked
    assert (asked, headers["DPoP"].count(".")) == ("/v1/token", 2)
    assert json.loads(path.read_text())["refreshToken"] == "next-refresh"


@pytest.mark.parametrize("token", ["none", "TOKEN_EXPIRED", "USER_CREDENTIALS_CHANGED"])
def test_without_a_sign_in_the_command_aws_login_is_told(home: Home, token: str) -> None:
    home.config(LOGIN_PROFILE)
    if token != "none":
        home.login_token(ends_in=timedelta(minutes=-1))
        home.portal.refusal = token
    with pytest.raises(SignInElsewhere) as failure:
        home.source("console").credentials()
    assert failure.value.hint == "`aws login --profile console`"


def test_a_key_that_cannot_be_read_asks_for_another_sign_in(home: Home) -> None:
    home.config(LOGIN_PROFILE)
    unreadable = next(der for der in iter(_new_key, b"") if len(der) < _WHOLE_KEY_BYTES)
    home.login_token(ends_in=timedelta(minutes=-1), key=unreadable)
    with pytest.raises(SignInElsewhere, match="its key cannot be read") as failure:
        home.source("console").credentials()
    assert failure.value.hint == "`aws login --profile console` makes another"


def test_a_session_of_aws_login_that_may_not_be_renewed_says_which_permission(home: Home) -> None:
    home.config(LOGIN_PROFILE)
    home.login_token(ends_in=timedelta(minutes=-1))
    home.portal.refusal = "INSUFFICIENT_PERMISSIONS"
    with pytest.raises(UnusableSource) as failure:
        home.source("console").credentials()
    assert "signin:CreateOAuth2Token" in str(failure.value.hint)


def test_a_renewal_without_a_region_is_said(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_ENDPOINT_URL_SIGNIN")
    home.config(f"[profile console]\nlogin_session = {LOGIN}\n")
    home.login_token(ends_in=timedelta(minutes=-1))
    with pytest.raises(UnusableSource, match="must specify a region"):
        home.source("console").credentials()


def test_aws_login_without_awscrt_names_the_extra(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.config(LOGIN_PROFILE)
    home.login_token(ends_in=timedelta(minutes=14))
    monkeypatch.setattr(botocore.credentials, "EC", None)
    with pytest.raises(UnusableSource) as failure:
        home.source("console").credentials()
    assert failure.value.hint == "install watchword with its extra: `pip install '.[login]'` in a clone of it"


def test_the_root_user_assumes_no_role(home: Home) -> None:
    home.config("[profile console]\nlogin_session = arn:aws:iam::123456789012:root\n")
    with pytest.raises(UnusableSource, match="Roles may not be assumed by root accounts"):
        home.source("console").credentials()


def _role_with(source: str) -> str:
    return f"[profile sup]\nrole_arn = arn:aws:iam::123456789012:role/Support\ncredential_source = {source}\n"


def test_a_session_in_the_environment_is_a_source(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.config(_role_with("Environment"))
    _export(monkeypatch, SESSION)
    source = home.source("sup")
    assert (source.name, source.mfa) == ("environment", MfaKnowledge.UNKNOWN)
    assert source.cache_name == f"environment {SESSION.access_key_id}"
    assert source.credentials().expires_at == NOBODY_SAYS
    ends = datetime(2099, 1, 1, tzinfo=UTC)
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", _written(ends))
    assert source.credentials().expires_at == ends


def test_a_long_term_key_in_the_environment_is_none(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.config(_role_with("Environment"))
    _export(monkeypatch, Key(access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key="long/secret"))
    with pytest.raises(UnusableSource, match="long-term key") as failure:
        home.source("sup").credentials()
    assert "long/secret" not in str(failure.value)


def test_a_session_in_the_environment_that_is_over_is_said(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.config(_role_with("Environment"))
    _export(monkeypatch, SESSION)
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z")
    with pytest.raises(SignInElsewhere, match="the session of the environment is over"):
        home.source("sup").credentials()


def test_an_empty_environment_is_said(home: Home) -> None:
    home.config(_role_with("Environment"))
    with pytest.raises(UnusableSource) as failure:
        home.source("sup").credentials()
    assert "watchword exec USER" in str(failure.value.hint)


def test_an_instance_gives_its_role(home: Home) -> None:
    home.config(_role_with("Ec2InstanceMetadata"))
    source = home.source("sup")
    assert source.credentials().access_key_id == SESSION.access_key_id
    assert (source.name, source.mfa) == ("instance", MfaKnowledge.NO)
    assert home.portal.paths[0] == "/latest/api/token"


def test_no_instance_is_said_soon(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.config(_role_with("Ec2InstanceMetadata"))
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(UnusableSource, match="the instance gives no credentials"):
        home.source("sup").credentials()


def test_a_container_gives_its_role(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.config(_role_with("EcsContainer"))
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{home.portal.url}/container")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", home.portal.container_token)
    source = home.source("sup")
    assert source.credentials().access_key_id == SESSION.access_key_id
    assert (source.name, source.mfa) == ("container", MfaKnowledge.NO)


def test_what_a_container_answers_instead_is_not_shown(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.config(_role_with("EcsContainer"))
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{home.portal.url}/container")
    monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
    with pytest.raises(Unreachable) as failure:
        home.source("sup").credentials()
    assert "not-to-be-shown" not in failure.value.diagnostics()


def test_a_source_that_does_not_exist_is_said_at_once(home: Home) -> None:
    home.config(_role_with("Moon"))
    with pytest.raises(UnusableSource, match="`Moon`"):
        home.source("sup")


def _process(home: Home, program: str) -> OtherSource:
    script = home.folder / "program.py"
    script.write_text(program)
    home.config(f"[profile tool]\ncredential_process = {shlex.join([sys.executable, str(script)])}\n")
    return home.source("tool")


def _prints(**more: str) -> str:
    answer = {
        "Version": 1,
        "AccessKeyId": SESSION.access_key_id,
        "SecretAccessKey": SESSION.secret_access_key,
        "SessionToken": SESSION.session_token,
        **more,
    }
    return f"open(__file__ + '.runs', 'a').write('x')\nprint({json.dumps(answer)!r})\n"


def test_another_program_gives_its_session(home: Home) -> None:
    source = _process(home, _prints())
    assert source.mfa is MfaKnowledge.UNKNOWN
    assert source.credentials().session_token == SESSION.session_token


def test_another_program_is_run_once_even_if_its_session_ends_soon(home: Home) -> None:
    soon = _written(datetime.now(UTC) + timedelta(minutes=5))
    _process(home, _prints(Expiration=soon)).credentials()
    assert (home.folder / "program.py.runs").read_text() == "x"


def test_another_program_talks_to_the_user_itself(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    program = "import sys; print('half a secret'); sys.exit('the vault is locked')"
    with pytest.raises(UnusableSource, match="ended with exit code 1") as failure:
        _process(home, program).credentials()
    assert capfd.readouterr().err.strip() == "the vault is locked"
    assert "half a secret" not in failure.value.diagnostics()


@pytest.mark.parametrize("printed", ["half a secret", "[]", '{"Version": 2}', '{"Version": 1}', ""])
def test_what_is_no_session_is_not_shown(home: Home, printed: str) -> None:
    with pytest.raises(UnusableSource, match="printed no credentials") as failure:
        _process(home, f"print({printed!r})").credentials()
    assert "half a secret" not in failure.value.diagnostics()
    assert failure.value.__suppress_context__


def test_a_program_that_gives_a_long_term_key_is_refused(home: Home) -> None:
    with pytest.raises(UnusableSource, match="long-term key"):
        _process(home, _prints(SessionToken="")).credentials()


def test_a_program_that_is_not_there_is_said(home: Home) -> None:
    home.config("[profile tool]\ncredential_process = /no/such/program\n")
    with pytest.raises(UnusableSource, match="cannot be run: No such file"):
        home.source("tool").credentials()


def test_a_program_that_takes_too_long_is_ended(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchword.aws.source_process._LONGEST_SECONDS", 0.3)
    with pytest.raises(UnusableSource, match="was ended"):
        _process(home, "import time; time.sleep(60)").credentials()


def test_a_program_that_asks_for_its_own_profile_ends(home: Home) -> None:
    program = (
        "runs = open(__file__ + '.runs', 'a+')\n"
        "runs.write('x')\n"
        "runs.seek(0)\n"
        "if len(runs.read()) > 3: raise SystemExit('went on and on')\n"
        "runs.close()\n"
        "import botocore.session as b\n"
        "from watchword.aws import open_other_source as o\n"
        "s = b.Session(profile='tool')\n"
        "try: o('tool', s.get_scoped_config(), s).credentials()\n"
        "except Exception as e: raise SystemExit(str(e))\n"
    )
    with pytest.raises(UnusableSource, match="ended with exit code 1"):
        _process(home, program).credentials()
    assert (home.folder / "program.py.runs").read_text() == "x"


def test_a_web_identity_gives_the_role_that_it_may_assume(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", home.portal.url)
    token = home.folder / "token"
    token.write_text("good-identity")
    home.config(
        "[profile ci]\nrole_arn = arn:aws:iam::123456789012:role/Ci\n"
        f"web_identity_token_file = {token}\nrole_session_name = build\n"
    )
    source = home.source("ci")
    assert source.mfa is MfaKnowledge.NO
    assert source.credentials().access_key_id == SESSION.access_key_id
    token.write_text("another")
    with pytest.raises(Refusal, match="InvalidIdentityToken"):
        home.source("ci").credentials()
    token.unlink()
    with pytest.raises(UnusableSource, match="cannot be read: No such file"):
        home.source("ci").credentials()


def test_a_session_that_a_profile_holds_is_a_source(home: Home) -> None:
    text = f"[made]\naws_access_key_id = {SESSION.access_key_id}\naws_secret_access_key = s\n"
    home.credentials_file(f"{text}aws_session_token = t\n")
    source = home.source("made")
    assert (source.mfa, source.credentials().session_token) == (MfaKnowledge.UNKNOWN, "t")
    assert read_chain("made").source == source
    home.credentials_file("[made]\naws_access_key_id = ASIA1\naws_session_token = t\n")
    with pytest.raises(UnusableSource, match="half a session"):
        home.source("made").credentials()


KEY = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\n"


@pytest.mark.parametrize(
    ("config", "credentials"),
    [
        (SSO, ""),
        (SSO, f"[corp]\n{KEY}"),
        (f"[profile corp]\n{KEY}credential_process = /bin/false\n", ""),
        ("[profile corp]\ncredential_process = /bin/false\n", f"[corp]\n{KEY}"),
        (f"[profile corp]\n{KEY}login_session = {LOGIN}\n", ""),
        (f"[profile corp]\nlogin_session = {LOGIN}\n", f"[corp]\n{KEY}"),
        (f"[profile corp]\nlogin_session = {LOGIN}\ncredential_process = /bin/false\n", ""),
        (f"[profile corp]\n{KEY}", ""),
        ("", f"[corp]\n{KEY}"),
    ],
)
def test_of_several_settings_the_sdk_s_own_order_decides(home: Home, config: str, credentials: str) -> None:
    home.config(config)
    home.credentials_file(credentials)
    home.login_token(ends_in=timedelta(minutes=14))
    home.sso_token("corp", ends_in=timedelta(hours=1))
    session = botocore.session.Session(profile="corp")
    ours = open_other_source("corp", session.get_scoped_config(), session)
    try:
        found: Any = session.get_credentials()
        key: str = found.get_frozen_credentials().access_key
        expected = None if key.startswith("AKIA") else key
    except botocore.credentials.CredentialRetrievalError:
        expected = "process"
    try:
        assert (ours and ours.credentials().access_key_id) == expected
    except UnusableSource:
        assert expected == "process"


def test_two_sources_have_one_name_only_if_they_are_the_same(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = SSO.partition("[profile")[2].replace(" corp]", " again]", 1)
    other = again.replace("again]", "other]").replace(ROLE, "Another")
    home.config(
        f"{SSO}[profile{again}[profile{other}"
        "[profile one]\ncredential_process = a --secret x\n[profile two]\ncredential_process = a --secret y\n"
    )
    names = {name: home.source(name).cache_name for name in ("corp", "again", "other", "one", "two")}
    assert names["corp"] == names["again"]
    assert len(set(names.values())) == 4
    assert "secret" not in "".join(names.values())


def test_a_source_shows_no_secret(home: Home) -> None:
    text = "[made]\naws_access_key_id = ASIA1\naws_secret_access_key = do/not/show\n"
    home.credentials_file(f"{text}aws_session_token = do-not-show\n")
    source = home.source("made")
    assert "not" not in repr(source).replace("does not say", "")
    assert "do/not" not in repr(source.credentials())


def _export(monkeypatch: pytest.MonkeyPatch, key: Key) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key.secret_access_key)
    if key.session_token:
        monkeypatch.setenv("AWS_SESSION_TOKEN", key.session_token)
