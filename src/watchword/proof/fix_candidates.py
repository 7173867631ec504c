"""The changes that are tried to close a way in. Whether one does is for `fix` to prove.

INVARIANT: none puts a Deny for lack of MFA where it would reach a role, whose sessions mostly carry `false`,
nor into a policy of the organization.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from watchword.account.accounts import Accounts
from watchword.account.model import Account, InForce
from watchword.iam import Effect, Layer, Policy, PrincipalKind, PrincipalType, Statement, Universe
from watchword.iam.context import AGE_KEY, PRESENT_KEY
from watchword.lint import RULES, AttachedTo, apply, lint_text
from watchword.proof.beyond import mask_of
from watchword.proof.documents import Document, Place, document_of
from watchword.proof.edits import (
    diff,
    document,
    parsed,
    readable,
    with_actions,
    with_condition,
    with_only_condition,
    with_statements,
)
from watchword.proof.findings import Group
from watchword.proof.fix_command import file_of
from watchword.proof.own_enrolment import ON_ONESELF, OWN_ENROLMENT
from watchword.proof.result import StatementPlace

_MFA: Final = frozenset({PRESENT_KEY.lower(), AGE_KEY.lower()})
_WITHOUT: Final = {"BoolIfExists": {PRESENT_KEY: "false"}}
_NEEDED: Final = frozenset(
    {
        "iam:ChangePassword",
        "iam:CreateVirtualMFADevice",
        "iam:DeleteVirtualMFADevice",
        "iam:EnableMFADevice",
        "iam:ListVirtualMFADevices",
        "iam:ResyncMFADevice",
    }
)
"""Of one's own enrolment, what the rest of a policy rarely allows on others: the shorter list."""
_RULES: Final = tuple(rule for rule in RULES if rule.ident.startswith("mfa-"))
_NEW_POLICY: Final = "RequireMFA"

DENY_ALL_BUT_ENROLLING: Final[dict[str, Any]] = {
    "Sid": "DenyAllButEnrollingWithoutMFA",
    "Effect": "Deny",
    "NotAction": list(OWN_ENROLMENT),
    "Resource": "*",
    "Condition": _WITHOUT,
}
DENY_ENROLLING_OTHERS: Final[dict[str, Any]] = {
    "Sid": "DenyEnrollingOthersWithoutMFA",
    "Effect": "Deny",
    "Action": list(ON_ONESELF),
    "NotResource": ["arn:*:iam::*:user/${aws:username}", "arn:*:iam::*:user/*/${aws:username}"],
    "Condition": _WITHOUT,
}
_ROLE: Final = re.compile(r":(assumed-)?role/|^AROA")
"""A principal that is a role: by its ARN, or by its unique ID once it is gone."""
_DENYING: Final = {
    "deny everything but enrolling without MFA": (DENY_ALL_BUT_ENROLLING,),
    "deny enrolling for others without MFA": (DENY_ENROLLING_OTHERS,),
    "deny everything but enrolling oneself without MFA": (DENY_ALL_BUT_ENROLLING, DENY_ENROLLING_OTHERS),
}
"""What is added where a Deny is missing, in words and in statements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A change: what it does in words, the document, what that says then, and the change as a diff."""

    summary: str
    document: Document
    after: str
    diff: str
    changed_lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """Makes the changes to try. What is made of one document is kept: many findings are about the same."""

    accounts: Accounts
    universe: Universe
    _kept: dict[tuple[str, Document], tuple[Candidate, ...]] = field(default_factory=dict)

    def of(self, group: Group) -> list[Candidate]:
        """Return the changes to try for a group, those of the fewest lines first."""
        account = self.accounts.account_of(group.first.principal.arn)
        if account is None:
            return []
        found: dict[tuple[object, str], Candidate] = {}
        for each in _Making(group, account, self).all():
            found.setdefault((each.document.key, each.after), each)
        return sorted(found.values(), key=lambda each: each.changed_lines)

    def once(
        self, what: str, document: Document, make: Callable[[Document], Iterable[Candidate]]
    ) -> tuple[Candidate, ...]:
        """Return what is made of a document for some purpose."""
        found = self._kept.get((what, document))
        if found is None:
            found = self._kept[what, document] = tuple(make(document))
        return found


class _Making:
    def __init__(self, group: Group, account: Account, drafts: Drafts) -> None:
        self._group, self._account, self._drafts = group, account, drafts
        self._accounts, self._universe = drafts.accounts, drafts.universe
        self._principal = group.first.principal

    def all(self) -> Iterator[Candidate]:
        """Give every change that comes into question, in no order."""
        yield from self._at_the_door()
        if self._principal.kind is PrincipalKind.USER:
            for each in self._own_documents():
                yield from self._drafts.once("mended", each, self._mended)
            yield from self._conditions_on_allows()
            yield from self._denies()

    # -- the role's own door

    def _at_the_door(self) -> Iterator[Candidate]:
        """Ask for MFA in the trust policy that lets somebody in; a statement for a service is left alone."""
        for place in self._group.statements:
            found = self._document_of(place) if place.layer == Layer.TRUST else None
            if found is None:
                continue
            before = readable(found.text)
            policy = parsed(before, found.kind)
            statement = None if policy is None else _statement(policy, place.index)
            if statement is None or not _for_people(statement):
                continue
            name = found.owner.rpartition("/")[2]
            summary = f"ask for MFA in the trust policy of `{name}`"
            yield from self._made(summary, found, before, _asking(before, statement))

    def _document_of(self, place: StatementPlace) -> Document | None:
        owner = self._accounts.account_of(place.owner)
        holder = place.owner if place.layer == Layer.TRUST else self._principal.arn
        account = owner or self._account
        if account.principal(holder) is None:
            return None
        for each in account.attached(holder).each():
            if each.name == place.policy and each.owner == place.owner:
                return document_of(account, each)
        return None

    # -- what is there already

    def _own_documents(self) -> Iterator[Document]:
        for each in self._account.attached(self._principal.arn).identity:
            found = document_of(self._account, each)
            if found is not None:
                yield found

    def _mended(self, found: Document) -> Iterator[Candidate]:
        """Put right what is wrong with the Denies and Allows that a document has."""
        before = readable(found.text)
        policy = parsed(before, found.kind)
        if policy is None:
            return
        yield from self._linted(found, before)
        if self._reaches_a_role(found):
            return
        for statement in policy.statements:
            if statement.effect is Effect.DENY and any(
                _is_mfa(each.key.text) for each in statement.conditions
            ):
                yield from self._tightened(found, before, statement)

    def _linted(self, found: Document, before: str) -> Iterator[Candidate]:
        attached = AttachedTo.GROUP if ":group/" in found.owner else AttachedTo.USER
        findings = lint_text(
            before,
            name=found.name,
            universe=self._universe,
            kind=found.kind,
            attached_to=attached,
            rules=_RULES,
        )
        for finding in findings:
            if finding.fix is not None:
                yield from self._made(finding.fix.description, found, before, apply(before, (finding.fix,)))

    def _tightened(self, found: Document, before: str, statement: Statement) -> Iterator[Candidate]:
        """Exempt enrolling alone, match every caller without MFA, or both."""
        only_mfa = all(_is_mfa(each.key.text) for each in statement.conditions)
        asked = with_only_condition(before, statement, _WITHOUT) if only_mfa else None
        if asked is not None:
            yield from self._made("let the Deny match every caller without MFA", found, before, asked)
        if not statement.not_action:
            return
        drop = [each.text for each in statement.actions if self._is_too_wide(each.text)]
        if not drop:
            return
        add = [each for each in OWN_ENROLMENT if any(_covers(self._universe, wide, each) for wide in drop)]
        summary = f"exempt enrolling from the Deny, and not {_quoted(drop)}"
        shorter = [each for each in add if each in _NEEDED]
        yield from self._made(
            f"exempt only what enrolling takes from the Deny, and not {_quoted(drop)}",
            found,
            before,
            with_actions(before, statement, drop, shorter),
        )
        narrowed = with_actions(before, statement, drop, add)
        yield from self._made(summary, found, before, narrowed)
        if asked is not None and narrowed is not None:
            again = parsed(narrowed, found.kind)
            statement_now = None if again is None else _statement(again, statement.index)
            both = None if statement_now is None else with_only_condition(narrowed, statement_now, _WITHOUT)
            yield from self._made(
                f"{summary}, and let it match every caller without MFA", found, before, both
            )

    def _is_too_wide(self, pattern: str) -> bool:
        return bool(mask_of(self._universe, (pattern,)) & ~mask_of(self._universe, OWN_ENROLMENT))

    def _conditions_on_allows(self) -> Iterator[Candidate]:
        """Ask for MFA in the statements that allow it, where they are all of one document."""
        places = [each for each in self._group.statements if each.layer == Layer.IDENTITY]
        documents = [self._document_of(each) for each in places]
        found = documents[0] if documents else None
        if found is None or any(each is None or each.key != found.key for each in documents):
            return
        before = after = readable(found.text)
        for place in sorted(places, key=lambda each: -each.index):  # from the end, so that offsets hold
            policy = parsed(after, found.kind)
            statement = None if policy is None else _statement(policy, place.index)
            changed = None if statement is None else _asking(after, statement)
            if changed is None:
                return
            after = changed
        yield from self._made(f"ask for MFA in what `{found.name}` allows", found, before, after)

    # -- what is missing

    def _denies(self) -> Iterator[Candidate]:
        """Add the Deny that AWS recommends to a policy that all of the principals have, or as a new one."""
        documents, owners = self._common_documents()[:2], self._common_owners()
        for summary, statements in _DENYING.items():
            for found in documents:
                add = functools.partial(self._added, summary, statements)
                yield from self._drafts.once(summary, found, add)
            for owner in owners:
                add = functools.partial(self._written, summary, statements)
                yield from self._drafts.once(summary, self._new(owner), add)

    def _added(
        self, summary: str, statements: Sequence[dict[str, Any]], found: Document
    ) -> Iterator[Candidate]:
        before = readable(found.text)
        policy = parsed(before, found.kind)
        if policy is not None:
            added = with_statements(before, policy, statements)
            yield from self._made(f"{summary}, in `{found.name}`", found, before, added)

    def _written(
        self, summary: str, statements: Sequence[dict[str, Any]], fresh: Document
    ) -> Iterator[Candidate]:
        where = f"in a policy of {_of_whom(fresh.owner)}"
        yield from self._made(f"{summary}, {where}", fresh, "", document(statements))

    def _common_documents(self) -> list[Document]:
        """Return what all principals of the group have, and no role: policies of groups first."""
        kept: dict[tuple[str, str], tuple[bool, Document]] = {}
        for number, arn in enumerate(self._group.principals):
            own: dict[tuple[str, str], tuple[bool, Document]] = {}
            for each in self._identity_of(arn):
                found = document_of(self._account, each)
                if found is not None:
                    own[found.key] = (not each.route.startswith("group"), found)
            kept = own if number == 0 else {key: each for key, each in kept.items() if key in own}
        ordered = sorted(kept.values(), key=lambda each: each[0])
        return [found for _, found in ordered if not self._reaches_a_role(found)]

    def _identity_of(self, arn: str) -> tuple[InForce, ...]:
        return self._account.attached(arn).identity if self._account.principal(arn) is not None else ()

    def _common_owners(self) -> list[str]:
        """Return the ARNs of the groups that all principals are in; that of the only one itself."""
        if any(self._account.principal(arn) is None for arn in self._group.principals):
            return []
        groups: list[set[str]] = []
        for arn in self._group.principals:
            entry = self._account.principal(arn)
            groups.append(set(getattr(entry.entry if entry else None, "groups", ())))
        common = set.intersection(*groups) if groups else set()
        found = [each.arn for each in self._account.snapshot.groups if each.name in common]
        return found or list(self._group.principals[:1] if len(self._group.principals) == 1 else ())

    def _new(self, owner: str) -> Document:
        return Document(
            place=Place.INLINE,
            account=self._account.id,
            owner=owner,
            name=f"{_NEW_POLICY} (inline)",
            arn=None,
            inline=_NEW_POLICY,
            text="",
        )

    def _reaches_a_role(self, found: Document) -> bool:
        if found.place is not Place.MANAGED:
            return ":role/" in found.owner
        return any(":role/" in each for each in self._account.having(found.arn or ""))

    def _made(self, summary: str, found: Document, before: str, after: str | None) -> Iterator[Candidate]:
        if after is None or after == before or parsed(after, found.kind) is None:
            return
        shown, lines = diff(file_of(found), before, after)
        yield Candidate(summary=summary, document=found, after=after, diff=shown, changed_lines=lines)


def _statement(policy: Policy, index: int) -> Statement | None:
    return next((each for each in policy.statements if each.index == index), None)


def _asking(text: str, statement: Statement) -> str | None:
    return with_condition(text, statement, "Bool", PRESENT_KEY, "true")


def _for_people(statement: Statement) -> bool:
    """Whether a statement names those only that can have MFA: no service, no provider, and no role.

    A session of a role says that it has none, so a role would be shut out for good.

    Source: IAM User Guide, id_credentials_mfa_configure-api-require.
    """
    named = statement.principals or ()
    return bool(named) and all(
        each.type in {PrincipalType.AWS, PrincipalType.ANYONE} and not _ROLE.search(each.name.text)
        for each in named
    )


def _is_mfa(key: str) -> bool:
    return key.lower() in _MFA


def _covers(universe: Universe, pattern: str, action: str) -> bool:
    return bool(mask_of(universe, (pattern,)) >> universe.bit(action) & 1)


def _quoted(names: Sequence[str]) -> str:
    shown = [f"`{each}`" for each in names]
    return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")


def _of_whom(owner: str) -> str:
    kind, _, path = owner.split(":", 5)[5].partition("/")
    return f"the {kind} `{path.rpartition('/')[2]}`"
