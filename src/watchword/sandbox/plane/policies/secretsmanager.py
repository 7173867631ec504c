"""What Secrets Manager refuses to store as a secret's policy.

Source: AWS Secrets Manager User Guide, auth-and-access_resource-policies; Secrets Manager API Reference,
PutResourcePolicy (`BlockPublicPolicy`, and its errors).
"""

from __future__ import annotations

from watchword.sandbox.authorise.catalogue import actions_like
from watchword.sandbox.plane.policies.document import Document, Malformed, read, values
from watchword.sandbox.plane.policies.principals import UniqueIds, unknown_principal
from watchword.sandbox.plane.policies.public import is_public
from watchword.sandbox.wire.error import AwsError, SandboxRefusal


def checked(text: str, *, arn: str, account: str, unique_ids: UniqueIds, block_public: bool) -> Document:
    """Return the document if Secrets Manager would store it as the policy of `arn`.

    Raises AwsError: MalformedPolicyDocumentException, or PublicPolicyException with `block_public`.
    """
    try:
        document = read(text)
    except Malformed as error:
        raise _malformed("This resource policy contains a syntax error.") from error
    for statement in document.statements:
        for action in values(statement, "Action", "NotAction"):
            if not actions_like("secretsmanager", action):
                raise SandboxRefusal(f"what Secrets Manager answers to the action `{action}` is not known")
        for resource in values(statement, "Resource", "NotResource"):
            if resource not in ("*", arn):
                raise SandboxRefusal(
                    f"what Secrets Manager answers to a policy on `{resource}` is not known; "
                    f"name `{arn}` or `*`"
                )
    if unknown_principal(text, unique_ids, account) is not None:
        raise _malformed("This resource policy contains an unsupported principal.")
    if block_public and is_public(document):
        raise AwsError(
            "PublicPolicyException",
            "You can't attach a resource-based policy that allows broad access to the secret.",
            status=400,
        )
    return document


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicyDocumentException", message, status=400)
