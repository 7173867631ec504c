from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchword.fastpath.session_file import Credentials
from watchword.local.cache_folder import UnusableCache
from watchword.session import Session, SessionStore
from watchword.session.device import Remembered
from watchword.session.session import SessionKey

KEY = SessionKey(endpoint="aws", access_key_id="AKIAX", serial_number="arn:aws:iam::123456789012:mfa/u")
SESSION = Session(
    profile="work",
    key=KEY,
    account="123456789012",
    arn="arn:aws:iam::123456789012:user/u",
    issued_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    credentials=Credentials(
        access_key_id="ASIAX",
        secret_access_key="the-secret",
        session_token="the-token",
        expires_at=datetime(2026, 3, 1, 16, tzinfo=UTC),
    ),
)


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    (tmp_path / "cache").mkdir(mode=0o700)
    return SessionStore(tmp_path / "cache")


def test_what_is_put_is_got(store: SessionStore) -> None:
    store.put(SESSION)
    assert store.get(KEY) == SESSION


@pytest.mark.parametrize("part", ["endpoint", "access_key_id", "serial_number"])
def test_another_endpoint_key_or_device_is_another_session(store: SessionStore, part: str) -> None:
    store.put(SESSION)
    assert store.get(replace(KEY, **{part: "other"})) is None


def test_removing_twice_is_fine(store: SessionStore) -> None:
    store.put(SESSION)
    store.remove(SESSION)
    store.remove(SESSION)
    assert store.get(KEY) is None


def test_a_damaged_file_is_no_session_but_is_listed(store: SessionStore) -> None:
    store.put(SESSION)
    next(store.all()).path.write_text("garbage")
    assert store.get(KEY) is None
    (stored,) = store.all()
    assert stored.session is None
    assert "is damaged" in str(stored.problem)


def test_a_readable_file_is_refused(store: SessionStore) -> None:
    store.put(SESSION)
    next(store.all()).path.chmod(0o644)
    with pytest.raises(UnusableCache, match="can be read by others"):
        store.get(KEY)


def test_a_device_is_remembered_for_a_key_at_an_endpoint(store: SessionStore) -> None:
    store.remember_device(KEY, mfa_serial=None)
    assert store.device_of("aws", "AKIAX") == Remembered(serial_number=KEY.serial_number, mfa_serial=None)
    assert store.device_of("http://127.0.0.1:1", "AKIAX") is None
    assert store.device_of("aws", "AKIAY") is None


def test_all_of_it_is_private(store: SessionStore, tmp_path: Path) -> None:
    store.put(SESSION)
    store.remember_device(KEY, mfa_serial=None)
    for path in tmp_path.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_secrets_do_not_print() -> None:
    assert "the-secret" not in repr(SESSION)
    assert "the-token" not in repr(SESSION)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"2026-03-01T16:00:00Z"', '"0001-01-01T00:00:00+14:00"'),
        ('"2026-03-01T12:00:00Z"', '"2026-03-01T12:00:00"'),
        ('"Version": 1', '"Version": ' + "[" * 60_000),
    ],
)
def test_odd_values_in_a_file_are_damage(store: SessionStore, right: str, wrong: str) -> None:
    store.put(SESSION)
    path = next(store.all()).path
    assert right in path.read_text()
    path.write_text(path.read_text().replace(right, wrong))
    assert store.get(KEY) is None
    assert next(store.all()).problem == f"`{path}` is damaged"
