"""Each principal as a proof lists it: its states, what it has to sign in with, who enters it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from watchword.account.model import AccountPrincipal
from watchword.iam import MfaState, PrincipalKind
from watchword.proof.action_sets import ActionSets
from watchword.proof.chain import StepKind
from watchword.proof.claim import groups_of
from watchword.proof.closure import Closed, Closure
from watchword.proof.enforcing import Enforcing
from watchword.proof.entered import EntryKind
from watchword.proof.first_device import Answer
from watchword.proof.grant_list import GrantList
from watchword.proof.holdings import Holds
from watchword.proof.offences import Judge
from watchword.proof.reach import Reacher
from watchword.proof.result import (
    Enforced,
    Entry,
    Known,
    OpenActions,
    OwnFirstDevice,
    ProvedPrincipal,
    StateResult,
)
from watchword.proof.states import Exists, State
from watchword.proof.witness import Witnesses

_STATES = (MfaState.ABSENT, MfaState.FALSE, MfaState.TRUE)
_WITHOUT_MFA = frozenset({MfaState.ABSENT, MfaState.FALSE})
_KNOWN = {Answer.YES: Known.YES, Answer.NO: Known.NO, Answer.UNDETERMINED: Known.UNKNOWN}
_OPPOSITE = {Answer.YES: Known.NO, Answer.NO: Known.YES, Answer.UNDETERMINED: Known.UNKNOWN}
_EXISTS_NOT = {Known.YES: Known.NO, Known.NO: Known.YES, Known.UNKNOWN: Known.UNKNOWN}
_OUTSIDE = {
    EntryKind.ANYONE: "anybody",
    EntryKind.OTHER_ACCOUNT: "outside",
    EntryKind.IDENTITY_PROVIDER: "identity-provider",
    EntryKind.SERVICE: "service",
}
_ENABLE = "iam:EnableMFADevice"


@dataclass(kw_only=True)
class Listing:
    """Lists the principals of one proof. `judge` is that of the claim that is made when none is given."""

    closure: Closure
    reacher: Reacher
    judge: Judge
    sets: ActionSets
    grants: GrantList
    witnesses: Witnesses
    enforcing: Enforcing
    entered: dict[str, set[str]] = field(default_factory=dict)
    """By the ARN of a role: who of the accounts gets into it without MFA."""

    def principal(
        self, principal: AccountPrincipal, holds: Holds, found: Mapping[MfaState, tuple[str, ...]]
    ) -> ProvedPrincipal:
        """Return a principal; `found` are the ids of its witnesses by state."""
        states = self.reacher.states(principal.arn)
        by_mfa = {mfa: [each for each in states if each.mfa is mfa] for mfa in _STATES}
        return ProvedPrincipal(
            arn=principal.arn,
            account=principal.account,
            kind=principal.kind.value,
            name=principal.name,
            states={
                mfa.value: self._state(principal, each, found.get(mfa, ()))
                for mfa, each in by_mfa.items()
                if each
            },
            own_first_device=self._own_first_device(principal, states),
            groups=groups_of(principal),
            enforced=self._enforced(principal, states),
            console=holds.console,
            keys=holds.keys,
            devices=holds.devices,
        )

    def _state(
        self, principal: AccountPrincipal, states: Sequence[State], witnesses: tuple[str, ...]
    ) -> StateResult:
        """Put together what credentials of one state reach; those that nobody has count only alone."""
        had = [each for each in states if each.exists is not Exists.NO]
        direct = reachable = 0
        open_: dict[str, int] = {}
        grants: dict[str, None] = {}
        for state in had or states:
            subject = self.reacher.subject(principal.arn, state)
            reached = self.reacher.reached(subject)
            direct |= reached.actions
            reachable |= reached.actions
            grants |= dict.fromkeys(self.grants.of(subject, reached))
            undetermined_so_far = reached.undetermined
            if had or principal.kind is not PrincipalKind.ROOT:  # where root would get is no news
                closed = self.closure.of(principal.arn, (state,))
                self._note_entries(principal, state, closed)
                reachable |= closed.actions
                undetermined_so_far = closed.undetermined
            for mask, reason in undetermined_so_far:
                open_[reason] = open_.get(reason, 0) | mask
        undetermined = tuple(
            OpenActions(count=some.count, set=some.set, reason=reason)
            for reason, mask in open_.items()
            if mask & ~reachable
            for some in (self.sets.add(mask & ~reachable),)
        )
        return StateResult(
            credentials=tuple(dict.fromkeys(each.name for each in had or states)),
            exists=_exists(states),
            direct=self.sets.add(direct),
            reachable=self.sets.add(reachable),
            undetermined=undetermined,
            grants=tuple(grants),
            witnesses=witnesses,
        )

    def _note_entries(self, principal: AccountPrincipal, state: State, closed: Closed) -> None:
        if state.exists is Exists.NO or state.mfa is MfaState.TRUE or principal.kind is PrincipalKind.ROLE:
            return
        for held in closed.nodes:
            if held.last is not None and held.last[0] is StepKind.ASSUME:
                self.entered.setdefault(held.arn, set()).add(held.last[1])

    def _own_first_device(
        self, principal: AccountPrincipal, states: Iterable[State]
    ) -> OwnFirstDevice | None:
        if principal.kind is not PrincipalKind.USER:
            return None
        without = tuple(each for each in states if each.mfa in _WITHOUT_MFA and each.exists is not Exists.NO)
        if not without:
            return OwnFirstDevice(outcome=Known.NO, why="it has no credentials")
        found = self.closure.own_first_device(principal.arn, without)
        witness = None
        if found.chain is not None and found.chain.steps:
            start = found.chain.steps[0].state.mfa
            witness = self.witnesses.add(principal.arn, start, _ENABLE, found.chain)
        return OwnFirstDevice(outcome=_KNOWN[found.answer], why=found.why or None, witness=witness)

    def _enforced(self, principal: AccountPrincipal, states: Iterable[State]) -> Enforced:
        """Say whether MFA is asked for, of the credentials that the principal has, or else of any."""
        if principal.kind is PrincipalKind.ROLE:
            return Enforced(outcome=Known.UNKNOWN)  # told once everybody has been looked at
        sure = open_ = False
        without = [each for each in states if each.mfa in _WITHOUT_MFA]
        had = [each for each in without if each.exists is not Exists.NO]
        if principal.kind is PrincipalKind.ROOT:  # no policy binds it: all hangs on what it has
            return Enforced(outcome=_EXISTS_NOT[_exists(had)])
        for state in had or without:
            closed = self.closure.of(principal.arn, (state,))
            for offence in self.judge.in_state(principal, state, closed):
                sure = sure or offence.reason is None
                open_ = True
        if sure:
            return Enforced(outcome=Known.NO)
        if open_:
            return Enforced(outcome=Known.UNKNOWN)
        return Enforced(outcome=Known.YES, by=self.enforcing.statements(principal.arn))

    def entries(self, principal: AccountPrincipal) -> tuple[Entry, ...]:
        """Return who enters a role, once every principal has been listed."""
        own = [
            Entry(who=arn, kind="principal", needs_mfa=Known.NO)
            for arn in sorted(self.entered.get(principal.arn, ()))
        ]
        outside = [
            Entry(who=each.principal, kind=_OUTSIDE[each.kind], needs_mfa=_OPPOSITE[each.without_mfa])
            for each in self.closure.entered_by(principal.arn)
        ]
        return (*own, *outside)


def enforced_at_entry(entries: Sequence[Entry]) -> Enforced:
    """Say of a role whether whoever enters it has used MFA, as far as a person does."""
    persons = [each for each in entries if each.kind not in {"service", "identity-provider"}]
    if any(each.needs_mfa is Known.NO for each in persons):
        return Enforced(outcome=Known.NO)
    if any(each.needs_mfa is Known.UNKNOWN for each in persons):
        return Enforced(outcome=Known.UNKNOWN)
    return Enforced(outcome=Known.YES)


def _exists(states: Sequence[State]) -> Known:
    if any(each.exists is Exists.YES for each in states):
        return Known.YES
    return Known.UNKNOWN if any(each.exists is Exists.UNKNOWN for each in states) else Known.NO
