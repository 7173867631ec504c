"""Trust policies name users and roles by unique ID: who is deleted and created anew is somebody else.

Source: IAM User Guide, reference_policies_elements_principal ("IAM transforms the ARN to the user's unique
principal ID").
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.wire.error import AwsError

_PINNED = "watchword_trusted_ids"


def pin_trusted(role: MotoObject, unique_ids: Mapping[str, str]) -> None:
    """Remember, on moto's role, the unique ID that each trusted ARN has now."""
    named = set(_trusted(role.assume_role_policy_document))
    setattr(role, _PINNED, {arn: unique_ids[arn] for arn in named if arn in unique_ids})


def trust_as_it_stands(role: MotoObject, unique_ids: Mapping[str, str]) -> str:
    """Return the trust policy with the unique ID in the place of every ARN that now is somebody else's."""
    text = str(role.assume_role_policy_document)
    stale = {
        arn: pinned for arn, pinned in getattr(role, _PINNED, {}).items() if unique_ids.get(arn) != pinned
    }
    if not stale:
        return text
    document = json.loads(text)
    for statement in _statements(document):
        principal = statement.get("Principal")
        if isinstance(principal, dict) and "AWS" in principal:
            named = principal["AWS"]
            principal["AWS"] = (
                stale.get(named, named) if isinstance(named, str) else [stale.get(arn, arn) for arn in named]
            )
    return json.dumps(document)


def refuse_unknown_principals(text: str, account: str, unique_ids: Mapping[str, str]) -> None:
    """Refuse a trust policy that names a user or role of this account who does not exist.

    Raises AwsError (MalformedPolicyDocument). Source: observed on AWS.
    """
    for arn in _trusted(text):
        _, _, rest = arn.partition(f":iam::{account}:")
        if rest.startswith(("user/", "role/")) and arn not in unique_ids:
            raise AwsError(
                "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{arn}"', status=400
            )


def _trusted(text: str) -> Iterator[str]:
    try:
        document = json.loads(text)
    except ValueError:
        return
    for statement in _statements(document):
        principal = statement.get("Principal")
        named = principal.get("AWS", ()) if isinstance(principal, dict) else ()
        yield from [named] if isinstance(named, str) else (arn for arn in named if isinstance(arn, str))


def _statements(document: object) -> list[dict[str, Any]]:
    statements = document.get("Statement", []) if isinstance(document, dict) else []
    return [
        each
        for each in (statements if isinstance(statements, list) else [statements])
        if isinstance(each, dict)
    ]
