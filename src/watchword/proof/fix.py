"""The smallest change that closes a way in, proved again before it is offered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from watchword.account.accounts import Accounts
from watchword.account.model import AccountPrincipal
from watchword.account.snapshot import ROOT_USER
from watchword.iam import MfaState, PrincipalKind, Universe
from watchword.proof.closure import Answer, Closure
from watchword.proof.documents import Rewriting, rewritten
from watchword.proof.findings import OUTSIDE, UNDETERMINED, Group
from watchword.proof.fix_candidates import Candidate, Drafts
from watchword.proof.fix_command import command_of, file_of
from watchword.proof.offences import Judge
from watchword.proof.outsiders import outside_offences
from watchword.proof.result import Fix
from watchword.proof.states import Exists, State

_MOST_TRIED: Final = 12
_MANY_PRINCIPALS: Final = 200
_MOST_FIXED: Final = 20
"""In an account of many principals, so many findings get a fix, the gravest first: each takes many proofs."""


@dataclass(kw_only=True)
class Fixing:
    """Looks for changes. `judge_of` makes the judge of a claim for accounts in which one document differs."""

    accounts: Accounts
    universe: Universe
    closure: Closure
    judge_of: Callable[[Rewriting, Judge], Judge]
    judges: dict[str, Judge]
    _fixed: int = 0
    _enrols: dict[str, Answer] = field(default_factory=dict)
    _tried: dict[tuple[object, ...], tuple[Judge, Accounts]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._drafts = Drafts(accounts=self.accounts, universe=self.universe)

    def fix(self, group: Group) -> Fix | None:
        """Return the smallest change of those tried that closes a group's way in, or None."""
        if group.rule == UNDETERMINED or self._is_enough():
            return None
        self._fixed += 1
        for candidate in self._drafts.of(group)[:_MOST_TRIED]:
            if self._closes(candidate, group):
                return Fix(
                    summary=candidate.summary,
                    policy=candidate.document.name,
                    arn=candidate.document.arn,
                    owner=candidate.document.owner,
                    diff=candidate.diff,
                    changed_lines=candidate.changed_lines,
                    proved=True,
                    file=file_of(candidate.document),
                    document=candidate.after,
                    command=command_of(candidate.document),
                )
        return None

    def _closes(self, candidate: Candidate, group: Group) -> bool:
        """Prove again: nothing of the group is left, and whoever could enrol a first device still can."""
        judge, accounts = self._afterwards(candidate, self.judges[group.claim.name])
        for arn, actions in _actions(group).items():
            principal = accounts.principal(arn)
            if principal is None:
                return False
            states = judge.reacher.states(arn)
            if group.rule == OUTSIDE:
                left = outside_offences(judge, principal, states, judge.closure)
                is_left = any(each.actions & actions for each in left)
            else:
                is_left = judge.is_left(principal, states, actions)
            if is_left or self._locks_out(judge, principal, states):
                return False
        return True

    def _without_key(self, root: AccountPrincipal) -> str:
        account = self.accounts.account_of(root.arn)
        keys = () if account is None else account.snapshot.access_keys or ()
        ids = [each.id for each in keys if each.user == ROOT_USER]
        said = "".join(f", as root: `aws iam delete-access-key --access-key-id {each}`" for each in ids[:1])
        return f"delete root's access keys{said}"

    def _is_enough(self) -> bool:
        return len(self.accounts.principals) > _MANY_PRINCIPALS and self._fixed >= _MOST_FIXED

    def _afterwards(self, candidate: Candidate, judge: Judge) -> tuple[Judge, Accounts]:
        key = (candidate.document.key, candidate.after, judge.claim.name)
        found = self._tried.get(key)
        if found is None:
            change = rewritten(self.accounts, candidate.document, candidate.after)
            found = self._tried[key] = self.judge_of(change, judge), change.accounts
        return found

    def _locks_out(self, after: Judge, principal: AccountPrincipal, states: Sequence[State]) -> bool:
        if principal.kind is not PrincipalKind.USER:
            return False
        without = tuple(
            each for each in states if each.mfa is not MfaState.TRUE and each.exists is not Exists.NO
        )
        if not without:
            return False
        before = self._enrols.get(principal.arn)
        if before is None:
            before = self.closure.own_first_device(principal.arn, without).answer
            self._enrols[principal.arn] = before
        return before is not after.closure.own_first_device(principal.arn, without).answer

    def why_none(self, group: Group) -> str:
        """Say why no change of a policy is offered, and what else closes it."""
        principal = group.first.principal
        if self._is_enough() and principal.kind is not PrincipalKind.ROOT:
            who = principal.arn.split(":", 5)[5]
            return f"not looked for among so many: `watchword prove … --principal {who}` looks"
        if principal.kind is PrincipalKind.ROOT:
            state = group.first.state.mfa
            key = self._without_key(principal) if state is MfaState.ABSENT else "give root an MFA device"
            return f"no policy of the account binds root: {key}"
        if principal.kind is PrincipalKind.ROLE and group.rule != OUTSIDE:
            return "the role's own policies allow it: narrow them, or who enters it"
        return "no single change that was tried closes it, and leaves enrolling possible"


def _actions(group: Group) -> dict[str, int]:
    """Return what each principal of a group reaches."""
    found: dict[str, int] = {}
    for member in group.members:
        found[member.principal.arn] = found.get(member.principal.arn, 0) | member.actions
    return found
