"""Reads the case files under tests/cases: each case becomes a question to the engine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watchword.iam import (
    UNKNOWN,
    CompiledPolicy,
    ContextValue,
    CredentialKind,
    Outcome,
    PolicyKind,
    PolicySet,
    Request,
    compile_policy,
    mfa_context,
    parse_policy,
    principal_from_arn,
)

FOLDER = Path(__file__).parent.parent / "cases"
FIELDS = {
    "name",
    "identity_policies",
    "permissions_boundaries",
    "session_policies",
    "trust_policy",
    "principal",
    "credential",
    "action",
    "resource",
    "context",
    "unknown",
    "service_rules",
    "expect",
    "source",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    name: str
    request: Request
    policies: PolicySet
    expect: Outcome


def read_cases() -> list[Case]:
    return [
        _case(path, fields)
        for path in sorted(FOLDER.glob("*.json"))
        for fields in json.loads(path.read_text(encoding="utf-8"))
    ]


def _case(path: Path, fields: dict[str, Any]) -> Case:
    unknown_fields = set(fields) - FIELDS
    assert not unknown_fields, f"{path.name}: {unknown_fields}"
    assert fields["source"], f"{path.name}: {fields['name']} has no source"
    return Case(
        name=f"{path.stem}: {fields['name']}",
        request=_request(fields),
        policies=_policies(fields),
        expect=Outcome(fields["expect"]),
    )


def _request(fields: dict[str, Any]) -> Request:
    kind = CredentialKind(fields["credential"]) if "credential" in fields else None
    context: dict[str, ContextValue] = {} if kind is None else mfa_context(kind)
    for key, value in fields.get("context", {}).items():
        if value is None:
            context.pop(key, None)
        else:
            context[key] = tuple(value) if isinstance(value, list) else value
    context.update(dict.fromkeys(fields.get("unknown", ()), UNKNOWN))
    return Request(
        principal=principal_from_arn(fields["principal"]),
        action=fields["action"],
        resource=fields["resource"],
        context=context,
        credential=kind if fields.get("service_rules", True) else None,
    )


def _policies(fields: dict[str, Any]) -> PolicySet:
    boundaries = [_compiled(each, PolicyKind.IDENTITY) for each in fields.get("permissions_boundaries", ())]
    session = fields.get("session_policies")
    return PolicySet(
        identity=tuple(_compiled(each, PolicyKind.IDENTITY) for each in fields.get("identity_policies", ())),
        permissions_boundary=boundaries[0] if boundaries else None,
        session=None if session is None else tuple(_compiled(each, PolicyKind.IDENTITY) for each in session),
        trust=_compiled(fields["trust_policy"], PolicyKind.TRUST) if "trust_policy" in fields else None,
    )


def _compiled(document: str | dict[str, Any], kind: PolicyKind) -> CompiledPolicy:
    """A policy is a document, or the path of one beside the case file."""
    if isinstance(document, str):
        text, name = (FOLDER / document).read_text(encoding="utf-8"), Path(document).stem
    else:
        text, name = json.dumps(document), "policy"
    # These cases may use text that IAM's own documents cannot hold.
    exact = kind if text.isascii() else None
    return compile_policy(parse_policy(text, name=name, kind=exact))
