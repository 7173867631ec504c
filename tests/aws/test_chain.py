"""How a profile gets in, compared with what AWS's own SDK makes of the same files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import exceptions
from botocore.stub import Stubber

from watchword.aws import AwsProfile, NotALongTermKey, ProfileNotFound, UnusableSettings, read_chain
from watchword.fastpath.line import process_line

_ROLE = "arn:aws:iam::123456789012:role/"
_KEY = "AKIAIOSFODNN7EXAMPLE"


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "WATCHWORD_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    (tmp_path / "credentials").write_text(_keyed("work") + _keyed("other", "AKIAOTHEREXAMPLE"))


def _keyed(name: str, key: str = _KEY) -> str:
    return f"[{name}]\naws_access_key_id = {key}\naws_secret_access_key = secret\n"


def _config(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").write_text(text)


def _ours(name: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the key that signs, and the calls of AssumeRole one after the other, as ours would make them."""
    chain = read_chain(name)
    assert isinstance(chain.source, AwsProfile)
    calls = []
    for hop in chain.hops:
        given = {
            "RoleArn": hop.role_arn,
            "ExternalId": hop.external_id,
            "DurationSeconds": hop.duration_seconds,
        }
        calls.append({key: value for key, value in given.items() if value is not None})
    return chain.source.access_key_id, calls


def _theirs(name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[dict[str, Any]]]:
    """Return the same for the SDK, whose clients for STS write down what they are told."""
    session = botocore.session.Session(profile=name)
    calls: list[dict[str, Any]] = []
    signers: list[str] = []
    real = session.create_client

    def create_client(service: str, **options: Any) -> Any:  # noqa: ANN401 the SDK has no types
        signers.append(options["aws_access_key_id"])
        client = real(service, **{**options, "region_name": "us-east-1"})
        stub = Stubber(client)
        stub.add_response("assume_role", _answer(len(calls)))
        stub.activate()
        client.meta.events.register(
            "provide-client-params.sts.AssumeRole", lambda params, **_: calls.append(dict(params))
        )
        return client

    monkeypatch.setattr(session, "create_client", create_client)
    credentials = session.get_credentials()
    assert credentials is not None
    credentials.get_frozen_credentials()
    for call in calls:
        call.pop("RoleSessionName", None)
    return signers[0] if signers else credentials.access_key, calls


def _answer(number: int) -> dict[str, Any]:
    return {
        "Credentials": {
            "AccessKeyId": f"ASIAEXAMPLE{number:05}",
            "SecretAccessKey": "x",
            "SessionToken": "y",
            "Expiration": "2999-01-01T00:00:00Z",
        }
    }


_CONFIGS = {
    "a key": "[profile x]\n" + _keyed("x").partition("\n")[2],
    "a role from a key": f"[profile x]\nrole_arn = {_ROLE}A\nsource_profile = work\nexternal_id = e-1\n",
    "a chain of three": (
        f"[profile x]\nrole_arn = {_ROLE}C\nsource_profile = b\n"
        f"[profile b]\nrole_arn = {_ROLE}B\nsource_profile = a\nduration_seconds = 900\n"
        f"[profile a]\nrole_arn = {_ROLE}A\nsource_profile = work\n"
    ),
    "a profile that is its own source": (
        f"[profile x]\nrole_arn = {_ROLE}A\nsource_profile = x\n" + _keyed("x").partition("\n")[2]
    ),
    "a source whose key goes before its role": (
        f"[profile x]\nrole_arn = {_ROLE}B\nsource_profile = both\n"
        f"[profile both]\nrole_arn = {_ROLE}A\nsource_profile = work\n" + _keyed("both").partition("\n")[2]
    ),
    "a role that goes before the key of the profile that was named": (
        f"[profile x]\nrole_arn = {_ROLE}A\nsource_profile = other\n" + _keyed("x").partition("\n")[2]
    ),
    "a duration that is no number": (
        f"[profile x]\nrole_arn = {_ROLE}A\nsource_profile = work\nduration_seconds = long\n"
    ),
    "the default profile as a source": (
        f"[default]\nrole_arn = {_ROLE}A\nsource_profile = work\n"
        f"[profile x]\nrole_arn = {_ROLE}B\nsource_profile = default\n"
    ),
}


@pytest.mark.parametrize("config", _CONFIGS.values(), ids=_CONFIGS.keys())
def test_a_chain_is_what_the_sdk_makes_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str
) -> None:
    _config(tmp_path, config)
    assert _ours("x") == _theirs("x", monkeypatch)


_WRONG = {
    "a circle": (
        (
            f"[profile x]\nrole_arn = {_ROLE}A\nsource_profile = y\n"
            f"[profile y]\nrole_arn = {_ROLE}B\nsource_profile = x\n"
        ),
        UnusableSettings,
        "`x` → `y` → `x`",
    ),
    "its own source without a key": (
        f"[profile x]\nrole_arn = {_ROLE}A\nsource_profile = x\n",
        UnusableSettings,
        "`x`",
    ),
    "two sources": (
        f"[profile x]\nrole_arn = {_ROLE}A\nsource_profile = work\ncredential_source = Environment\n",
        UnusableSettings,
        "both `source_profile` and `credential_source`",
    ),
    "no source": (f"[profile x]\nrole_arn = {_ROLE}A\n", UnusableSettings, "does not say who assumes it"),
    "a source that is not there": (
        f"[profile x]\nrole_arn = {_ROLE}A\nsource_profile = gone\n",
        ProfileNotFound,
        "names `gone` as its `source_profile`",
    ),
}


@pytest.mark.parametrize(("config", "error", "words"), _WRONG.values(), ids=_WRONG.keys())
def test_what_the_sdk_refuses_is_refused(
    tmp_path: Path, config: str, error: type[Exception], words: str
) -> None:
    _config(tmp_path, config)
    session = botocore.session.Session(profile="x")
    with pytest.raises(exceptions.BotoCoreError):
        session.get_credentials()
    with pytest.raises(error, match=words.replace("|", r"\|")):
        read_chain("x")


def test_our_own_line_stands_for_the_profile_in_it(tmp_path: Path) -> None:
    _config(
        tmp_path,
        f"[profile ours]\ncredential_process = {process_line('work')}\n"
        f"[profile role]\nrole_arn = {_ROLE}A\nsource_profile = ours\n"
        f"[profile again]\ncredential_process = {process_line('role')}\n",
    )
    assert _ours("ours") == (_KEY, [])
    assert _ours("role") == (_KEY, [{"RoleArn": f"{_ROLE}A"}])
    assert _ours("again") == (_KEY, [{"RoleArn": f"{_ROLE}A"}])
    assert read_chain("again").settings.name == "again"


def test_our_own_lines_that_go_in_a_circle_are_refused(tmp_path: Path) -> None:
    _config(
        tmp_path,
        f"[profile a]\ncredential_process = {process_line('b')}\n"
        f"[profile b]\ncredential_process = {process_line('a')}\n",
    )
    with pytest.raises(UnusableSettings, match="`a` → `b` → `a`"):
        read_chain("a")


def test_the_device_of_a_role_is_the_users(tmp_path: Path) -> None:
    serial = "arn:aws:iam::123456789012:mfa/phone"
    _config(
        tmp_path,
        f"[profile work]\nmfa_serial = {serial}-2\n"
        f"[profile role]\nrole_arn = {_ROLE}A\nsource_profile = work\nmfa_serial = {serial}\n"
        f"[profile plain]\nrole_arn = {_ROLE}A\nsource_profile = work\n",
    )
    assert read_chain("role").key.mfa_serial == serial
    assert read_chain("plain").key.mfa_serial == f"{serial}-2"


def test_tags_are_read_as_they_are_written_elsewhere(tmp_path: Path) -> None:
    _config(
        tmp_path,
        f"[profile x]\nrole_arn = {_ROLE}A\nsource_profile = work\nsource_identity = alice\n"
        "session_tags = team=red, cost centre = 7=8\ntransitive_session_tags = team\n",
    )
    hop = read_chain("x").hops[0]
    assert dict(hop.tags) == {"team": "red", "cost centre": "7=8"}
    assert hop.transitive_tag_keys == ("team",)
    assert hop.source_identity == "alice"
    _config(tmp_path, f"[profile x]\nrole_arn = {_ROLE}A\nsource_profile = work\nsession_tags = team\n")
    with pytest.raises(UnusableSettings, match="`session_tags` of profile `x`"):
        read_chain("x")


def test_a_role_without_a_key_behind_it_has_no_device_of_its_own(tmp_path: Path) -> None:
    _config(tmp_path, f"[profile x]\nrole_arn = {_ROLE}A\ncredential_source = Environment\n")
    chain = read_chain("x")
    assert not isinstance(chain.source, AwsProfile)
    with pytest.raises(NotALongTermKey):
        _ = chain.key
