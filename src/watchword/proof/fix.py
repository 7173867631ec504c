"""The smallest change that closes a way in, proved again before it is offered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from watchword.account.accounts import Accounts
from watchword.account.model import AccountPrincipal
from watchword.account.snapshot import ROOT_USER
from watchword.iam import MfaState, PrincipalKind, Universe
from watchword.proof.closure import Closure
from watchword.proof.documents import Rewriting, rewritten
from watchword.proof.findings import OUTSIDE, UNDETERMINED, Group
from watchword.proof.fix_candidates import Candidate, candidates
from watchword.proof.fix_command import command_of, file_of
from watchword.proof.offences import Judge, Offence
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
    _tried: dict[tuple[object, ...], tuple[Judge, Accounts]] = field(default_factory=dict)

    def fix(self, group: Group) -> Fix | None:
        """Return the smallest change of those tried that closes a group's way in, or None."""
        if group.rule == UNDETERMINED or self._is_enough():
            return None
        self._fixed += 1
        for candidate in candidates(group, self.accounts, self.universe)[:_MOST_TRIED]:
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
        for arn in group.principals:
            principal = accounts.principal(arn)
            if principal is None:
                return False
            states = judge.reacher.states(arn)
            if group.rule != OUTSIDE and self._still_direct(judge, principal, states, group):
                return False
            actions = 0
            for member in group.members:
                actions |= member.actions if member.principal.arn == arn else 0
            if any(offence.actions & actions for offence in _left(judge, principal, states, group)):
                return False
            if self._locks_out(judge, principal, states):
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

    def _still_direct(
        self, judge: Judge, principal: AccountPrincipal, states: Sequence[State], group: Group
    ) -> bool:
        """Whether somebody still does by itself what it should not: then no chain need be looked for."""
        return any(
            judge.direct(principal, state) & member.actions
            for member in group.members
            if member.principal.arn == principal.arn
            for state in states
            if state.mfa is member.state and state.exists is not Exists.NO
        )

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
        before = self.closure.own_first_device(principal.arn, without).answer
        return before != after.closure.own_first_device(principal.arn, without).answer

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


def _left(
    judge: Judge, principal: AccountPrincipal, states: Sequence[State], group: Group
) -> Iterator[Offence]:
    """Yield what still speaks against the claim, excepted or not."""
    if group.rule == OUTSIDE:
        yield from outside_offences(judge, principal, states, judge.closure)
        return
    yield from judge.offences(principal, states)
