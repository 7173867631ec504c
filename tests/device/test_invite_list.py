"""What administrators call a list of people."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchword.device.errors import BadList
from watchword.device.invite_list import parse_list, read_list
from watchword.device.invite_person import Person


def names(data: bytes) -> list[str]:
    return [person.user_name for person in parse_list(data, name="users.csv").people]


@pytest.mark.parametrize(
    "data",
    [
        b"user\nalice\nbob\n",
        b"alice\nbob\n",
        b"alice\r\nbob",
        b"\n  alice  \n\n\nbob\n\n",
        b"\xef\xbb\xbfuser,name\r\nalice,A\r\nbob,B\r\n",
        "user;name\nalice;Müller\nbob;B\n".encode(),
        b"name\tUserName\nA\talice\nB\tbob\n",
        "user\tname\nalice\tÄ\nbob\tB\n".encode("utf-16"),
        b'"User name","Console sign-in URL"\n"alice","https://x"\n"bob",""\n',
        b'user,name\nalice,"Smith, Alice"\nbob,"two\nlines"\n',
        b"user_name,x\n/eng/alice,1\neng/ops/bob,2\n",
        b"user\narn:aws:iam::123456789012:user/alice\narn:aws-cn:iam::123456789012:user/eng/bob\n",
        b"user,name,\nalice,A,,\nbob\n",
    ],
)
def test_every_usual_form_names_alice_and_bob(data: bytes) -> None:
    assert names(data) == ["alice", "bob"]


def test_a_person_has_what_the_list_says_beside_the_name() -> None:
    data = b"email,user,Full Name,notes\na@example.com,alice,Alice Example,x\n,bob,,\n"
    assert parse_list(data, name="users.csv").people == (
        Person(user_name="alice", line=2, full_name="Alice Example", email="a@example.com"),
        Person(user_name="bob", line=3),
    )


def test_a_credential_report_of_aws_will_do_without_its_root() -> None:
    data = (
        b"user,arn,user_creation_time,password_enabled\n"
        b"<root_account>,arn:aws:iam::123456789012:root,2026-01-01,not_supported\n"
        b"alice,arn:aws:iam::123456789012:user/alice,2026-01-01,true\n"
    )
    listed = parse_list(data, name="report.csv")
    assert [person.user_name for person in listed.people] == ["alice"]
    assert listed.notes == ("report.csv:2: the root user is left out, it enrols in the AWS console",)


def test_a_name_that_stands_twice_is_one_person_whatever_its_case() -> None:
    listed = parse_list(b"Alice\nbob\nalice\nBOB\n", name="users.csv")
    assert [person.user_name for person in listed.people] == ["Alice", "bob"]
    assert listed.notes == (
        "users.csv:3: `alice` stands on line 1 already: left out",
        "users.csv:4: `BOB` stands on line 2 already: left out",
    )


def test_the_line_of_an_entry_counts_the_lines_inside_quotes() -> None:
    listed = parse_list(b'user,name\nalice,"a\nb\nc"\n\nbob,B\n', name="users.csv")
    assert [person.line for person in listed.people] == [2, 6]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "`users.csv` names nobody"),
        (b"user\n\n", "`users.csv` names nobody"),
        (b"name,email\nAlice,a@example.com\n", "users.csv:1 has no column for the user's name"),
        (b"user,name\nalice,A\n,B\n", "`users.csv` was not used: users.csv:3: no user name"),
        (b"name,user\nA,alice\nB\n", "users.csv:3: no user name"),
        (b"user,name\nalice,Smith, Alice\n", "users.csv:2: 3 fields where the first line has 2"),
        (b"user\nalice smith\n", "users.csv:2: `alice smith` is neither the name nor the ARN of a user"),
        (b"user\n" + b"a" * 65 + b"\n", "is neither the name nor the ARN of a user"),
        (b"user\narn:aws:iam::123456789012:role/alice\n", "is neither the name nor the ARN"),
        (b"user\narn:aws:iam::123456789012:root\n", "is neither the name nor the ARN"),
        (b'user,name\nalice,"A\nbob,B\n', "users.csv:2 is no CSV: unexpected end of data"),
        (b'user,name\n"alice"x,A\n', "users.csv:2 is no CSV"),
        (b"user\nal\xffice\n", "users.csv:2 is no text in UTF-8"),
        (b"user\nali\x00ce\n", "users.csv:2 holds a NUL byte"),
        (b"PK\x03\x04xl/workbook.xml", "`users.csv` is a workbook or an archive, not a CSV file"),
        (b"x" * (16 * 1024 * 1024 + 1), "`users.csv` is longer than 16 MB"),
        (b"user\n" + b"x" * 200_000 + b"\n", "users.csv:2 is no CSV: field larger than field limit"),
    ],
)
def test_what_is_no_list_is_one_clear_error(data: bytes, said: str) -> None:
    with pytest.raises(BadList) as raised:
        parse_list(data, name="users.csv")
    assert said in raised.value.message
    assert "\n" not in raised.value.message


def test_all_wrong_lines_are_told_at_once_the_first_five_in_full() -> None:
    data = b"user\n" + b"".join(b"no name %d\n" % number for number in range(8))
    with pytest.raises(BadList) as raised:
        parse_list(data, name="users.csv")
    assert raised.value.message.count("is neither") == 5
    assert raised.value.message.endswith("; and 3 more")


def test_a_field_of_a_list_with_secrets_is_never_repeated() -> None:
    with pytest.raises(BadList) as raised:
        parse_list(b"user,password\nhunter two,alice\n", name="users.csv")
    assert "hunter" not in raised.value.diagnostics()


def test_a_file_that_is_not_there_and_a_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(BadList, match=r"cannot read `.*/none\.csv`: no such file or directory"):
        read_list(tmp_path / "none.csv")
    with pytest.raises(BadList, match="is a directory"):
        read_list(tmp_path)
