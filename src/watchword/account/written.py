"""YAML as it is written: plain values, each with its line and column.

Only what JSON has is taken out of YAML: texts, whole numbers, true and false, null, lists and mappings.
A date (`2012-10-17`) or a `no` stays the text that it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import yaml

from watchword.errors import short

Path: TypeAlias = tuple[str | int, ...]

_MAX_VALUES: Final = 100_000
_MAX_DEPTH: Final = 64
_WHOLE_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_HALF_A_SIGN: Final = re.compile(r"[\ud800-\udfff]")
_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}
_TAG: Final = "tag:yaml.org,2002:"
_TAGS: Final = frozenset(
    _TAG + name
    for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value")
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class FileProblem:
    """One thing that is wrong: the file, line and column (from 1) where it stands, and what was expected."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


@dataclass(slots=True, kw_only=True)
class Written:
    """A file that was read: its value, where each part of it stands, and what is wrong with it as YAML.

    Places are lines and columns, from 1, by the path to a value; `keys` are those of the keys.
    """

    file: str
    value: Any = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[FileProblem] = field(default_factory=list)

    def problem(self, path: Path, message: str, *, key: bool = False) -> FileProblem:
        """Return a problem at a value, or at the `key` that leads to it."""
        found = self.keys.get(path) if key else None
        while found is None:
            found = self.places.get(path)
            if found is None and not path:
                found = (1, 1)
            path = path[:-1]
        return FileProblem(file=self.file, line=found[0], column=found[1], message=message)


def read_yaml(text: str, *, file: str) -> Written:
    """Return what stands in a YAML text. Never raises: what is wrong is in `problems`."""
    written = Written(file=file)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        written.problems.append(_syntax_problem(file, error))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        written.problems.append(
            FileProblem(file=file, line=line, column=column, message="no text file has this sign")
        )
    except RecursionError:
        written.problems.append(_too_much(file))
    else:
        if node is not None:
            written.value = _Reading(written).value(node, ())
    return written


def _syntax_problem(file: str, error: yaml.MarkedYAMLError) -> FileProblem:
    mark = error.problem_mark or error.context_mark
    line, column = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
    what = error.problem or error.context or "it cannot be read"
    return FileProblem(file=file, line=line, column=column, message=f"not YAML: {what}")


def _too_much(file: str) -> FileProblem:
    return FileProblem(file=file, line=1, column=1, message="too large, or nested too deeply")


class _Reading:
    """One pass over the nodes of a file."""

    def __init__(self, written: Written) -> None:
        self._written = written
        self._left = _MAX_VALUES

    def value(self, node: yaml.Node, path: Path) -> Any:  # noqa: ANN401 - whatever stands there
        """Return the value of a node, and note where it stands."""
        self._left -= 1
        if self._left < 0 or len(path) > _MAX_DEPTH:
            if not self._written.problems or self._written.problems[-1] != _too_much(self._written.file):
                self._written.problems.append(_too_much(self._written.file))
            return None
        self._written.places[path] = _place(node)
        if node.tag not in _TAGS:
            self._add(node, f"`{short(node.tag)}`: tags have no meaning here")
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path)
            case yaml.SequenceNode():
                return [self.value(each, (*path, index)) for index, each in enumerate(node.value)]
            case yaml.ScalarNode():
                if _HALF_A_SIGN.search(node.value):
                    self._add(node, "half a sign (`\\ud800` to `\\udfff`) is no text")
                return _scalar(node)
            case _:
                return None

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._add(key_node, "a key must be a text")
                continue
            key = key_node.value
            if key in found:
                self._add(key_node, f"`{short(key)}` stands here twice")
                continue
            self._written.keys[(*path, key)] = _place(key_node)
            found[key] = self.value(value_node, (*path, key))
        return found

    def _add(self, node: yaml.Node, message: str) -> None:
        line, column = _place(node)
        self._written.problems.append(
            FileProblem(file=self._written.file, line=line, column=column, message=message)
        )


def _scalar(node: yaml.ScalarNode) -> str | int | bool | None:
    text: str = node.value
    if node.style is not None or node.tag == _TAG + "str":  # quoted, or a block: text, whatever it says
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else text


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
