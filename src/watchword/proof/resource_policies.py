"""The policies of resources: of buckets, queues, topics, secrets, functions and keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watchword.iam import CompiledPolicy, PolicyKind, PolicySyntaxError
from watchword.iam._principals import OWN_SIDE
from watchword.proof.settle.subject import Subject
from watchword.proof.settle.view import Views

if TYPE_CHECKING:
    from watchword.account.model import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceDocument:
    """The policy of one resource; `service` is the prefix of its actions."""

    arn: str
    service: str
    compiled: CompiledPolicy

    @property
    def lets_in(self) -> bool:
        """Whether any statement of it allows anything."""
        return any(not rule.deny for rule in self.compiled.rules)

    @property
    def is_key(self) -> bool:
        """Whether it is a KMS key, whose policy has to allow."""
        return self.service == "kms"

    def bits_for(self, subject: Subject, views: Views) -> int:
        """Return the actions that it may let a subject do by itself.

        What it only delegates to the account the subject's own policies have to allow, and they are looked at
        anyway.
        """
        partition, account = subject.arn.split(":")[1], subject.principal.account
        bounded = subject.policies.permissions_boundary is not None
        found = 0
        for rule in self.compiled.rules:
            if rule.deny or rule.principal is None:
                continue
            named = rule.principal(subject.principal, bounded)
            if named is not None and named.needs != OWN_SIDE:
                found |= views.bits(rule, partition, account).may
        return found


def documents_of(account: Account) -> tuple[ResourceDocument, ...] | None:
    """Return the policies of an account's resources; None when they were not read.

    One that cannot be read is left out: `Account` says so.
    """
    policies = account.snapshot.resource_policies
    return None if policies is None else tuple(_read(account))


def _read(account: Account) -> Iterator[ResourceDocument]:
    for each in account.snapshot.resource_policies or ():
        kind = PolicyKind.KEY if each.service == "kms" else PolicyKind.RESOURCE
        compiled = account.library.compiled(each.document, name=f"policy of {each.arn}", kind=kind)
        if not isinstance(compiled, PolicySyntaxError):
            yield ResourceDocument(arn=each.arn, service=each.service, compiled=compiled)


def allowed_names(policy: CompiledPolicy) -> frozenset[str]:
    """Return whom the Allow statements of a policy name, as written."""
    statements = (rule.policy.statements[rule.ref.index] for rule in policy.rules if not rule.deny)
    return frozenset(each.name.text for statement in statements for each in statement.principals or ())
