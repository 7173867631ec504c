"""The results of `policy test` as one value; `policy_test_text` and `junit` are made from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Final, TypedDict

from watchword.iam import (
    Assumptions,
    Decision,
    Layer,
    LayerTrace,
    Outcome,
    StatementRef,
    principal_context,
)
from watchword.iam.cases import BrokenCase, Case, CaseProblem
from watchword.iam.signing import kinds_of

SCHEMA: Final = "watchword/policy-test/v1"

POLICIES: Final = {
    Layer.SERVICE: "the service's own rules",
    Layer.ROOT: "root",
    Layer.RESOURCE_CONTROL: "resource control policies",
    Layer.SERVICE_CONTROL: "service control policies",
    Layer.ENDPOINT: "endpoint policies",
    Layer.RESOURCE: "resource policy",
    Layer.IDENTITY: "identity policies",
    Layer.BOUNDARY: "permissions boundary",
    Layer.SESSION: "session policies",
    Layer.TRUST: "trust policy",
    Layer.KEY: "key policy",
}
_ASSUMPTIONS: Final = frozenset(field.name for field in fields(Assumptions))


class ProblemValue(TypedDict):
    """What keeps a file or a case from being read."""

    file: str
    line: int
    column: int
    message: str


class StatementValue(TypedDict):
    """A statement, and where it stands."""

    file: str
    line: int
    column: int
    sid: str | None
    index: int


class AppliedValue(StatementValue):
    """A statement whose action matches. `match`: yes, no, or unknown; `failed`: the element that did not."""

    effect: str
    match: str
    failed: str | None


class LayerValue(TypedDict):
    """One layer of the decision. `level` counts from 0, and is there for SCPs, RCPs and endpoints."""

    layer: str
    level: int | None
    outcome: str
    statements: list[AppliedValue]
    note: str | None


class CaseValue(TypedDict):
    """How one case went.

    `expected` and `actual` are null where they cannot be known: the case is broken, and `problems` says why.
    `layers` and `notes` are there for a case that failed. `warnings`: fields that are not read, and what AWS
    would refuse to store.
    """

    name: str
    file: str
    line: int
    expected: str | None
    actual: str | None
    passed: bool
    reason: str
    layer: str | None
    statements: list[StatementValue]
    missing: list[str]
    layers: list[LayerValue]
    notes: list[str]
    problems: list[ProblemValue]
    warnings: list[ProblemValue]


class FileValue(TypedDict):
    """How the cases of one file went; `problem` and `problems` say why it could not be read."""

    file: str
    cases: int
    passed: int
    failed: int
    broken: int
    problem: str | None
    problems: list[ProblemValue]


class Summary(TypedDict):
    """How many there are of each."""

    files: int
    unreadable: int
    cases: int
    passed: int
    failed: int
    broken: int


class ResultsValue(TypedDict):
    """All that `--output json` prints."""

    schema: str
    cases: list[CaseValue]
    files: list[FileValue]
    summary: Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """A file of cases and how they went; `problem` and `problems` are why it holds none that can be asked."""

    name: str
    cases: tuple[CaseValue, ...] = ()
    problem: str | None = None
    problems: tuple[CaseProblem, ...] = ()


def results_value(files: Sequence[FileResult]) -> ResultsValue:
    """Return the value that `--output json` prints and the text is made from."""
    cases = [case for file in files for case in file.cases]
    return {
        "schema": SCHEMA,
        "cases": cases,
        "files": [_file(file) for file in files],
        "summary": {
            "files": len(files),
            "unreadable": sum(file.problem is not None for file in files),
            "cases": len(cases),
            "passed": sum(case["passed"] for case in cases),
            "failed": sum(_failed(case) for case in cases),
            "broken": sum(case["actual"] is None for case in cases),
        },
    }


def case_value(entry: Case | BrokenCase) -> CaseValue:
    """Decide a case, and return how it went."""
    if isinstance(entry, BrokenCase):
        return _broken(entry)
    decision = entry.decide()
    passed = decision.outcome is entry.expect
    return {
        "name": entry.name,
        "file": entry.file,
        "line": entry.line,
        "expected": entry.expect.value,
        "actual": decision.outcome.value,
        "passed": passed,
        "reason": _reason(entry, decision),
        "layer": decision.layer.value,
        "statements": [_statement(entry, ref) for ref in decision.statements],
        "missing": list(decision.missing),
        "layers": [] if passed else [_layer(entry, layer) for layer in _ladder(entry, decision)],
        "notes": [] if passed else list(_notes(entry)),
        "problems": [],
        "warnings": [_problem(warning) for warning in entry.warnings],
    }


def _file(file: FileResult) -> FileValue:
    return {
        "file": file.name,
        "cases": len(file.cases),
        "passed": sum(case["passed"] for case in file.cases),
        "failed": sum(_failed(case) for case in file.cases),
        "broken": sum(case["actual"] is None for case in file.cases),
        "problem": file.problem,
        "problems": [_problem(problem) for problem in file.problems],
    }


def _failed(case: CaseValue) -> bool:
    return not case["passed"] and case["actual"] is not None


def _broken(case: BrokenCase) -> CaseValue:
    return {
        "name": case.name,
        "file": case.file,
        "line": case.line,
        "expected": None if case.expect is None else case.expect.value,
        "actual": None,
        "passed": False,
        "reason": "; ".join(str(problem) for problem in case.problems),
        "layer": None,
        "statements": [],
        "missing": [],
        "layers": [],
        "notes": [],
        "problems": [_problem(problem) for problem in case.problems],
        "warnings": [],
    }


def _problem(problem: CaseProblem) -> ProblemValue:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
    }


def _statement(case: Case, ref: StatementRef) -> StatementValue:
    file, place = case.place(ref)
    return {"file": file, "line": place.line, "column": place.column, "sid": ref.sid, "index": ref.index}


def _ladder(case: Case, decision: Decision) -> list[LayerTrace]:
    """Return the layers, without that of a policy which the case does not have and did not need."""
    idle = Layer.RESOURCE if case.policies.resource is None and decision.layer is not Layer.RESOURCE else None
    return [layer for layer in decision.trace if layer.layer is not idle]


def _layer(case: Case, layer: LayerTrace) -> LayerValue:
    return {
        "layer": layer.layer.value,
        "level": layer.level,
        "outcome": layer.outcome.value,
        "statements": [
            {
                **_statement(case, each.ref),
                "effect": each.effect.value,
                "match": each.match.value,
                "failed": None if each.failed is None else each.failed.value,
            }
            for each in layer.statements
        ],
        "note": layer.note,
    }


def _reason(case: Case, decision: Decision) -> str:
    """Say in a line what decided."""
    places = ", ".join(where(_statement(case, ref)) for ref in decision.statements)
    policies = POLICIES[decision.layer]
    match decision.outcome:
        case Outcome.ALLOWED:
            if places:
                return f"{places} allows it ({policies})"
            return "root is allowed by itself" if decision.layer is Layer.ROOT else f"{policies} allow it"
        case Outcome.EXPLICIT_DENY:
            return f"{places} denies it ({policies})" if places else f"the {policies} deny it"
        case Outcome.IMPLICIT_DENY:
            if decision.aws_message:
                return f"AWS refuses before any policy: {decision.aws_code}: {decision.aws_message}"
            return _silence(case, decision) or f"nothing in the {policies} allows it"
        case Outcome.UNDETERMINED:
            what = " and ".join(_hangs_on(each) for each in decision.missing)
            return f"it hangs on {what}" + (f", in {places}" if places else "")


def _silence(case: Case, decision: Decision) -> str | None:
    """Return the engine's note on a layer that refuses because no policy of its kind is given."""
    given = {Layer.RESOURCE: case.policies.resource, Layer.SESSION: case.policies.session}
    if given.get(decision.layer, ()) is not None:
        return None
    return next((layer.note for layer in decision.trace if layer.layer is decision.layer), None)


def _hangs_on(missing: str) -> str:
    """`missing` holds condition keys, fields of `Assumptions`, and in words what else was not given."""
    if missing in _ASSUMPTIONS:
        return f"the assumption `{missing}`"
    return f"`{missing}`" if ":" in missing else f"the {missing}, which is not given"


def _notes(case: Case) -> Iterator[str]:
    """Say what a case that failed may have overlooked."""
    request = case.request
    kind = request.credential
    if kind is not None and kind not in kinds_of(request.principal):
        yield f"`{request.principal.arn}` does not sign with the credential `{kind.value}`"
    if "trust_policy" in {document.field for document in case.documents.values()} and not case.policies.trust:
        yield f"`trust_policy` is not looked at: `{request.action}` is no call of sts"
    yield from _left_out(case)


def _left_out(case: Case) -> Iterator[str]:
    """Name the keys that a policy reads and AWS would send, but the case has left out."""
    texts = [document.text.lower() for document in case.documents.values()]
    for key, value in principal_context(case.request.principal).items():
        if key.lower() in case.request.folded or not any(key.lower() in text for text in texts):
            continue
        sent = f"`{value}`" if isinstance(value, str) else "a value"
        yield f"`{key}` is not in `context`, so it is absent here; AWS would send {sent}"


def where(statement: StatementValue | AppliedValue) -> str:
    """Return a statement's name and place."""
    name = statement["sid"] or f"statement {statement['index']}"
    return clean(f"`{name}` at {statement['file']}:{statement['line']}:{statement['column']}")


def clean(text: str) -> str:
    """Return a text of the user's in which no sign can command a terminal or turn the line round."""
    return text if text.isprintable() else "".join(_escaped(text))


def _escaped(text: str) -> Iterable[str]:
    return (sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text)
