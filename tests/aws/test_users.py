"""The users of an account, and a client that is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from aws.key_profile import key_profile
from local_aws import LocalAws
from watchword.aws import AwsProfile, Refusal, Signed
from watchword.aws.kept_client import kept_client
from watchword.aws.users import active_access_keys, get_user, has_password, list_users


class Scripted:
    """Answers in the order that was written down, and remembers what was asked."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def call(self, service: str, operation: str, *, _attempts: int = 2, **params: Any) -> dict[str, Any]:  # noqa: ANN401 AWS's own shapes
        self.asked.append((f"{service}:{operation}", dict(params)))
        return self._answers.pop(0)


def page(*names: str, marker: str | None = None) -> dict[str, Any]:
    users = [{"UserName": name, "Arn": f"arn:aws:iam::123456789012:user/{name}"} for name in names]
    return {"Users": users, "IsTruncated": marker is not None, **({"Marker": marker} if marker else {})}


def test_every_page_of_users_is_read() -> None:
    signed = Scripted(page("a", "b", marker="m1"), page(marker="m2"), page("c"))
    assert [user.name for user in list_users(signed)] == ["a", "b", "c"]
    assert [params for _, params in signed.asked] == [{}, {"Marker": "m1"}, {"Marker": "m2"}]


@pytest.fixture
def signed(sandbox: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Signed:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    return key_profile("root")


def test_a_client_that_is_kept_answers_from_many_threads(sandbox: LocalAws, signed: Signed) -> None:
    names = [f"user{number}" for number in range(6)]
    for name in names:
        sandbox.client("iam").create_user(UserName=name)
    kept = kept_client(signed, "iam", at_once=4)
    with ThreadPoolExecutor(4) as pool:
        assert [user.name for user in pool.map(lambda name: get_user(kept, name), names)] == names
    with pytest.raises(Refusal, match="NoSuchEntity"):
        get_user(kept, "nobody")
    with pytest.raises(ValueError, match="a client of iam cannot call sts"):
        kept.call("sts", "GetCallerIdentity")


def test_a_client_that_is_kept_shows_no_secret(sandbox: LocalAws, signed: Signed) -> None:
    assert sandbox.secret_access_key not in repr(kept_client(signed, "iam", at_once=1))
    assert isinstance(signed, AwsProfile)
    assert sandbox.secret_access_key not in repr(signed.signing)


def test_whoever_keeps_no_clients_signs_as_before() -> None:
    scripted = Scripted()
    assert kept_client(scripted, "iam", at_once=1) is scripted


def test_passwords_and_active_keys_are_told(sandbox: LocalAws, signed: Signed) -> None:
    iam = sandbox.client("iam")
    iam.create_user(UserName="bob")
    assert (has_password(signed, "bob"), active_access_keys(signed, "bob")) == (False, 0)
    iam.create_login_profile(UserName="bob", Password="aB3$aB3$aB3$")
    key = iam.create_access_key(UserName="bob")["AccessKey"]["AccessKeyId"]
    assert (has_password(signed, "bob"), active_access_keys(signed, "bob")) == (True, 1)
    iam.update_access_key(UserName="bob", AccessKeyId=key, Status="Inactive")
    assert active_access_keys(signed, "bob") == 0
