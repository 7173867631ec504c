"""The list of people: a CSV file from whatever an administrator has, or one name a line."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from watchword.device.errors import BadList
from watchword.device.invite_person import Person
from watchword.errors import short

SEE: Final = "docs/devices/invite.md"
MAX_BYTES: Final = 16 * 1024 * 1024
_USER_HEADS: Final = ("user", "username", "iamuser", "iamusername")
_NAME_HEADS: Final = ("name", "fullname", "displayname")
_MAIL_HEADS: Final = ("email", "emailaddress", "mail")
_SECRET_HEADS: Final = ("password", "secretaccesskey", "secret", "accesskeyid")
_DELIMITERS: Final = (",", ";", "\t")
# Source: CreateUser, IAM API Reference (UserName).
_USER: Final = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")
_USER_ARN: Final = re.compile(r"arn:[a-z-]+:iam::(\d{12}):user(/.*)")
# Source: "Get credential reports for your AWS account", IAM User Guide: the row of the root user.
_ROOT: Final = "<root_account>"
_SHOWN: Final = 5
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_WORKBOOK: Final = b"PK\x03\x04"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class InviteList:
    """The people of a list, each once, in its order; `notes` are what its author should know."""

    people: tuple[Person, ...]
    notes: tuple[str, ...] = ()


def read_list(path: Path) -> InviteList:
    """Return the people of a file; raise `BadList` when it cannot be read, or not all of it understood."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        hint = "`--from` names a file with the people, a CSV or one name a line"
        raise BadList(f"cannot read `{path}`: {why}", hint=hint, see=SEE) from None
    return parse_list(data, name=str(path))


def parse_list(data: bytes, *, name: str) -> InviteList:
    """Return the people of a list; `name` is what errors call it.

    A CSV file needs a column for the user's name (`user`, `user_name`…); one without any delimiter is
    one name a line. A name may carry its path, or be the user's ARN. All lines that are wrong are told of
    at once, by number, and nothing of the list is used then. Raises `BadList`.
    """
    text = _decoded(data, name)
    rows = _rows(text, name)
    if not rows:
        raise BadList(f"`{name}` names nobody", hint="it needs a line for each user", see=SEE)
    columns, first = _columns(rows, name)
    return _people(rows[first:], columns, name)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    line: int
    cells: list[str]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    count: int
    user: int
    full_name: int | None
    email: int | None
    secret: tuple[str, ...]


def _decoded(data: bytes, name: str) -> str:
    if len(data) > MAX_BYTES:
        raise BadList(f"`{name}` is longer than {MAX_BYTES // 1024 // 1024} MB", see=SEE)
    if data.startswith(_WORKBOOK):
        raise BadList(
            f"`{name}` is a workbook or an archive, not a CSV file", hint="save it as `CSV UTF-8`", see=SEE
        )
    try:
        text = data.decode("utf-16" if data.startswith(_UTF16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadList(f"{name}:{line} is no text in UTF-8", hint="save it as `CSV UTF-8`", see=SEE) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise BadList(f"{name}:{line} holds a NUL byte: this is no CSV file", see=SEE)
    return text


def _rows(text: str, name: str) -> list[_Row]:
    """Return the rows that are not blank, split at the delimiter of the first one."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(first), strict=True)
    rows: list[_Row] = []
    began = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(_Row(line=began, cells=[cell.strip() for cell in cells]))
            began = reader.line_num + 1
    except csv.Error as error:
        hint = 'a quote (`"`) that stands in a field is written twice, and the field in quotes'
        raise BadList(f"{name}:{began} is no CSV: {error}", hint=hint, see=SEE) from None
    return rows


def _delimiter(line: str) -> str:
    """Return what separates the fields of a header: the sign under which it has a column for users."""
    for delimiter in _DELIMITERS:
        if any(_head(cell) in _USER_HEADS for cell in line.split(delimiter)):
            return delimiter
    return max(_DELIMITERS, key=line.count)


def _columns(rows: Sequence[_Row], name: str) -> tuple[_Columns, int]:
    """Return where what stands, and which row is the first of a person."""
    cells = rows[0].cells
    heads = [_head(cell) for cell in cells]
    user = _first(heads, _USER_HEADS)
    if user is not None:
        secret = tuple(cell for cell, head in zip(cells, heads, strict=True) if head in _SECRET_HEADS)
        return _Columns(
            count=len(cells),
            user=user,
            full_name=_first(heads, _NAME_HEADS),
            email=_first(heads, _MAIL_HEADS),
            secret=secret,
        ), 1
    if all(len(row.cells) == 1 for row in rows):
        return _Columns(count=1, user=0, full_name=None, email=None, secret=()), 0
    raise BadList(
        f"{name}:{rows[0].line} has no column for the user's name",
        hint="call that column `user` in the first line, or write one name a line and nothing else",
        see=SEE,
    )


def _head(cell: str) -> str:
    return re.sub(r"[ _\"-]", "", cell.strip(' "')).casefold()


def _first(heads: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((at for at, head in enumerate(heads) if head in wanted), None)


def _people(rows: Sequence[_Row], columns: _Columns, name: str) -> InviteList:
    people: dict[str, Person] = {}
    problems: list[str] = []
    notes = list(_about_secrets(columns, name))
    for row in rows:
        if row.cells[min(columns.user, len(row.cells) - 1)] == _ROOT:
            notes.append(f"{name}:{row.line}: the root user is left out, it enrols in the AWS console")
            continue
        found = _person(row, columns)
        if isinstance(found, str):
            problems.append(f"{name}:{row.line}: {found}")
            continue
        # Source: CreateUser, IAM API Reference: names are not distinguished by case.
        before = people.setdefault(found.user_name.casefold(), found)
        if before is not found:
            notes.append(
                f"{name}:{row.line}: `{found.user_name}` stands on line {before.line} already: left out"
            )
    if problems:
        raise _all_of(problems, name)
    if not people:
        raise BadList(f"`{name}` names nobody", hint="it needs a line for each user", see=SEE)
    return InviteList(people=tuple(people.values()), notes=tuple(notes))


def _about_secrets(columns: _Columns, name: str) -> Iterator[str]:
    if columns.secret:
        named = ", ".join(f"`{head}`" for head in columns.secret)
        yield f"{name} has columns that should be in no list ({named}): they were not used; remove them"


def _person(row: _Row, columns: _Columns) -> Person | str:
    """Return the person of a row, or what is wrong with it."""
    cells = row.cells
    if len(cells) > columns.count and any(cells[columns.count :]):
        return f"{len(cells)} fields where the first line has {columns.count}; one with a comma needs quotes"
    if columns.user >= len(cells) or not cells[columns.user]:
        return "no user name"
    given = cells[columns.user]
    arn = _USER_ARN.fullmatch(given)
    user_name = (arn.group(2) if arn else given).rpartition("/")[2]
    if not _USER.fullmatch(user_name) or (given.startswith("arn:") and not arn):
        # In a list with secrets, the wrong field may be one.
        what = "what stands there" if columns.secret else f"`{short(given)}`"
        return f"{what} is neither the name nor the ARN of a user"
    return Person(
        user_name=user_name,
        line=row.line,
        account=arn.group(1) if arn else None,
        full_name=_cell(cells, columns.full_name),
        email=_cell(cells, columns.email),
    )


def _cell(cells: Sequence[str], at: int | None) -> str | None:
    return cells[at] or None if at is not None and at < len(cells) else None


def _all_of(problems: Sequence[str], name: str) -> BadList:
    shown = "; ".join(problems[:_SHOWN])
    more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    return BadList(f"`{name}` was not used: {shown}{more}", hint="put these lines right", see=SEE)
