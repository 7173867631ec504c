"""The policies that AssumeRole limits a session by."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from watchword.iam import PolicyKind, PolicySyntaxError, parse_policy
from watchword.sandbox.identity import refusals
from watchword.sandbox.identity.session_tags import SessionTags

CHARACTERS: Final = 2048
ARNS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPolicies:
    """The inline policy as text, None when there is none, and the ARNs of the managed ones."""

    inline: str | None
    arns: tuple[str, ...]

    def packed_percent(self, tags: SessionTags) -> int:
        """Return how much of the room for policies and tags is taken; 0 when there are none.

        How AWS packs is its own; here one character takes one, and tags alone never take too much.
        Source: API_AssumeRole (PackedPolicySize).
        """
        of_tags = sum(len(key) + len(value) for key, value in tags.all.items())
        return min(100, _percent(self.characters + of_tags))

    @property
    def characters(self) -> int:
        """How many characters the policy and the ARNs have together."""
        return len(self.inline or "") + sum(map(len, self.arns))


def session_policies_of(params: Mapping[str, Any]) -> SessionPolicies:
    """Return the session policies that `params` of AssumeRole ask for.

    Raises AwsError: MalformedPolicyDocument; PackedPolicyTooLarge; ValidationError for more than ten ARNs.

    Source: API_AssumeRole (Policy, PolicyArns).
    """
    arns = tuple(descriptor["arn"] for descriptor in params.get("PolicyArns") or ())
    policies = SessionPolicies(inline=params.get("Policy"), arns=arns)
    if len(arns) > ARNS:
        raise refusals.too_many_policy_arns(ARNS)
    if policies.characters > CHARACTERS:
        raise refusals.packed_policy_too_large(_percent(policies.characters))
    if policies.inline is not None:
        _refuse_malformed(policies.inline)
    return policies


def _refuse_malformed(inline: str) -> None:
    try:
        parse_policy(inline, name="session policy", kind=PolicyKind.IDENTITY)
    except PolicySyntaxError:
        raise refusals.malformed_policy() from None


def _percent(characters: int) -> int:
    return math.ceil(100 * characters / CHARACTERS)
