"""Users and roles that are not there yet: how the attacker can call those that it makes.

One name has to fit what lets it make them, give them policies, and take their credentials; these may be three
statements of three principals.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from watchword.account.snapshot import InlinePolicy, Role, User
from watchword.iam import PrincipalKind
from watchword.iam._glob import Wild, tokenise
from watchword.proof.settle.language import Language, TooLarge, find_text

if TYPE_CHECKING:
    from watchword.account.model import Account, AccountPrincipal
    from watchword.iam import CompiledPolicy, Statement
    from watchword.iam.compile import Rule

GROUP: Final = "group"
_ACTIONS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    PrincipalKind.USER: (
        ("iam:CreateUser",),
        ("iam:CreateAccessKey", "iam:CreateLoginProfile"),
        ("iam:AttachUserPolicy", "iam:PutUserPolicy"),
        ("iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"),
    ),
    PrincipalKind.ROLE: (
        ("iam:CreateRole",),
        ("iam:PassRole",),
        ("iam:AttachRolePolicy", "iam:PutRolePolicy"),
        ("iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"),
    ),
    GROUP: (
        ("iam:CreateGroup",),
        ("iam:AttachGroupPolicy", "iam:PutGroupPolicy"),
        ("iam:AddUserToGroup",),
    ),
}
"""What is done to a user, role or group that is made: of each line one call at least."""
_MOST_TRIED: Final = 400
_MOST_NAMES: Final = 6
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")
_NAME: Final = re.compile(r"(/[\x21-\x2e\x30-\x7e]+)*/[\w+=,.@-]{1,64}", re.ASCII)
_BY_NAME: Final = frozenset({"aws:principalarn", "aws:username"})
_NOBODY: Final = '{"Version": "2012-10-17", "Statement": []}'
_ANYTHING: Final = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """ARNs that new users or roles can have, one for each choice of statements that may be about them.

    `is_whole`: no other name would do more. `there`: names that would, and are somebody's.
    """

    arns: tuple[str, ...]
    is_whole: bool
    there: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Newcomers:
    """The new users and roles of all accounts. What is found of an account is kept."""

    _names: dict[tuple[str, str], Names] = field(default_factory=dict)
    _taken: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def names(self, account: Account, kind: str) -> Names:
        """Return how users, or roles, can be called that somebody of the account makes."""
        key = (account.id, kind)
        found = self._names.get(key)
        if found is None:
            found = self._names[key] = self._found(account, kind)
        return found

    def stay(self, account: Account, before: CompiledPolicy | None, after: CompiledPolicy) -> bool:
        """Whether the names are as good when one policy says something else; None: there was none."""
        return all(
            _Said.by(() if before is None else (before,), account, kind) == _Said.by((after,), account, kind)
            for kind in _ACTIONS
        )

    def is_free(self, account: Account, kind: str, arn: str) -> bool:
        """Whether nobody is called so.

        Source: IAM User Guide, reference_iam-quotas: names are unique within an account, whatever their path
        and case.
        """
        key = (account.id, kind)
        if key not in self._taken:
            everybody = account.snapshot.groups if kind == GROUP else account.principals
            there = (each.name.lower() for each in everybody if f":{kind}/" in each.arn)
            self._taken[key] = frozenset(there)
        return arn.rpartition("/")[2].lower() not in self._taken[key]

    def _found(self, account: Account, kind: str) -> Names:
        head = f"arn:{account.partition}:iam::{account.id}:{kind}/"
        whole = Language(((head, Wild.ANY, Wild.STAR),))
        allowed, denied = _patterns(account, kind)
        found: dict[str, None] = {}
        there: dict[str, None] = {}
        is_whole = True
        for tried, chosen in enumerate(itertools.product(*allowed)):
            if tried >= _MOST_TRIED or len(found) >= _MOST_NAMES:
                return Names(arns=tuple(found), is_whole=False)
            wished = next((each for each in chosen if "*" not in each and "?" not in each), None)
            if wished is not None and not self.is_free(account, kind, wished):
                there[wished] = None
                continue
            wanted = (whole, *(Language((tokenise(each),)) for each in dict.fromkeys(chosen) if each != "*"))
            try:
                arn, is_best = self._free(account, kind, wanted, denied, head)
            except TooLarge:
                arn, is_best = None, False
            is_whole = is_whole and is_best
            if arn is not None:
                found[arn] = None
        return Names(arns=tuple(found), is_whole=is_whole, there=tuple(there))

    def _free(
        self,
        account: Account,
        kind: str,
        wanted: tuple[Language, ...],
        denied: Sequence[str],
        head: str,
    ) -> tuple[str | None, bool]:
        """Return an ARN of nobody's, and whether no other one is less denied. Raises TooLarge."""
        samples = (f"{head}new-{kind}", f"{head}watchword")
        if find_text(wanted, (), samples) is None:
            return None, True
        each = (Language((tokenise(text),)) for text in denied)
        avoided = tuple(one for one in each if find_text(wanted, (one,), samples) is not None)
        ours = Language(((head, Wild.STAR, "watchword", Wild.STAR),))
        for unwanted, more in itertools.product(dict.fromkeys((avoided, ())), ((), (ours,))):
            arn = find_text((*wanted, *more), unwanted, samples)
            if arn is not None and _NAME.fullmatch(arn[len(head) - 1 :]) and self.is_free(account, kind, arn):
                return arn, unwanted == avoided
        return None, False

    def made(self, account: Account, kind: str, arn: str, boundary: str | None) -> AccountPrincipal:
        """Return a user without policies, or a role that trusts nobody yet, as soon as it is made."""
        return _admitted(account, kind, arn, boundary, ())

    def unsure(self, account: Account, kind: str) -> AccountPrincipal:
        """Return who stands for all that cannot be told of: they may be allowed everything."""
        arn = f"arn:{account.partition}:iam::{account.id}:{kind}/{_SOME}"
        return _admitted(account, kind, arn, None, (InlinePolicy(name="unknown", document=_ANYTHING),))


_SOME: Final = "watchword-unknown"


def _admitted(
    account: Account, kind: str, arn: str, boundary: str | None, inline: tuple[InlinePolicy, ...]
) -> AccountPrincipal:
    name = arn.rpartition("/")[2]
    path = f"/{arn.split(':', 5)[5].partition('/')[2]}"[: -len(name)]
    entry: User | Role
    if kind == PrincipalKind.USER:
        entry = User(arn=arn, id="", name=name, path=path, inline=inline, boundary=boundary)
    else:
        entry = Role(arn=arn, id="", name=name, path=path, inline=inline, boundary=boundary, trust=_NOBODY)
    return account.admit(entry, PrincipalKind(kind))


# -- what the account's policies say of names


@dataclass(slots=True, kw_only=True)
class _Said:
    """What policies say of new users, or roles: patterns of ARNs.

    `allowed`: those that each group of calls is allowed on; `denied`: those that one of them is denied on;
    `about`: those that conditions want of who asks.
    """

    allowed: list[dict[str, None]]
    denied: dict[str, None] = field(default_factory=dict)
    about: dict[str, None] = field(default_factory=dict)

    @classmethod
    def by(cls, documents: Iterable[CompiledPolicy], account: Account, kind: str) -> _Said:
        """Return what these policies say."""
        found = cls(allowed=[{} for _ in _ACTIONS[kind]])
        for document in documents:
            for rule in document.rules:
                found.add(document.policy.statements[rule.ref.index], rule, account, kind)
        return found

    def add(self, statement: Statement, rule: Rule, account: Account, kind: str) -> None:
        """Add what a statement says."""
        self.about.update(dict.fromkeys(_named(account, kind, statement)))
        mark = f":{kind}/"
        for found, actions in zip(self.allowed, _ACTIONS[kind], strict=True):
            if not any(each.partition(":")[2].lower() in rule.actions.of("iam") for each in actions):
                continue
            texts = _texts(statement)
            if rule.deny:
                self.denied.update(dict.fromkeys(each for each in texts if each != "*"))
            else:
                fits = (each for each in texts if mark in each or "*" in each or "?" in each)
                found.update(dict.fromkeys(fits))


def _patterns(account: Account, kind: str) -> tuple[list[list[str]], list[str]]:
    """Return the patterns that allow each group of calls, and those that deny one of them."""
    said = _Said.by(documents_of(account), account, kind)
    for found in said.allowed:
        found.setdefault("*", None)
    return [*map(list, said.allowed), list({"*": None} | said.about)], list(said.denied)


def documents_of(account: Account) -> Iterator[CompiledPolicy]:
    """Give every policy that is in force for anybody of an account, trust policies and SCPs too, once."""
    seen: dict[int, CompiledPolicy] = {}
    for principal in account.principals:
        attached = account.attached(principal.arn)
        for each in attached.each():
            seen.setdefault(id(each.compiled), each.compiled)
    yield from seen.values()


def _texts(statement: Statement) -> list[str]:
    if statement.not_resource or statement.resources is None:
        return ["*"]
    return [_VARIABLE.sub("*", each.text) for each in statement.resources]


def _named(account: Account, kind: str, statement: Statement) -> Iterator[str]:
    """Give the ARNs that a statement's conditions want of who asks: a new one can be called so."""
    head = f"arn:{account.partition}:iam::{account.id}:{kind}/"
    for condition in statement.conditions:
        key = condition.key.text.lower()
        if key not in _BY_NAME:
            continue
        for value in condition.values:
            text = _VARIABLE.sub("*", value)
            if key == "aws:username" and kind == PrincipalKind.USER:
                yield f"{head}{text}"
            elif key == "aws:principalarn" and f":{kind}/" in text:
                yield text
