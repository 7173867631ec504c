"""What SQS refuses to store as a queue's policy.

Source: Amazon SQS Developer Guide, sqs-creating-custom-policies and quotas-policies; the text is observed on
AWS.
"""

from __future__ import annotations

from watchword.sandbox.authorise.catalogue import actions_like
from watchword.sandbox.plane.policies.document import Document, Malformed, read, values
from watchword.sandbox.plane.policies.principals import UniqueIds, unknown_principal
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

# Source: quotas-policies.
_MOST = {"bytes": 8192, "statements": 20}


def checked(text: str, *, arn: str, account: str, unique_ids: UniqueIds) -> Document:
    """Return the document if SQS would store it as the policy of `arn`.

    Raises AwsError (InvalidAttributeValue), SandboxRefusal where it is not known whether SQS would.
    """
    try:
        document = read(text)
    except Malformed as error:
        raise invalid() from error
    for statement in document.statements:
        for action in values(statement, "Action", "NotAction"):
            if not actions_like("sqs", action):
                raise invalid()
        for resource in values(statement, "Resource", "NotResource"):
            if resource not in ("*", arn):
                raise SandboxRefusal(
                    f"what SQS answers to a policy on `{resource}` is not known; name `{arn}`"
                )
    if unknown_principal(text, unique_ids, account) is not None:
        raise invalid()
    if document.size_bytes > _MOST["bytes"] or len(document.statements) > _MOST["statements"]:
        raise SandboxRefusal("a queue's policy has at most 8192 bytes and 20 statements")
    return document


def invalid() -> AwsError:
    """Return SQS's one refusal of a policy."""
    return AwsError("InvalidAttributeValue", "Invalid value for the parameter Policy.", status=400)
