"""What is found out with all that a changed document leaves as it is, is what is found out anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from proof.claims.written_accounts import ACCOUNT, allow, fixture, role, snapshot, universe, user
from watchword.account.accounts import Accounts
from watchword.account.snapshot import Snapshot
from watchword.iam import PrincipalKind
from watchword.proof.closure import Closure
from watchword.proof.documents import Document, Place, Rewriting, document_of, rewritten
from watchword.proof.edits import document, parsed, readable, with_condition, with_statements
from watchword.proof.escalation import load_rules
from watchword.proof.fix_candidates import DENY_ALL_BUT_ENROLLING, DENY_ENROLLING_OTHERS
from watchword.proof.reach import Reacher


def changes(accounts: Accounts) -> Iterator[Rewriting]:
    """Change each document of the accounts once, and give each group a policy."""
    seen: set[object] = set()
    for account in accounts:
        for principal in account.principals:
            for each in account.attached(principal.arn).each():
                found = document_of(account, each)
                if found is not None and found.key not in seen:
                    seen.add(found.key)
                    yield rewritten(accounts, found, restricted(found))
        for group in account.snapshot.groups:
            added = Document(
                place=Place.INLINE,
                account=account.id,
                owner=group.arn,
                name="RequireMFA (inline)",
                arn=None,
                inline="RequireMFA",
                text="",
            )
            yield rewritten(accounts, added, document([DENY_ALL_BUT_ENROLLING]))


def restricted(found: Document) -> str:
    before = readable(found.text)
    policy = parsed(before, found.kind)
    assert policy is not None
    if found.place is Place.TRUST:
        after = with_condition(before, policy.statements[0], "Bool", "aws:MultiFactorAuthPresent", "true")
    else:
        after = with_statements(before, policy, [DENY_ALL_BUT_ENROLLING, DENY_ENROLLING_OTHERS])
    return after or before


def everything(closure: Closure, accounts: Accounts) -> dict[object, object]:
    found: dict[object, object] = {}
    for principal in accounts.principals:
        for state in closure.expansion.reacher.states(principal.arn):
            closed = closure.of(principal.arn, (state,))
            held = {(each.arn, each.state.name) for each in closed.nodes}
            found[principal.arn, state.name] = closed.actions, dict(closed.undetermined), held
        if principal.kind is PrincipalKind.ROLE:
            found[principal.arn] = closure.entered_by(principal.arn)
    return found


def anew(snapshots: list[Snapshot]) -> dict[object, object]:
    accounts = Accounts.of(snapshots)
    return everything(Closure(Reacher(accounts, universe()), load_rules()), accounts)


def is_seen_as_if_all_were_looked_at_anew(account: Snapshot) -> None:
    accounts = Accounts.of([account])
    reacher = Reacher(accounts, universe())
    closure = Closure(reacher, load_rules())
    before = everything(closure, accounts)
    several = 0
    for change in changes(accounts):
        afterwards = reacher.afterwards(change.accounts, change.concerned, trust=change.is_trust)
        shared = everything(closure.afterwards(afterwards, change), change.accounts)
        assert shared == anew([each.snapshot for each in change.accounts]), change.document.key
        several += shared != before
    assert several
    assert everything(Closure(reacher, load_rules()), accounts) == before


@pytest.mark.parametrize(
    "name",
    [
        "admin-enrols-colleague",
        "boundary-removed",
        "group-escape",
        "notaction-iam",
        "passrole-lambda",
        "role-chain",
        "role-without-mfa",
        "set-default-version",
    ],
)
def test_a_change_of_one_document_is_seen_as_if_all_were_looked_at_anew(name: str) -> None:
    is_seen_as_if_all_were_looked_at_anew(fixture(name))


def test_one_of_two_roles_that_is_closed_is_assumed_no_more() -> None:
    anybody = {"Principal": {"AWS": ACCOUNT}}
    roles = [role("one", anybody, allow("s3:*")), role("two", anybody, allow("sqs:*"))]
    is_seen_as_if_all_were_looked_at_anew(snapshot([user("alice", allow("sts:AssumeRole"))], roles=roles))
