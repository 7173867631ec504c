"""Short ways to what one rule says of one statement."""

from __future__ import annotations

import json

from lint.documents import text_of, universe
from watchword.iam import PolicyKind
from watchword.lint import AttachedTo, Finding
from watchword.lint.document import Document, examine


def look(name: str, text: str) -> Document:
    return examine(text, name=name, universe=universe())


def said(
    rule: str,
    *,
    attached_to: AttachedTo | None = None,
    kind: PolicyKind | None = None,
    **elements: object,
) -> list[Finding]:
    """What a rule says of an Allow on `*` of the elements given; `Effect` and `Resource` may be given too."""
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **elements}
    document = examine(
        text_of({name: value for name, value in statement.items() if value is not None}),
        name="policy.json",
        universe=universe(),
        kind=kind,
        attached_to=attached_to,
    )
    assert "syntax" not in {each.rule for each in document.findings}, document.findings
    return [each for each in document.findings if each.rule == rule]


def with_condition(
    rule: str,
    operator: str,
    key: str,
    value: object,
    *,
    Effect: str = "Allow",  # noqa: N803 the element's name
    Action: object = "s3:GetObject",  # noqa: N803 the element's name
) -> list[Finding]:
    return said(rule, Condition={operator: {key: value}}, Effect=Effect, Action=Action)


def fixed(text: str) -> object:
    """The document after all fixes, read."""
    return json.loads(look("policy.json", text).fixed(look)[0])
