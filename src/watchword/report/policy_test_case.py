"""How one case went, and what is said of it: what decided, and what the case may have overlooked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Final

from watchword.errors import printable
from watchword.iam import (
    Assumptions,
    Decision,
    Layer,
    LayerTrace,
    Outcome,
    StatementRef,
    principal_context,
)
from watchword.iam.cases import BrokenCase, Case
from watchword.iam.signing import kinds_of
from watchword.report.policy_test import AppliedValue, CaseValue, LayerValue, StatementValue, problem_value

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


def case_value(case: Case, decision: Decision) -> CaseValue:
    """Return how a case went that got this decision."""
    passed = decision.outcome is case.expect
    return {
        "name": case.name,
        "file": case.file,
        "line": case.line,
        "expected": case.expect.value,
        "actual": decision.outcome.value,
        "passed": passed,
        "reason": _reason(case, decision),
        "layer": decision.layer.value,
        "statements": [_statement(case, ref) for ref in decision.statements],
        "missing": list(decision.missing),
        "layers": [] if passed else [_layer(case, layer) for layer in _ladder(case, decision)],
        "notes": [] if passed else list(_notes(case)),
        "problems": [],
        "warnings": [problem_value(warning) for warning in case.warnings],
    }


def broken_value(case: BrokenCase) -> CaseValue:
    """Return why a case could not be asked."""
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
        "problems": [problem_value(problem) for problem in case.problems],
        "warnings": [],
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
    return printable(f"`{name}` at {statement['file']}:{statement['line']}:{statement['column']}")
