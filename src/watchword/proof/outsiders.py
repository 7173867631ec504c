"""Who gets into a role from outside of the accounts that are looked at, and what that leads to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from watchword.account.model import AccountPrincipal
from watchword.iam import (
    CredentialKind,
    MfaState,
    PolicySet,
    Principal,
    PrincipalKind,
    Request,
    compile_policy,
    evaluate,
    parse_policy,
    principal_context,
)
from watchword.proof.chain import ChainStep, StepKind
from watchword.proof.claim import ClaimException
from watchword.proof.closure import Closure
from watchword.proof.entered import Entry, EntryKind
from watchword.proof.first_device import Answer
from watchword.proof.offences import Judge, Offence
from watchword.proof.states import Exists, State

_PERSONS: Final = frozenset({EntryKind.ANYONE, EntryKind.OTHER_ACCOUNT})
_STRANGER: Final = "arn:aws:iam::999999999999:user/anybody"
_ALLOWED_AT_HOME: Final = compile_policy(
    parse_policy(
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}',
        name="(the caller's own account)",
    )
)
"""Whoever comes from another account needs leave of that account, which anybody can give to themselves."""
_STRANGERS: Final = State(
    mfa=MfaState.ABSENT,
    credential=CredentialKind.ACCESS_KEY,
    exists=Exists.YES,
    why="anybody may have an account of their own",
    name="access key",
)


def outside_offences(
    judge: Judge, role: AccountPrincipal, states: Sequence[State], closure: Closure
) -> Iterator[Offence]:
    """Yield what speaks against a claim because a role can be entered from outside without MFA."""
    without = [state for state in states if state.mfa is MfaState.FALSE]
    if MfaState.FALSE not in judge.claim.mfa.states:
        return
    for entry in closure.entered_by(role.arn):
        open_ = entry.kind in _PERSONS and entry.without_mfa is not Answer.NO
        if open_ and judge.claim.is_about_outside(entry.principal):
            for state in without[:1]:
                yield from _entered(judge, role, state, entry)


def _entered(judge: Judge, role: AccountPrincipal, state: State, entry: Entry) -> Iterator[Offence]:
    sure = entry.kind is EntryKind.ANYONE and entry.without_mfa is Answer.YES
    before = _first_step(judge, role) if sure else None
    closed = judge.closure.of(role.arn, (state,))
    exceptions = _exceptions(judge, role, entry)
    actions = 0
    kept = None
    for offence in judge.in_state(role, state, closed):
        actions |= offence.actions
        if kept is None or (kept.reason is not None and offence.reason is None):
            kept = offence
    if kept is None:
        return
    reason = kept.reason if before is not None else _why_open(entry)
    whole = replace(
        kept, actions=actions, entry=entry, before=() if before is None else (before,), reason=reason
    )
    yield from judge.excepted(whole, exceptions)


def _why_open(entry: Entry) -> str:
    if entry.missing:
        return f"it hangs on {', '.join(f'`{each}`' for each in entry.missing)}"
    return "who may use it there, and whether with MFA, is decided in an account that was not looked at"


def _exceptions(judge: Judge, role: AccountPrincipal, entry: Entry) -> tuple[ClaimException, ...]:
    return tuple(
        each
        for each in judge.claim.exceptions
        if each.holds(judge.today)
        and any(who.covers_outside(entry.principal) or who.covers(role) for who in each.who)
    )


def _first_step(judge: Judge, role: AccountPrincipal) -> ChainStep | None:
    """Return how a stranger gets in; None where the engine does not allow it as it is asked here."""
    account = judge.reacher.accounts.account_of(role.arn)
    attached = None if account is None else account.attached(role.arn)
    if attached is None or attached.trust is None:
        return None
    stranger = Principal(arn=_STRANGER, account="999999999999", kind=PrincipalKind.USER)
    policies = PolicySet(
        identity=(_ALLOWED_AT_HOME,),
        trust=attached.trust.compiled,
        resource_control=attached.policy_set.resource_control,
    )
    request = Request(
        principal=stranger,
        action="sts:AssumeRole",
        resource=role.arn,
        context=principal_context(stranger),
        credential=CredentialKind.ACCESS_KEY,
    )
    decision = evaluate(request, policies)
    if not decision.allowed:
        return None
    return ChainStep(
        actor=stranger.arn,
        state=_STRANGERS,
        request=request,
        policies=policies,
        decision=decision,
        gives=f"a session of `{role.name}`",
        kind=StepKind.OUTSIDE,
    )
