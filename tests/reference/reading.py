"""A case of `policy test`, taken apart: the question, and the policies as lists of statements."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One key under one operator, with the values of the policy as texts."""

    operator: str
    key: str
    values: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement. A field that the document does not have is None."""

    allows: bool
    has_variables: bool
    principals: dict[str, list[str]] | None
    not_principals: dict[str, list[str]] | None
    actions: list[str] | None
    not_actions: list[str] | None
    resources: list[str] | None
    not_resources: list[str] | None
    conditions: list[Condition]


Policy: TypeAlias = list[Statement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A case without what it expects. `None` for a policy: the case does not have one."""

    principal: str
    session_of: str | None
    credential: str | None
    code: bool
    service_rules: bool
    action: str
    resource: str
    resource_account: str | None
    context: JsonObject
    unknown: list[str]
    identity: list[Policy]
    boundaries: list[Policy]
    session: list[Policy]
    service_control: list[list[Policy]]
    resource_control: list[list[Policy]]
    endpoint: list[Policy]
    resource_policy: Policy | None
    trust: Policy | None


def read_question(case: JsonObject, read: Callable[[str], str]) -> Question:
    """Take one decoded case apart; `read` gives the text of a policy that is named by its path."""

    def policy(document: JsonObject | str) -> Policy:
        return read_policy(json.loads(read(document)) if isinstance(document, str) else document)

    def policies(field: str) -> list[Policy]:
        return [policy(document) for document in case.get(field) or []]

    def levels(field: str) -> list[list[Policy]]:
        return [[policy(document) for document in level] for level in case.get(field) or []]

    def one(field: str) -> Policy | None:
        return policy(case[field]) if case.get(field) is not None else None

    return Question(
        principal=case["principal"],
        session_of=case.get("session_of"),
        credential=case.get("credential"),
        code=case.get("code", False),
        service_rules=case.get("service_rules", True),
        action=case["action"],
        resource=case["resource"],
        resource_account=case.get("resource_account"),
        context=case.get("context") or {},
        unknown=[key.lower() for key in case.get("unknown") or []],
        identity=policies("identity_policies"),
        boundaries=policies("permissions_boundaries"),
        session=policies("session_policies"),
        service_control=levels("service_control_policies"),
        resource_control=levels("resource_control_policies"),
        endpoint=policies("endpoint_policies"),
        resource_policy=one("resource_policy"),
        trust=one("trust_policy"),
    )


def read_policy(document: JsonObject) -> Policy:
    """Read a document's statements.

    Variables need Version 2012-10-17; a missing Version is 2008-10-17.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    """
    has_variables = document.get("Version") == "2012-10-17"
    return [_statement(statement, has_variables) for statement in _list(document["Statement"])]


def _statement(statement: JsonObject, has_variables: bool) -> Statement:
    return Statement(
        allows=statement["Effect"] == "Allow",
        has_variables=has_variables,
        principals=_principals(statement.get("Principal")),
        not_principals=_principals(statement.get("NotPrincipal")),
        actions=_texts(statement.get("Action")),
        not_actions=_texts(statement.get("NotAction")),
        resources=_texts(statement.get("Resource")),
        not_resources=_texts(statement.get("NotResource")),
        conditions=[
            Condition(operator=operator, key=key.lower(), values=[_text(value) for value in _list(values)])
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        ],
    )


def _principals(element: str | JsonObject | None) -> dict[str, list[str]] | None:
    if element is None:
        return None
    if isinstance(element, str):
        return {"*": [element]}
    return {kind: [_text(name) for name in _list(names)] for kind, names in element.items()}


def _texts(element: object) -> list[str] | None:
    return None if element is None else [_text(value) for value in _list(element)]


def _list(element: Any) -> list[Any]:  # noqa: ANN401 (any JSON value)
    # AWS takes a single value for a list of one.
    return element if isinstance(element, list) else [element]


def _text(value: object) -> str:
    # JSON `true` and `3600` equal "true" and "3600".
    return value if isinstance(value, str) else json.dumps(value)
