from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from watchword.local.documents import MAX_BYTES, UnreadableDocument, read_document


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_bytes('{"Sid": "Zürich"}\r\n'.encode())
    assert read_document(str(path)) == '{"Sid": "Zürich"}\r\n'


def test_a_byte_order_mark_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_bytes(b"\xef\xbb\xbf{}")
    assert read_document(str(path)) == "{}"


def test_a_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=("{}",))
    writer.start()
    assert read_document(str(path)) == "{}"
    writer.join()


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (None, "there is no file `{path}`", "`ls {folder}` shows what is there"),
        (b"{}\n \xff", "`{path}` is no text in UTF-8: {path}:2:2 holds the byte 0xff", "JSON in UTF-8"),
        ("{}".encode("utf-16"), "`{path}` is in UTF-16, not in UTF-8", "save it as UTF-8"),
        (b" " * (MAX_BYTES + 1), "`{path}` is longer than 16 MB", "131072"),
    ],
    ids=["not there", "no UTF-8", "UTF-16", "too long"],
)
def test_what_cannot_be_read_says_why_and_what_to_do(
    tmp_path: Path, content: bytes | None, message: str, hint: str
) -> None:
    path = tmp_path / "policy.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableDocument) as raised:
        read_document(str(path))
    assert raised.value.message == message.format(path=path)
    assert hint.format(folder=tmp_path) in (raised.value.hint or "")


def test_a_document_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_bytes(b" " * MAX_BYTES)
    assert len(read_document(str(path))) == MAX_BYTES


def test_a_folder_says_how_its_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument) as raised:
        read_document(f"{tmp_path}/")
    assert raised.value.message == f"`{tmp_path}/` is a folder"
    assert raised.value.hint == f"name the files in it: `{tmp_path}/*.json`"


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument) as raised:
        read_document(f"{tmp_path}/none/policy.json")
    assert raised.value.hint == f"there is no folder `{tmp_path}/none` either"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_of_somebody_else_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.touch(mode=0o000)
    with pytest.raises(UnreadableDocument, match="may not be read"):
        read_document(str(path))


@pytest.mark.parametrize("name", ["a\0b", "a" * 300, "/dev/zero"])
def test_a_name_that_no_file_can_have_and_a_device_without_end_are_refused(name: str) -> None:
    with pytest.raises(UnreadableDocument):
        read_document(name)


def test_standard_input_is_read_once() -> None:
    program = (
        "from watchword.local.documents import read_document as read, UnreadableDocument\n"
        "print(read('-'))\n"
        "try: read('-')\n"
        "except UnreadableDocument as error: print(error.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=b"\xef\xbb\xbf{}", capture_output=True, check=True, timeout=30
    )
    assert done.stdout.decode() == "{}\nstandard input can be read only once\n"
