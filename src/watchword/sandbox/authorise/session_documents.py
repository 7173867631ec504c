"""Sessions on managed nodes: when the document counts, too.

A call that names no document runs `SSM-SessionManagerRunShell`, and permission on the node is enough, unless
the policy asks for a check with `ssm:SessionDocumentAccessCheck`: then that document must be allowed as well.
Source: Systems Manager User Guide, getting-started-default-session-document.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from watchword.sandbox.authorise.question import ActionOnResource
from watchword.sandbox.wire.operation import Operation

CHECK: Final = "ssm:SessionDocumentAccessCheck"
DEFAULT_DOCUMENT: Final = "SSM-SessionManagerRunShell"


def with_document_check(
    operation: Operation, questions: tuple[ActionOnResource, ...], *, partition: str, account: str
) -> tuple[ActionOnResource, ...]:
    """Return what StartSession asks; any other operation asks what it asked before."""
    if (operation.service, operation.name) != ("ssm", "StartSession"):
        return questions
    checked = tuple(_asked(question, "true") for question in questions)
    if operation.params.get("DocumentName"):
        return checked
    arn = f"arn:{partition}:ssm:{operation.region}:{account}:document/{DEFAULT_DOCUMENT}"
    document = _asked(replace(questions[0], resource=arn, shown=arn), "true")
    return tuple(replace(_asked(question, "false"), instead=(*checked, document)) for question in questions)


def _asked(question: ActionOnResource, check: str) -> ActionOnResource:
    return replace(question, context={**question.context, CHECK: check})
