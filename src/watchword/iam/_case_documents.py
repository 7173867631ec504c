"""The policies that cases name: read once, compiled once, and found again when one of them decides."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from watchword.errors import WatchwordError
from watchword.iam._case_text import CaseText, Value
from watchword.iam.compile import CompiledPolicy, compile_policy
from watchword.iam.errors import PolicySyntaxError, Problem
from watchword.iam.parse import parse_policy
from watchword.iam.policy import Place, Policy, PolicyKind
from watchword.iam.policy_set import PolicySet

Read = Callable[[str], str]
"""Returns the text of a policy by its path, as the case file has it. May raise WatchwordError or OSError."""

Show = Callable[[str], str]
"""Returns how such a path is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseProblem:
    """One thing that is wrong: where (1-based), and what was expected."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDocument:
    """A policy that a case names.

    - `field`: where the case names it: `trust_policy`, `identity_policies[0]`.
    - `name`: what the decision's statements call it: the field, or the path of its file as it is shown.
    - `file`, `line`, `column`: where its text begins; `quoted` says that the case file holds it as a
      string, so that its lines are not lines of that file.
    """

    field: str
    name: str
    kind: PolicyKind
    text: str
    file: str
    line: int
    column: int
    quoted: bool = False

    def place(self, place: Place) -> Place:
        """Return where something in the document stands in `file`; for a quoted one, where that begins."""
        if self.quoted:
            return Place(line=self.line, column=self.column)
        indent = self.column - 1 if place.line == 1 else 0
        return Place(line=self.line + place.line - 1, column=indent + place.column)


class Library:
    """Policies by their text, and sets of them: what several cases share is made ready once."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str, PolicyKind], CompiledPolicy] = {}
        self._sets: dict[PolicySetKey, PolicySet] = {}

    def compiled(self, document: CaseDocument) -> CompiledPolicy:
        """Return the document compiled; raise PolicySyntaxError."""
        key = (document.text, document.name, document.kind)
        found = self._compiled.get(key)
        if found is None:
            policy = parse_policy(document.text, name=document.name, kind=document.kind, stored=False)
            found = self._compiled[key] = compile_policy(policy)
        return found

    def policy_set(self, key: PolicySetKey) -> PolicySet:
        """Return the set of these policies; raise ValueError as it does."""
        found = self._sets.get(key)
        if found is None:
            found = self._sets[key] = key.policy_set()
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySetKey:
    """The fields of a `PolicySet`, by which one is found again."""

    identity: tuple[CompiledPolicy, ...]
    permissions_boundary: CompiledPolicy | None
    session: tuple[CompiledPolicy, ...] | None
    trust: CompiledPolicy | None
    resource: CompiledPolicy | None
    service_control: tuple[tuple[CompiledPolicy, ...], ...]
    resource_control: tuple[tuple[CompiledPolicy, ...], ...]
    endpoint: tuple[CompiledPolicy, ...] | None

    def policy_set(self) -> PolicySet:
        """Return the set."""
        return PolicySet(
            identity=self.identity,
            permissions_boundary=self.permissions_boundary,
            session=self.session,
            trust=self.trust,
            resource=self.resource,
            service_control=self.service_control,
            resource_control=self.resource_control,
            endpoint=self.endpoint,
        )


class Shelf:
    """Fetches the policies of one case file.

    `documents`, `problems` and `warnings` are those since `begin`.
    """

    def __init__(self, source: CaseText, file: str, read: Read, show: Show | None, library: Library) -> None:
        self._source = source
        self._file = file
        self._show = show or self._from_the_folder
        self._read = read
        self._library = library
        self._texts: dict[str, str | WatchwordError | OSError] = {}
        self.begin()

    def _from_the_folder(self, path: str) -> str:
        folder = self._file.rpartition("/")[0]
        return path if path.startswith("/") or not folder else f"{folder}/{path}"

    def begin(self) -> None:
        """Start with another case."""
        self.documents: dict[str, CaseDocument] = {}
        self.problems: list[CaseProblem] = []
        self.warnings: list[CaseProblem] = []

    def complain(self, at: int, message: str) -> None:
        """Note what is wrong at an offset of the case file."""
        self.problems.append(self._at(at, message))

    def warn(self, at: int, message: str) -> None:
        """Note what is odd there, and keeps nothing from being asked."""
        self.warnings.append(self._at(at, message))

    def _at(self, at: int, message: str) -> CaseProblem:
        place = self._source.place(at)
        return CaseProblem(file=self._file, line=place.line, column=place.column, message=message)

    def policy_set(self, key: PolicySetKey) -> PolicySet:
        """Return the set of a case's policies, each of which was read as its field's kind."""
        return self._library.policy_set(key)

    def policies(self, value: Value | None, field: str, kind: PolicyKind) -> tuple[CompiledPolicy, ...]:
        """Return the policies of a field that holds several; a single one will do."""
        if value is None:
            return ()
        items = self._source.items(value) if isinstance(value.value, list) else [value]
        found = (self.policy(item, f"{field}[{index}]", kind) for index, item in enumerate(items))
        return tuple(each for each in found if each is not None)

    def levels(
        self, value: Value | None, field: str, kind: PolicyKind
    ) -> tuple[tuple[CompiledPolicy, ...], ...]:
        """Return the policies of a field that holds levels, each with several."""
        if value is None:
            return ()
        items = list(self._source.items(value)) if isinstance(value.value, list) else [value]
        if len(items) > 1 and not any(isinstance(item.value, list) for item in items):
            self.complain(value.at, f"expected `{field}` to hold levels, each an array of policies")
            return ()
        return tuple(self.policies(item, f"{field}[{index}]", kind) for index, item in enumerate(items))

    def policy(self, value: Value, field: str, kind: PolicyKind) -> CompiledPolicy | None:
        """Return one policy: a document, its text in a string, or its path; None after a complaint."""
        document = self._document(value, field, kind)
        if document is None:
            return None
        self.documents[document.name] = document
        try:
            compiled = self._library.compiled(document)
        except PolicySyntaxError as error:
            self.problems += _problems_of(document, error.problems)
            return None
        if compiled.policy.refusals:
            self.warnings += _problems_of(document, _refusals(compiled.policy))
        return compiled

    def single(self, value: Value) -> Value:
        """Return the only element of an array, or else the value itself."""
        items = list(self._source.items(value)) if isinstance(value.value, list) else []
        return items[0] if len(items) == 1 else value

    def _document(self, value: Value, field: str, kind: PolicyKind) -> CaseDocument | None:
        place = self._source.place(value.at)
        line, column = place.line, place.column
        if isinstance(value.value, dict):
            text = _NOT_STORED.sub(_escaped, self._source.text[value.at : value.end])
            return CaseDocument(
                field=field, name=field, kind=kind, text=text, file=self._file, line=line, column=column
            )
        if type(value.value) is not str:
            self.complain(value.at, f"expected a policy in `{field}`: a document, or the path of one")
            return None
        if value.value.lstrip(_WHITE).startswith("{"):
            return CaseDocument(
                field=field,
                name=field,
                kind=kind,
                text=value.value,
                file=self._file,
                line=line,
                column=column,
                quoted=True,
            )
        return self._from_path(value, value.value, field, kind)

    def _from_path(self, value: Value, path: str, field: str, kind: PolicyKind) -> CaseDocument | None:
        if path not in self._texts:
            try:
                self._texts[path] = self._read(path)
            except (WatchwordError, OSError) as error:
                self._texts[path] = error
        text = self._texts[path]
        if isinstance(text, str):
            name = self._show(path)
            return CaseDocument(field=field, name=name, kind=kind, text=text, file=name, line=1, column=1)
        why = text.message if isinstance(text, WatchwordError) else (text.strerror or str(text)).lower()
        self.complain(value.at, f"expected a policy or the path of one: {why}")
        return None


_WHITE: Final = " \t\r\n"
_NOT_STORED: Final = re.compile(r"[^\t\n\r\x20-\xff]")


def _escaped(found: re.Match[str]) -> str:
    """A document of IAM must write these characters so; the file of cases around it need not."""
    return json.dumps(found[0])[1:-1]


def _refusals(policy: Policy) -> Iterable[Problem]:
    for offset, message in policy.refusals:
        place = policy.place(offset)
        yield Problem(
            line=place.line, column=place.column, message=f"AWS would not store this policy: {message}"
        )


def _problems_of(document: CaseDocument, problems: Iterable[Problem]) -> Iterable[CaseProblem]:
    for problem in problems:
        place = document.place(Place(line=problem.line, column=problem.column))
        inside = f"line {problem.line} of the string: " if document.quoted else ""
        yield CaseProblem(
            file=document.file, line=place.line, column=place.column, message=inside + problem.message
        )
