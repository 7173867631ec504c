"""What a rule may read: one document, what it is for, and the actions that exist."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Final

from watchword.iam.errors import PolicySyntaxError
from watchword.iam.parse import parse_policy
from watchword.iam.policy import Policy, PolicyKind
from watchword.iam.universe import Universe

_TRUST_ACTIONS: Final = ("sts:assumerole", "sts:tagsession", "sts:setsourceidentity", "sts:setcontext")


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
    _matched: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def matching(self, pattern: str) -> tuple[str, ...]:
        """Return the actions that an entry of `Action` covers, as AWS writes them: `iam:Get*`, `*`.

        Kept for as long as the subject is: many rules ask for the same entries.
        """
        found = self._matched.get(pattern)
        if found is None:
            found = self._matched[pattern] = self.universe.matching(pattern)
        return found


def read_subject(
    text: str,
    *,
    name: str,
    universe: Universe,
    kind: PolicyKind | None = None,
    attached_to: AttachedTo | None = None,
) -> Subject:
    """Return a document as the rules read it.

    `name` is what the document is called, `kind` what it is for; None: see `infer_kind`, by whose grammar it
    is then read. Raises PolicySyntaxError for a text that is no policy of its kind.
    """
    policy = parse_policy(text, name=name, kind=_inferred_grammar(text, name) if kind is None else kind)
    return Subject(
        policy=policy,
        text=text,
        kind=infer_kind(policy) if kind is None else kind,
        universe=universe,
        attached_to=attached_to,
    )


def infer_kind(policy: Policy) -> PolicyKind:
    """Return what a document is for, judged by whom and what it names.

    Without principals it is an identity policy (a service control policy looks the same: only who wrote
    it knows). With them it is a trust policy when all its actions are those of taking a role, else a
    resource's policy.
    """
    if all(each.principals is None for each in policy.statements):
        return PolicyKind.IDENTITY
    actions = [each.text.lower() for statement in policy.statements for each in statement.actions]
    is_trust = all(each.startswith(_TRUST_ACTIONS) for each in actions)
    return PolicyKind.TRUST if is_trust else PolicyKind.RESOURCE


def _inferred_grammar(text: str, name: str) -> PolicyKind | None:
    """Return the kind by whose grammar a document is read.

    None, which takes the elements of all, for what does not parse even so, and for a resource's policy: in
    some services, as ECR, it lacks `Resource`.
    """
    try:
        kind = infer_kind(parse_policy(text, name=name))
    except PolicySyntaxError:
        return None
    return None if kind is PolicyKind.RESOURCE else kind
