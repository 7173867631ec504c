"""What KMS refuses to store as a key policy.

Source: KMS API Reference, PutKeyPolicy and CreateKey; AWS KMS Developer Guide, key-policy-overview; the text
on principals is observed on AWS.
"""

from __future__ import annotations

from watchword.iam.policy import PolicyKind
from watchword.sandbox.plane.policies.document import Document, Malformed, read
from watchword.sandbox.plane.policies.principals import UniqueIds, unknown_principal
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

_MOST_BYTES = 32_768


def checked(text: str, *, account: str, unique_ids: UniqueIds) -> Document:
    """Return the document if KMS would store it. Raises AwsError (MalformedPolicyDocumentException)."""
    try:
        document = read(text, PolicyKind.KEY)
    except Malformed as error:
        # KMS's own words are not known; these are the API Reference's.
        raise malformed(
            "The request was rejected because the specified policy is not syntactically or semantically "
            "correct."
        ) from error
    if unknown_principal(text, unique_ids, account) is not None:
        raise malformed("Policy contains a statement with one or more invalid principals.")
    if len(text.encode()) > _MOST_BYTES:
        raise SandboxRefusal("a key policy has at most 32 KB")
    return document


def malformed(message: str) -> AwsError:
    """Return KMS's refusal of a policy."""
    return AwsError("MalformedPolicyDocumentException", message, status=400)
