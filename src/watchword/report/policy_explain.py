"""One decision explained, as data and as text. The text is rendered from the data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watchword.iam import UNKNOWN, ConditionTrace, ContextValue, LayerTrace, StatementRef, StatementTrace
from watchword.iam.change import (
    AddStatement,
    SendCode,
    SetKey,
    Step,
    TakeAwayCondition,
    TakeAwayStatement,
    UseCredential,
)
from watchword.iam.explanation import Change, Explanation, Turn

EXPLAIN_SCHEMA = "watchword/policy-explain/v1"


def explain_value(explanation: Explanation, *, notes: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return an explanation as `watchword/policy-explain/v1`; `notes` are what was taken to be so."""
    decision, question = explanation.decision, explanation.question
    return {
        "schema": EXPLAIN_SCHEMA,
        "request": _request(explanation),
        "outcome": decision.outcome.value,
        "layer": decision.layer.value,
        "statements": [_ref(each) for each in decision.statements],
        "missing": list(decision.missing),
        "in_every_mfa_state": decision.in_every_mfa_state,
        "aws_code": decision.aws_code,
        "aws_message": decision.aws_message,
        "layers": [_layer(each, explanation) for each in explanation.layers],
        "turns": [_turn(each) for each in explanation.turns],
        "service_rules": question.request.credential is not None,
        "notes": list(notes),
    }


def _request(explanation: Explanation) -> dict[str, Any]:
    question = explanation.question
    request = question.request
    context = request.context
    return {
        "principal": request.principal.arn,
        "credential": question.signed_with.value if question.signed_with else None,
        "action": request.action,
        "resource": request.resource,
        "resource_account": request.resource_account,
        "cross_account": request.cross_account,
        "with_code": request.trust_context is not None,
        "context": {key: _plain(value) for key, value in context.items() if value is not UNKNOWN},
        "unknown": [key for key, value in context.items() if value is UNKNOWN],
    }


def _plain(value: ContextValue) -> str | list[str]:
    return list(value) if isinstance(value, tuple) else str(value)


def _ref(ref: StatementRef) -> dict[str, Any]:
    return {
        "policy": ref.policy,
        "sid": ref.sid,
        "index": ref.index,
        "line": ref.line,
        "column": ref.column,
    }


def _layer(layer: LayerTrace, explanation: Explanation) -> dict[str, Any]:
    return {
        "layer": layer.layer.value,
        "level": layer.level,
        "outcome": layer.outcome.value,
        "note": layer.note,
        "statements": [_statement(each, layer, explanation) for each in layer.statements],
    }


def _statement(statement: StatementTrace, layer: LayerTrace, explanation: Explanation) -> dict[str, Any]:
    return {
        **_ref(statement.ref),
        "effect": statement.effect.value,
        "match": statement.match.value,
        "failed": statement.failed.value if statement.failed else None,
        "missing": list(statement.missing),
        "conditions": [_condition(each, layer, explanation) for each in statement.conditions],
    }


def _condition(condition: ConditionTrace, layer: LayerTrace, explanation: Explanation) -> dict[str, Any]:
    found = explanation.found(layer.layer, condition.key)
    state = "absent" if found is None else "unknown" if found is UNKNOWN else "present"
    return {
        "operator": condition.operator,
        "key": condition.key,
        "values": list(condition.values),
        "line": condition.line,
        "column": condition.column,
        "match": condition.match.value,
        "found": {"state": state, "value": None if found is None or found is UNKNOWN else _plain(found)},
    }


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "to": "allowed" if turn.to_allow else "denied",
        "complete": turn.complete,
        "changes": [_change(each) for each in turn.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "outcome": change.outcome.value,
        "steps": [dict(_step(each)) for each in change.steps],
        "without_mfa": [kind.value for kind in change.without_mfa],
    }


def _step(step: Step) -> Iterator[tuple[str, Any]]:
    match step:
        case UseCredential():
            yield from {"change": "credential", "credential": step.kind.value}.items()
        case SendCode():
            yield from {"change": "code", "sent": step.sent}.items()
        case SetKey():
            yield from {"change": "key", "key": step.key, "value": step.value}.items()
        case TakeAwayStatement():
            yield "change", "take-away-statement"
            yield from _where(step)
        case TakeAwayCondition():
            yield "change", "take-away-condition"
            yield from _where(step)
            yield from {"operator": step.operator, "key": step.key}.items()
        case AddStatement():
            yield "change", "add-statement"
            yield from {"layer": step.layer.value, "level": step.level}.items()
            yield "document", step.document


def _where(step: TakeAwayStatement | TakeAwayCondition) -> Iterator[tuple[str, Any]]:
    yield from {"layer": step.layer.value, "level": step.level, "effect": step.effect.value}.items()
    yield "statement", _ref(step.statement)
