"""What SNS refuses to store as a topic's policy, and who may be in one.

Source: Amazon SNS Developer Guide, sns-access-policy-use-cases; SNS API Reference, AddPermission; the texts
are observed on AWS.
"""

from __future__ import annotations

from watchword.sandbox.plane.policies.document import Document, Malformed, read, values
from watchword.sandbox.plane.policies.principals import UniqueIds, unknown_principal
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

# Source: SNS API Reference, AddPermission; the SNS condition of CreateTopic's default policy.
_ACTIONS = frozenset(
    f"sns:{name}".lower()
    for name in (
        "AddPermission", "DeleteTopic", "GetDataProtectionPolicy", "GetTopicAttributes",
        "ListSubscriptionsByTopic", "ListTagsForResource", "Publish", "PutDataProtectionPolicy", "Receive",
        "RemovePermission", "SetTopicAttributes", "Subscribe", "TagResource", "UntagResource",
    )
)  # fmt: skip


def checked(text: str, *, arn: str, account: str, unique_ids: UniqueIds) -> Document:
    """Return the document if SNS would store it as the policy of `arn`.

    Raises AwsError (InvalidParameter), SandboxRefusal where it is not known whether SNS would.
    """
    try:
        document = read(text)
    except Malformed as error:
        raise invalid("Policy Error: null") from error
    for statement in document.statements:
        for action in values(statement, "Action", "NotAction"):
            if not is_action(action):
                raise invalid("Policy statement action out of service scope!")
        for resource in values(statement, "Resource", "NotResource"):
            if resource != arn:
                raise SandboxRefusal(
                    f"what SNS answers to a policy on `{resource}` is not known; name `{arn}`"
                )
    if unknown_principal(text, unique_ids, account) is not None:
        raise invalid("Policy Error: PrincipalNotFound")
    return document


def is_action(action: str) -> bool:
    """Tell whether an action (`SNS:Publish`) may be in a topic's policy."""
    return action.lower() in _ACTIONS


def invalid(message: str) -> AwsError:
    """Return SNS's refusal of a parameter."""
    return AwsError("InvalidParameter", f"Invalid parameter: {message}", status=400)
