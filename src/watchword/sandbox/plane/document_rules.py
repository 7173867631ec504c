"""moto's rules for policy documents, where AWS's are known to be others.

AWS stores `arn:aws:iam::*` (observed: it is in a published walk-through); moto refuses an ARN whose resource
part is not one of those that it knows.
"""

from __future__ import annotations

import json
from typing import Any

_ARN_PARTS = 6


def let_aws_validate() -> None:
    """Replace moto's validator of identity policies in its IAM by one that reads short ARNs as AWS does."""
    from moto.iam import models
    from moto.iam.policy_validation import IAMPolicyDocumentValidator

    if models.IAMPolicyDocumentValidator is not IAMPolicyDocumentValidator:
        return

    class ShortArnsValidator(IAMPolicyDocumentValidator):  # type: ignore[misc]
        def __init__(self, policy_document: str) -> None:
            super().__init__(with_short_arns_widened(policy_document))

    models.IAMPolicyDocumentValidator = ShortArnsValidator


def with_short_arns_widened(text: str) -> str:
    """Return the document with `*` for every resource that ends in a wildcard before its sixth part."""
    try:
        document = json.loads(text)
    except ValueError:
        return text
    statements = document.get("Statement") if isinstance(document, dict) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        if isinstance(statement, dict):
            for element in ("Resource", "NotResource"):
                if element in statement:
                    statement[element] = _widened(statement[element])
    return json.dumps(document)


def _widened(value: Any) -> Any:
    if isinstance(value, list):
        return [_widened(each) for each in value]
    short = isinstance(value, str) and value.startswith("arn:") and value.count(":") < _ARN_PARTS - 1
    wildcard = short and value.endswith("*")
    return "*" if wildcard else value
