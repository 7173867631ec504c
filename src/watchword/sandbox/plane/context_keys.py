"""GetContextKeysForCustomPolicy and GetContextKeysForPrincipalPolicy.

Source: API_GetContextKeysForCustomPolicy, API_GetContextKeysForPrincipalPolicy; that keys are given once a
document in each of its spellings, and that boundaries count, as observed on AWS.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from watchword.iam import PolicySyntaxError, parse_policy
from watchword.iam.keys_read import keys_written
from watchword.sandbox.plane.directory import MotoDirectory
from watchword.sandbox.plane.simulate_sources import simulated_of
from watchword.sandbox.wire.error import AwsError

Params = Mapping[str, Any]


def for_custom_policy(params: Params) -> dict[str, Any]:
    """Return the keys of the policies that are given. Raises AwsError (InvalidInput)."""
    return {"ContextKeyNames": list(_keys(params["PolicyInputList"]))}


def for_principal_policy(params: Params, directory: MotoDirectory) -> dict[str, Any]:
    """Return the keys of a user's, group's or role's policies, its boundary's, and those that are given.

    Raises AwsError (InvalidInput, NoSuchEntity), SandboxRefusal.
    """
    simulated = simulated_of(params["PolicySourceArn"], directory)
    stored = [*simulated.policies, *((simulated.boundary,) if simulated.boundary else ())]
    texts = [*(params.get("PolicyInputList") or ()), *(source.text for source in stored)]
    return {"ContextKeyNames": list(_keys(texts))}


def _keys(texts: Iterable[str]) -> Iterable[str]:
    for number, text in enumerate(texts, start=1):
        try:
            policy = parse_policy(text, name=str(number))
        except PolicySyntaxError as error:
            raise AwsError(
                "InvalidInput", f"Policy input list item {number} has invalid content", status=400
            ) from error
        yield from keys_written(policy)
