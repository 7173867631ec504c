"""What a rule may read: one document, what it is for, and the actions that exist."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from watchword.iam.policy import Policy, PolicyKind
from watchword.iam.universe import Universe


class AttachedTo(enum.StrEnum):
    """Whom an identity policy is attached to."""

    USER = "user"
    GROUP = "group"
    ROLE = "role"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One document, parsed from `text`.

    `attached_to` is None where nobody said, or where it makes no sense (a bucket's policy).
    """

    policy: Policy
    text: str = field(repr=False)
    kind: PolicyKind
    universe: Universe = field(repr=False)
    attached_to: AttachedTo | None = None


def infer_kind(policy: Policy) -> PolicyKind:
    """Return what a document is for, judged by its looks.

    Without principals it is an identity policy (a service control policy looks the same: only who
    wrote it knows). With principals and without resources it is a role's trust policy.
    """
    if policy.kind is not None:
        return policy.kind
    if all(each.principals is None for each in policy.statements):
        return PolicyKind.IDENTITY
    if all(each.resources is None for each in policy.statements):
        return PolicyKind.TRUST
    return PolicyKind.RESOURCE
