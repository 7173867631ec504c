"""Trust policies name users and roles by unique ID: who is deleted and created anew is somebody else.

Source: IAM User Guide, reference_policies_elements_principal ("IAM transforms the ARN to the user's unique
principal ID").
"""

from __future__ import annotations

from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.policies.principals import (
    UniqueIds,
    as_it_stands,
    moved,
    pinned,
    unknown_principal,
)
from watchword.sandbox.wire.error import AwsError

_PINNED = "watchword_trusted_ids"


def pin_trusted(role: MotoObject, unique_ids: UniqueIds) -> None:
    """Remember, on moto's role, the unique ID that each trusted ARN has now, of whichever account it is."""
    setattr(role, _PINNED, pinned(str(role.assume_role_policy_document), unique_ids))


def trust_as_it_stands(role: MotoObject, unique_ids: UniqueIds) -> str:
    """Return the trust policy with what stands now in the place of every ARN that is somebody else's."""
    text = str(role.assume_role_policy_document)
    stale = moved(getattr(role, _PINNED, {}), unique_ids)
    return as_it_stands(text, stale) if stale else text


def refuse_unknown_principals(text: str, account: str, unique_ids: UniqueIds) -> None:
    """Refuse a trust policy that names a user or role who does not exist, in an account of the sandbox.

    Raises AwsError (MalformedPolicyDocument). Source: observed on AWS.
    """
    unknown = unknown_principal(text, unique_ids, account)
    if unknown is not None:
        raise AwsError(
            "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{unknown}"', status=400
        )
