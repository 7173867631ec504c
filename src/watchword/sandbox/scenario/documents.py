"""The policies of a scenario: written out in it, or in files beside it; problems keep their places."""

from __future__ import annotations

import bisect
import itertools
import json
from pathlib import Path
from typing import Any

from watchword.account.written import Path as PathTo
from watchword.account.written import Written
from watchword.iam import PolicySyntaxError, parse_policy
from watchword.iam.policy import PolicyKind
from watchword.sandbox.scenario.errors import ScenarioProblem
from watchword.sandbox.scenario.model import Document


def read_document(
    written: Written, path: PathTo, *, kind: PolicyKind, folder: Path, problems: list[ScenarioProblem]
) -> Document:
    """Return the policy at `path`, of a file below `folder` if it names one; add what is wrong with it."""
    value = written.value
    for step in path:
        value = value[step]
    line, column = written.places[path]
    document = Document(text="", where=f"{written.file}:{line}:{column}")
    if set(value) == {"file"}:
        return _of_file(written, path, folder / value["file"], kind, problems) or document
    json_text = _JsonText(written)
    json_text.add(value, path)
    text = json_text.text()
    for line, column, message in _wrong_with(text, kind):
        problems.append(json_text.problem(line, column, message))
    return Document(text=text, where=document.where)


def _of_file(
    written: Written, path: PathTo, file: Path, kind: PolicyKind, problems: list[ScenarioProblem]
) -> Document | None:
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        problems.append(written.problem((*path, "file"), f"cannot read `{file}`: {why}"))
        return None
    except UnicodeDecodeError:
        problems.append(written.problem((*path, "file"), f"`{file}` is not UTF-8"))
        return None
    for line, column, message in _wrong_with(text, kind):
        problems.append(ScenarioProblem(file=str(file), line=line, column=column, message=message))
    return Document(text=text, where=f"{file}:1:1")


def _wrong_with(text: str, kind: PolicyKind) -> list[tuple[int, int, str]]:
    try:
        parse_policy(text, name="policy", kind=kind)
    except PolicySyntaxError as error:
        return [(each.line, each.column, each.message) for each in error.problems]
    return []


class _JsonText:
    """JSON that is written from YAML, with the place in the YAML of everything in it."""

    def __init__(self, written: Written) -> None:
        self._written = written
        self._chunks: list[str] = []
        self._length = 0
        self._offsets: list[int] = []
        self._paths: list[tuple[PathTo, bool]] = []

    def text(self) -> str:
        """Return the JSON."""
        return "".join(self._chunks)

    def problem(self, line: int, column: int, message: str) -> ScenarioProblem:
        """Return, at its place in the YAML, what is wrong at a line and column of the JSON."""
        lengths = [len(each) for each in self.text().splitlines(keepends=True)]
        starts = [0, *itertools.accumulate(lengths)]
        offset = starts[line - 1] + column - 1
        path, is_key = self._paths[max(bisect.bisect_right(self._offsets, offset) - 1, 0)]
        return self._written.problem(path, message, key=is_key)

    def add(self, value: Any, path: PathTo, indent: int = 0) -> None:  # noqa: ANN401 - whatever stands there
        """Write a value."""
        self._note(path)
        match value:
            case dict():
                self._braced("{}", list(value.items()), path, indent)
            case list():
                self._braced("[]", list(enumerate(value)), path, indent)
            case _:
                self._write(json.dumps(value))

    def _braced(self, braces: str, items: list[tuple[Any, Any]], path: PathTo, indent: int) -> None:
        self._write(braces[0])
        for index, (key, value) in enumerate(items):
            self._write(("," if index else "") + "\n" + "  " * (indent + 1))
            if braces == "{}":
                self._note((*path, key), is_key=True)
                self._write(json.dumps(key) + ": ")
            self.add(value, (*path, key), indent + 1)
        self._write(("\n" + "  " * indent if items else "") + braces[1])

    def _note(self, path: PathTo, *, is_key: bool = False) -> None:
        self._offsets.append(self._length)
        self._paths.append((path, is_key))

    def _write(self, text: str) -> None:
        self._chunks.append(text)
        self._length += len(text)
