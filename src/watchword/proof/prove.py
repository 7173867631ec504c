"""The proof: every principal, every state, every claim, and what speaks against it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from watchword.account.accounts import Accounts
from watchword.account.model import AccountPrincipal
from watchword.iam import DEFAULT_ASSUMPTIONS, Assumptions, MfaState, PrincipalKind, Universe
from watchword.proof.action_sets import ActionSets
from watchword.proof.assumed import assumptions_made
from watchword.proof.beyond import OwnEnrolment
from watchword.proof.claim import DEFAULT_CLAIM, Claim, ClaimException
from watchword.proof.closure import Closure
from watchword.proof.documents import Rewriting
from watchword.proof.empty import named_in_vain
from watchword.proof.enforcing import Enforcing
from watchword.proof.escalation import load_rules
from watchword.proof.findings import Group, Grouping, level_of, telling_action
from watchword.proof.fix import Fixing
from watchword.proof.grant_list import GrantList
from watchword.proof.holdings import Holdings
from watchword.proof.listing import Listing, enforced_at_entry
from watchword.proof.offences import Judge, Offence
from watchword.proof.outsiders import outside_offences
from watchword.proof.places import Places
from watchword.proof.reach import Reacher
from watchword.proof.restricted import Restricted
from watchword.proof.result import (
    SCHEMA,
    Data,
    Outcome,
    Proof,
    ProvedAccount,
    ProvedFinding,
    ProvedPrincipal,
    Unread,
)
from watchword.proof.telling import telling
from watchword.proof.unseen import not_seen
from watchword.proof.verdict import claim_result, empty, expired, unseen, waiver, worst
from watchword.proof.witness import Witnesses
from watchword.proof.wording import message

Progress = Callable[[int, int], None]


def prove(
    accounts: Accounts,
    *,
    universe: Universe,
    now: datetime,
    claims: Sequence[Claim] = (DEFAULT_CLAIM,),
    assumptions: Assumptions = DEFAULT_ASSUMPTIONS,
    principals: Iterable[str] | None = None,
    progress: Progress | None = None,
    full: bool = False,
    version: str = "",
    hashes: Mapping[str, str] | None = None,
) -> Proof:
    """Return what can be said of some accounts and claims.

    - `now`: aware; exceptions expire by it.
    - `principals`: the ARNs of those to look at; None: all.
    - `progress`: called with how many principals are done, and how many there are.
    - `full`: sets of actions name each action, and no patterns.
    - `version`: of Watchword. `hashes`: SHA-256 of each snapshot's file, in hex, by account.

    Raises WitnessRefused when it contradicts itself, which would be a defect.
    """
    work = _Work.of(accounts, universe, now=now, claims=claims, assumptions=assumptions, full=full)
    chosen = None if principals is None else frozenset(principals)
    listed = work.look(chosen, progress or (lambda _done, _of: None))
    findings = tuple(work.findings(some=chosen is not None))
    results = tuple(
        claim_result(claim, findings, work.unused(claim) if chosen is None else ()) for claim in claims
    )
    return Proof(
        schema=SCHEMA,
        watchword=version,
        data=Data(version=universe.version, actions=work.sets.known.bit_count()),
        accounts=tuple(_accounts(accounts, hashes or {})),
        proved_at=now,
        outcome=worst(each.outcome for each in results),
        assumptions=assumptions_made(accounts, assumptions),
        claims=results,
        findings=findings,
        principals=listed,
        witnesses=work.witnesses.written(),
        grants=work.grants.written(),
        action_sets=work.sets.written(),
    )


def _judge_afterwards(change: Rewriting, judge: Judge) -> Judge:
    """Return a judge of the same claim for accounts in which one document says something else."""
    reacher = judge.reacher.afterwards(change.accounts, change.concerned, trust=change.is_trust)
    restricted = replace(judge.restricted, reacher=reacher)
    return replace(
        judge,
        closure=judge.closure.afterwards(reacher, change),
        reacher=reacher,
        restricted=restricted,
        own=replace(judge.own, restricted=restricted),
    )


def _accounts(accounts: Accounts, hashes: Mapping[str, str]) -> Iterator[ProvedAccount]:
    for account in accounts:
        snapshot = account.snapshot
        yield ProvedAccount(
            id=account.id,
            alias=snapshot.alias,
            partition=account.partition,
            taken_at=snapshot.taken_at,
            snapshot_sha256=hashes.get(account.id),
            unread=tuple(
                Unread(what=each.what, of=each.of, code=each.code, leaves_open=each.leaves_open)
                for each in snapshot.unread
            ),
        )


@dataclass(kw_only=True)
class _Work:
    """All that one proof needs, made once."""

    accounts: Accounts
    universe: Universe
    now: datetime
    reacher: Reacher
    closure: Closure
    judges: tuple[Judge, ...]
    sets: ActionSets
    places: Places
    witnesses: Witnesses
    grants: GrantList
    grouping: Grouping
    listing: Listing
    fixing: Fixing
    used: set[tuple[str, str]] = field(default_factory=set)
    """The exceptions that cover something: their claim, and where they are written."""

    @classmethod
    def of(
        cls,
        accounts: Accounts,
        universe: Universe,
        *,
        now: datetime,
        claims: Sequence[Claim],
        assumptions: Assumptions,
        full: bool,
    ) -> _Work:
        reacher = Reacher(accounts, universe, assumptions)
        closure = Closure(reacher, load_rules())
        restricted = Restricted(reacher=reacher)
        own = OwnEnrolment(universe=universe, restricted=restricted)
        everybody = Judge(
            claim=DEFAULT_CLAIM,
            closure=closure,
            reacher=reacher,
            universe=universe,
            restricted=restricted,
            own=own,
            today=now.date(),
        )
        judges = tuple(
            everybody if claim is DEFAULT_CLAIM else replace(everybody, claim=claim) for claim in claims
        )
        places = Places(accounts=accounts)
        sets = ActionSets(universe=universe, full=full)
        witnesses = Witnesses(places=places)
        grants = GrantList(sets=sets, places=places)
        return cls(
            accounts=accounts,
            universe=universe,
            now=now,
            reacher=reacher,
            closure=closure,
            judges=judges,
            sets=sets,
            places=places,
            witnesses=witnesses,
            grants=grants,
            grouping=Grouping(reacher=reacher, places=places, universe=universe),
            listing=Listing(
                closure=closure,
                reacher=reacher,
                judge=everybody,
                sets=sets,
                grants=grants,
                witnesses=witnesses,
                enforcing=Enforcing(reacher=reacher, universe=universe, places=places),
            ),
            fixing=Fixing(
                accounts=accounts,
                universe=universe,
                closure=closure,
                judge_of=_judge_afterwards,
                judges={each.claim.name: each for each in judges},
            ),
        )

    def look(self, chosen: frozenset[str] | None, progress: Progress) -> tuple[ProvedPrincipal, ...]:
        """Look at each principal once: what it reaches, and what speaks against each claim."""
        several = sum(len(account.principals) for account in self.accounts)
        done = 0
        listed: list[tuple[AccountPrincipal, ProvedPrincipal]] = []
        for account in self.accounts:
            holdings = Holdings(account.snapshot)
            for principal in account.principals:
                if chosen is None or principal.arn in chosen:
                    listed.append((principal, self._principal(principal, holdings)))
                done += 1
                progress(done, several)
        return tuple(self._entered(principal, found) for principal, found in listed)

    def _principal(self, principal: AccountPrincipal, holdings: Holdings) -> ProvedPrincipal:
        found: dict[MfaState, dict[str, None]] = {}

        def witness(offence: Offence) -> str | None:
            ident = self._witness(offence)
            if ident is not None:
                found.setdefault(offence.state.mfa, {})[ident] = None
            return ident

        for judge in self.judges:
            self.grouping.add(self._noted(self._offences(judge, principal)), witness)
        return self.listing.principal(
            principal, holdings.of(principal), {mfa: tuple(ids) for mfa, ids in found.items()}
        )

    def _noted(self, offences: Iterable[Offence]) -> Iterator[Offence]:
        for each in offences:
            if each.exception is not None:
                self.used.add((each.claim.name, each.exception.written_at))
            yield each

    def unused(self, claim: Claim) -> Iterator[ClaimException]:
        """Give the exceptions that hold, and cover nothing of what was looked at."""
        today = self.now.date()
        for each in claim.exceptions:
            if each.holds(today) and (claim.name, each.written_at) not in self.used:
                yield each

    def _offences(self, judge: Judge, principal: AccountPrincipal) -> Iterator[Offence]:
        states = self.reacher.states(principal.arn)
        yield from judge.offences(principal, states)
        if principal.kind is PrincipalKind.ROLE:
            yield from outside_offences(judge, principal, states, self.closure)

    def _witness(self, offence: Offence) -> str | None:
        if offence.reason is not None:
            return None
        action = telling_action(self.universe, offence.actions)
        chain = offence.chain(action)
        return self.witnesses.add(offence.principal.arn, offence.state.mfa, action, chain)

    def _entered(self, principal: AccountPrincipal, found: ProvedPrincipal) -> ProvedPrincipal:
        if principal.kind is not PrincipalKind.ROLE:
            return found
        entries = self.listing.entries(principal)
        return msgspec.structs.replace(found, entered_by=entries, enforced=enforced_at_entry(entries))

    # -- findings

    def findings(self, *, some: bool) -> Iterator[ProvedFinding]:
        """Give the findings, those that count first, the gravest first, one principal's together.

        `some`: only some principals were looked at.
        """
        groups = self.grouping.groups.values()
        gravest: dict[str, tuple[bool, bool, bool, int]] = {}
        weights = {group.ident: self._weight(group) for group in groups}
        for group in groups:
            weight = weights[group.ident]
            gravest[group.principals[0]] = min(weight, gravest.get(group.principals[0], weight))

        def order(group: Group) -> tuple[object, ...]:
            excepted, open_, mild, size = weights[group.ident]
            first = group.principals[0]
            return excepted, open_, gravest[first], first, mild, size, group.ident

        yield from map(self._finding, sorted(groups, key=order))
        for judge in self.judges:
            for number, exception in enumerate(judge.claim.exceptions):
                if not exception.holds(self.now.date()):
                    yield expired(judge.claim, number, self.sets)
            for what in named_in_vain(judge.claim, self.accounts, self.universe, self.closure):
                yield empty(judge.claim, what, self.sets)
            for what in not_seen(judge.claim, self.accounts, some=some):
                yield unseen(judge.claim, what, self.sets)

    def _weight(self, group: Group) -> tuple[bool, bool, bool, int]:
        return (
            group.first.exception is not None,
            group.outcome is not Outcome.REFUTED,
            level_of(group, self.universe) != "error",
            -group.actions.bit_count() * len(group.principals),
        )

    def _finding(self, group: Group) -> ProvedFinding:
        exception = group.first.exception
        fix = None if exception is not None else self.fixing.fix(group)
        sure = exception is None and group.outcome is Outcome.REFUTED
        return ProvedFinding(
            id=group.ident,
            rule=group.rule,
            claim=group.claim.name,
            principal=group.principals[0],
            principals=group.principals,
            states=tuple(each.value for each in group.states),
            level=level_of(group, self.universe),
            outcome=group.outcome,
            message=message(group, self.universe, self.sets.known),
            actions=self.sets.add(group.actions),
            telling=telling(self.universe, group.actions),
            witness=group.members[0].witness,
            cause=group.statements[0] if group.statements else None,
            fix=fix,
            no_fix=self.fixing.why_none(group) if fix is None and sure else None,
            reason=group.first.reason,
            exception=None if exception is None else waiver(exception),
        )
