"""The policies of resources: of buckets, queues, topics, secrets, functions and keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from watchword.iam import CompiledPolicy, NamedPrincipal, PolicyKind, PolicySyntaxError, PrincipalType
from watchword.iam._principals import OWN_SIDE
from watchword.iam.compile import Rule
from watchword.proof.settle.subject import Subject
from watchword.proof.settle.view import Views

if TYPE_CHECKING:
    from watchword.account.model import Account


_ACCOUNT: Final = re.compile(r"[0-9]{12}|arn:[^:]*:iam::[0-9]{12}:root")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceDocument:
    """The policy of one resource; `service` is the prefix of its actions, `owner` the account that has it."""

    arn: str
    service: str
    owner: str
    compiled: CompiledPolicy
    _letting_in: tuple[Rule, ...] = field(init=False, repr=False)
    """The statements that may let somebody in by themselves."""

    def __post_init__(self) -> None:
        letting_in = tuple(rule for rule in self.compiled.rules if not rule.deny and _names_more(rule))
        object.__setattr__(self, "_letting_in", letting_in)

    @property
    def is_key(self) -> bool:
        """Whether it is a KMS key, whose policy has to allow."""
        return self.service == "kms"

    def bits_for(self, subject: Subject, views: Views) -> int:
        """Return the actions that it may let a subject do by itself.

        What it only delegates to the account the subject's own policies have to allow, and they are looked at
        anyway.
        """
        if not self._letting_in:
            return 0
        partition, account = subject.arn.split(":")[1], subject.principal.account
        bounded = subject.policies.permissions_boundary is not None
        found = 0
        for rule in self._letting_in:
            if rule.principal is None:
                continue
            named = rule.principal(subject.principal, bounded)
            if named is not None and named.needs != OWN_SIDE:
                found |= views.bits(rule, partition, account).may
        return found

    @property
    def names_no_account(self) -> bool:
        """Whether its ARN leaves open whose it is, as those of buckets do."""
        return not self.arn.split(":", 5)[4]

    def may_name(self, account: str) -> bool:
        """Whether a statement that allows may be about anybody of an account."""
        rules = (rule for rule in self.compiled.rules if not rule.deny)
        statements = (rule.policy.statements[rule.ref.index] for rule in rules)
        return any(
            each.not_principal or any(_may_be_of(one, account) for one in each.principals or ())
            for each in statements
        )

    def bits_across(self, subject: Subject, views: Views) -> int:
        """Return the actions that it may let a subject of another account do, whose policies have to as well.

        Source: IAM User Guide, reference_policies_evaluation-logic-cross-account.
        """
        partition = subject.arn.split(":")[1]
        bounded = subject.policies.permissions_boundary is not None
        found = 0
        for rule in self.compiled.rules:
            if rule.deny or rule.principal is None:
                continue
            if rule.principal(subject.principal, bounded) is not None:
                found |= views.bits(rule, partition, self.owner).may
        return found


def _may_be_of(named: NamedPrincipal, account: str) -> bool:
    """Whether it names the account, somebody of it, everybody, or an ID that may be anybody's."""
    if named.type is PrincipalType.SERVICE:
        return False
    text = named.name.text
    return named.type is not PrincipalType.AWS or account in text or not (":" in text or text.isdigit())


def _names_more(rule: Rule) -> bool:
    """Whether a statement names more than accounts, to which it leaves whom they let in."""
    statement = rule.policy.statements[rule.ref.index]
    return statement.not_principal or not all(
        each.type is PrincipalType.AWS and _ACCOUNT.fullmatch(each.name.text)
        for each in statement.principals or ()
    )


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
            yield ResourceDocument(arn=each.arn, service=each.service, owner=account.id, compiled=compiled)


def allowed_names(policy: CompiledPolicy) -> frozenset[str]:
    """Return whom the Allow statements of a policy name, as written."""
    statements = (rule.policy.statements[rule.ref.index] for rule in policy.rules if not rule.deny)
    return frozenset(each.name.text for statement in statements for each in statement.principals or ())
