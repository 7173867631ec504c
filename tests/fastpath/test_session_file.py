from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchword.fastpath import session_file
from watchword.fastpath.session_file import BrokenSessionFile, Credentials, UnsafeSessionFile

CREDENTIALS = Credentials(
    access_key_id="ASIAEXAMPLE",
    secret_access_key="the-secret",
    session_token="the-token",
    expires_at=datetime(2026, 3, 1, 12, 30, tzinfo=UTC),
)
ABOUT = {"profile": "work", "account": "123456789012"}


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "one.session")


def test_what_is_written_is_read(path: str) -> None:
    session_file.write(path, CREDENTIALS, ABOUT)
    assert session_file.read(path) == (CREDENTIALS, ABOUT)


def test_the_first_line_is_what_a_credential_process_prints(path: str) -> None:
    session_file.write(path, CREDENTIALS, ABOUT)
    first, second = Path(path).read_text().splitlines()
    assert json.loads(first) == {
        "Version": 1,
        "AccessKeyId": "ASIAEXAMPLE",
        "SecretAccessKey": "the-secret",
        "SessionToken": "the-token",
        "Expiration": "2026-03-01T12:30:00Z",
    }
    assert json.loads(second) == ABOUT


def test_the_sdk_accepts_the_first_line(path: str) -> None:
    botocore_credentials = pytest.importorskip("botocore.credentials")
    session_file.write(path, CREDENTIALS, ABOUT)
    provider = botocore_credentials.ProcessProvider(
        "work", lambda: {"profiles": {"work": {"credential_process": f"head -1 {path}"}}}
    )
    loaded = provider._retrieve_credentials_using(f"head -1 {path}")
    assert loaded["access_key"] == "ASIAEXAMPLE"
    assert loaded["expiry_time"] == "2026-03-01T12:30:00Z"


def test_it_is_readable_by_its_owner_alone_whatever_the_umask(path: str) -> None:
    before = os.umask(0)
    try:
        session_file.write(path, CREDENTIALS, ABOUT)
    finally:
        os.umask(before)
    assert Path(path).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_or_write_is_refused(path: str, mode: int) -> None:
    session_file.write(path, CREDENTIALS, ABOUT)
    Path(path).chmod(mode)
    with pytest.raises(UnsafeSessionFile, match=f"mode {mode:04o}"):
        session_file.read(path)


def test_a_link_is_not_followed(path: str, tmp_path: Path) -> None:
    session_file.write(path, CREDENTIALS, ABOUT)
    link = tmp_path / "link"
    link.symlink_to(path)
    with pytest.raises(OSError, match="symbolic links"):
        session_file.read(str(link))


def test_a_pipe_does_not_make_it_wait(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    with pytest.raises(UnsafeSessionFile):
        session_file.read(str(pipe))


def _with(name: str, value: object) -> bytes:
    return json.dumps(json.loads(CREDENTIALS.process_json()) | {name: value}).encode() + b"\n{}\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"null\n{}\n",
        b"\xff\xfe\n{}\n",
        b"[]\n[]\n",
        _with("Version", 2),
        _with("SessionToken", ""),
        _with("SessionToken", None),
        _with("SecretAccessKey", 5),
        _with("Expiration", "2026-01-01T00:00:00"),
        _with("Expiration", "soon"),
        CREDENTIALS.process_json().encode() + b"\nnot json\n",
        CREDENTIALS.process_json().encode() + b"\n[]\n",
        CREDENTIALS.process_json().encode(),
    ],
)
def test_anything_else_is_broken_and_not_quoted(path: str, content: bytes) -> None:
    session_file.replace(path, "")
    Path(path).write_bytes(content)
    with pytest.raises(BrokenSessionFile) as caught:
        session_file.read(path)
    assert str(caught.value) == path
    assert caught.value.__suppress_context__


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "one.session"
    session_file.write(str(path), CREDENTIALS, ABOUT)
    script = (
        "import resource, sys\nfrom watchword.fastpath import session_file\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "try:\n    session_file.replace(sys.argv[1], 'x' * 100)\nexcept OSError:\n    print('refused')\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert result.stdout == "refused\n"
    assert session_file.read(str(path)) == (CREDENTIALS, ABOUT)
    assert list(tmp_path.iterdir()) == [path]


def test_readers_never_see_half_a_file(path: str) -> None:
    session_file.write(path, CREDENTIALS, ABOUT)
    script = (
        "import sys\nfrom watchword.fastpath import session_file\n"
        "for n in range(300):\n    session_file.replace(sys.argv[1], sys.argv[2])\n"
    )
    text = Path(path).read_text()
    writers = [subprocess.Popen([sys.executable, "-c", script, path, text]) for _ in range(2)]
    while any(writer.poll() is None for writer in writers):
        assert session_file.read(path) == (CREDENTIALS, ABOUT)
    assert [writer.returncode for writer in writers] == [0, 0]


def test_secrets_do_not_print() -> None:
    for text in (repr(CREDENTIALS), str(CREDENTIALS), f"{CREDENTIALS}"):
        assert "the-secret" not in text
        assert "the-token" not in text
        assert "•••" in text


def test_it_needs_little_of_the_standard_library() -> None:
    script = "import sys; import watchword.fastpath.session_file; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"dataclasses", "typing", "click", "inspect", "pathlib"} & set(loaded.stdout.split())
