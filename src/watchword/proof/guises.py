"""What else a holder of a credential can look like: a session by another name, somebody with other tags.

Policies that look at names and tags say what is worth trying. What they want that cannot be told from them (a
variable in a value) is left open.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from watchword.account.context import KnownContext
from watchword.iam import UNKNOWN, ContextValue, CredentialKind, MfaState, principal_context, signer
from watchword.proof.changes import ANY_TAGS, ANYTHING, GUISES, ChangeKind, Changes
from watchword.proof.newcomers import documents_of
from watchword.proof.resource_policies import documents_of as policies_of_resources

if TYPE_CHECKING:
    from watchword.account.model import Account
    from watchword.iam import CompiledPolicy, Condition
    from watchword.proof.reach import Subject

_OF_PRINCIPAL: Final = "aws:principaltag/"
_OF_CALLER: Final = ("aws:principal", "aws:userid", "aws:username")
_OF_ORGANIZATION: Final = ("aws:principalorg", "aws:principalservice")
_OF_RESOURCE: Final = ("aws:resourcetag/", "iam:resourcetag/")
_MOST_TAGS: Final = 6
_OTHER: Final = "watchword"
_WILD: Final = ("*", "?")


def in_guise(subject: Subject, changes: Changes) -> Subject:
    """Return who asks after changes of what it looks like, if there are any among these."""
    for change in sorted((each for each in changes if each.kind in GUISES), key=str):
        if change.kind is ChangeKind.NAMED:
            subject = _called(subject, change.what)
        elif change.owner == subject.arn:
            subject = _tagged(subject, change.what)
        elif subject.existing is not None:
            known = _copied(subject)
            subject = replace(subject, known=known, existing=replace(subject.existing, tags=None))
    return subject


def federated(subject: Subject) -> Subject:
    """Return a GetFederationToken session of a user, in the console: its session policy allows everything.

    Tags can be passed to it. Source: STS API Reference, GetFederationToken.
    """
    signs = signer(subject.principal, CredentialKind.FEDERATED) or subject.principal
    keys = {
        key: value
        for key, value in subject.known.items()
        if key.lower().startswith(_OF_ORGANIZATION) or not key.lower().startswith(_OF_CALLER)
    }
    keys.update(principal_context(signs))
    state = replace(subject.state, mfa=MfaState.FALSE, credential=CredentialKind.CONSOLE)
    policies = replace(subject.policies, session=(ANYTHING,))
    known = KnownContext(keys, open_tags=True)
    return replace(subject, principal=signs, state=state, policies=policies, known=known)


def _copied(subject: Subject) -> KnownContext:
    return KnownContext(subject.known, open_tags=getattr(subject.known, "open_tags", False))


def _called(subject: Subject, name: str) -> Subject:
    """A role session is called as whoever assumes the role wants. Source: STS API Reference, AssumeRole."""
    head = subject.principal.arn.rpartition("/")[0]
    principal = replace(subject.principal, arn=f"{head}/{name}")
    known = _copied(subject)
    known.update(principal_context(principal))
    return replace(subject, principal=principal, known=known)


def _tagged(subject: Subject, tag: str) -> Subject:
    """`tag` is `name=value`, the name alone of one that is taken away, or `ANY_TAGS`."""
    name, has, value = tag.partition("=")
    keys: dict[str, ContextValue] = {}
    for key, old in subject.known.items():
        if not key.lower().startswith(_OF_PRINCIPAL):
            keys[key] = old
        elif tag == ANY_TAGS:
            keys[key] = UNKNOWN
        elif key.partition("/")[2].lower() != name.lower():
            keys[key] = old
    if has:
        keys[f"aws:PrincipalTag/{name}"] = value
    open_tags = tag == ANY_TAGS or getattr(subject.known, "open_tags", False)
    return replace(subject, known=KnownContext(keys, open_tags=open_tags))


# -- what policies want


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The tags that policies look at.

    - `tags`: of who asks, those that are worth having, by name; `is_whole`: no others are.
    - `of_resources`: whether tags of what is asked about are looked at.
    """

    tags: dict[str, tuple[str, ...]]
    is_whole: bool
    of_resources: bool

    @property
    def is_empty(self) -> bool:
        """Whether no policy looks at any tag of a principal."""
        return not self.tags and self.is_whole and not self.of_resources


def stay(before: CompiledPolicy | None, after: CompiledPolicy) -> bool:
    """Whether the same is looked at when one policy says something else; None: there was none."""
    return not any(_looks(each) for each in (before, after) if each is not None)


def _looks(policy: CompiledPolicy) -> bool:
    return any(_reads_own(text) for text in _texts(policy)) or any(
        condition.key.text.lower().startswith((_OF_PRINCIPAL, *_OF_RESOURCE))
        for statement in policy.policy.statements
        for condition in statement.conditions
    )


def _texts(policy: CompiledPolicy) -> Iterator[str]:
    for statement in policy.policy.statements:
        yield from (each.text for each in statement.resources or ())
        for condition in statement.conditions:
            yield from condition.values


def _policies(account: Account) -> Iterator[CompiledPolicy]:
    yield from documents_of(account)
    for each in policies_of_resources(account) or ():
        yield each.compiled


def wishes(account: Account) -> Wishes:
    """Return what the policies of an account, and those of its resources, look at."""
    tags: dict[str, dict[str, None]] = {}
    is_whole, of_resources = True, False
    for policy in _policies(account):
        for rule in policy.rules:
            statement = rule.policy.statements[rule.ref.index]
            texts = [each.text for each in statement.resources or ()]
            is_whole = is_whole and not any(_reads_own(each) for each in texts)
            for condition in statement.conditions:
                key = condition.key.text.lower()
                of_resources = of_resources or key.startswith(_OF_RESOURCE)
                is_whole = is_whole and not any(_reads_own(each) for each in condition.values)
                if key.startswith(_OF_PRINCIPAL):
                    name = condition.key.text.partition("/")[2]
                    is_whole = is_whole and not any("${" in each for each in condition.values)
                    tags.setdefault(name, {}).update(dict.fromkeys(_values(condition)))
    few = dict(list(tags.items())[:_MOST_TAGS])
    enough = len(few) == len(tags) and sum(map(len, few.values())) <= _MOST_TAGS
    return Wishes(
        tags={name: tuple(values)[:_MOST_TAGS] for name, values in few.items()},
        is_whole=is_whole and enough,
        of_resources=of_resources,
    )


def _reads_own(text: str) -> bool:
    return "${" in text and _OF_PRINCIPAL in text.lower()


def _values(condition: Condition) -> Iterable[str]:
    """Return values that conditions may want, and one that none of them names."""
    return (*(_filled(each) for each in condition.values if "${" not in each), _OTHER)


@functools.cache
def _filled(pattern: str) -> str:
    return pattern.replace("*", "").replace("?", "x") or "x"
