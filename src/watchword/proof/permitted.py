"""Whether somebody may make a move: all its requests, those of one call in one context."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from watchword.iam import (
    UNKNOWN,
    CompiledPolicy,
    ContextValue,
    Outcome,
    PolicyKind,
    PolicySet,
    PrincipalKind,
    Request,
    compile_policy,
    evaluate,
    mfa_keys,
    parse_policy,
)
from watchword.proof.candidates import Reading
from watchword.proof.effects import Ask, Move
from watchword.proof.reach import Answer, Found, Impossible, Reacher, Subject, Undetermined

if TYPE_CHECKING:
    from watchword.account.accounts import Accounts
    from watchword.iam.policy_set import Levels

_ASSUME: Final = "sts:AssumeRole"
_PASS_ROLE: Final = "iam:PassRole"  # noqa: S105 -- an action
_AT_ONCE: Final = "at once"
_POLICY_KEY: Final = "iam:PolicyARN"
_MFA: Final = "aws:multifactorauth"
_REGION: Final = "aws:requestedregion"
_OF_THE_REQUEST: Final = ("aws:requesttag/", "aws:tagkeys", "aws:resourcetag/", "aws:resource")
"""Keys of the whole request that are about its own parameters or resource: not those of another call's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted:
    """The requests of a move, each allowed; `reason`: why it is not sure all the same."""

    found: tuple[Found, ...]
    reason: str | None = None


Alike: TypeAlias = Callable[[str], object]
Verdict: TypeAlias = Permitted | str | None
"""Allowed, not known and why, or not allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """Asks for the requests of moves."""

    reacher: Reacher
    accounts: Accounts
    reading: Reading
    _answers: dict[object, dict[object, Answer | None]] = field(default_factory=dict)
    _contexts: dict[int, tuple[Subject, dict[str, ContextValue], dict[str, ContextValue]]] = field(
        default_factory=dict
    )
    _assuming: dict[tuple[int, ...], tuple[PolicySet, PolicySet]] = field(default_factory=dict)

    def of(self, subject: Subject, move: Move, *, alike: Alike | None = None) -> Verdict:
        """Return the requests of a move by a subject; a text when it is not known; None when it cannot be.

        `alike` gives, for an action, what is the same for subjects with the same answers about it: those
        of one serve the others, and then the requests may be another's.
        """
        return _Asking(self, subject, alike).verdict(move)

    def ask(self, subject: Subject, ask: Ask) -> Answer:
        """Return the answer to one request."""
        return _Asking(self, subject, None).ask(ask)

    def context(self, subject: Subject) -> tuple[dict[str, ContextValue], dict[str, ContextValue]]:
        """Return the keys that are fixed for every request of a subject, and those that its policies read."""
        found = self._contexts.get(id(subject))
        if found is None:
            known: dict[str, ContextValue] = {**subject.known, **mfa_keys(subject.mfa)}
            lower = {key.lower() for key in known}
            reads = self.reading.keys(subject.policies)
            open_: dict[str, ContextValue] = {
                key: UNKNOWN for key in reads if key not in lower and not key.startswith(_MFA)
            }
            found = self._contexts[id(subject)] = subject, known, open_
        return found[1], found[2]

    def kept(self, alike: object) -> dict[object, Answer | None]:
        """Return what is known of the answers to subjects of one class."""
        found = self._answers.get(alike)
        if found is None:
            found = self._answers[alike] = {}
        return found

    def assuming(self, policies: PolicySet, trust: CompiledPolicy, levels: Levels) -> PolicySet:
        """Return a caller's policies with those of the role that it assumes. `levels` are RCPs."""
        key = (id(policies), id(trust), id(levels))
        found = self._assuming.get(key)
        if found is None:
            with_trust = replace(policies, trust=trust, resource_control=levels)
            found = self._assuming[key] = policies, with_trust
        return found[1]


class _Anywhere(Found):
    """A request that is allowed in every context."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class _Asking:
    """The questions of one subject."""

    permissions: Permissions
    subject: Subject
    alike: Alike | None
    """None: the requests are to be shown, and are this subject's own."""

    def verdict(self, move: Move) -> Verdict:
        """Return the requests of a move."""
        found: list[Found] = []
        for number, ask in enumerate(move.asks):
            answer = self._answer(ask, move.asks, number, found)
            match answer:
                case Impossible():
                    return None
                case Undetermined():
                    # A later request may still be impossible for sure.
                    return self._open(move, number, answer.reason)
                case Found():
                    found.append(answer)
        calls = _in_their_calls(move.asks, found)
        if isinstance(calls, str):
            return calls
        return Permitted(found=tuple(calls), reason=move.reason)

    def _open(self, move: Move, number: int, reason: str) -> str | None:
        for ask in move.asks[number + 1 :]:
            if not ask.of_new_policy and isinstance(self.ask(ask), Impossible):
                return None
        return reason

    def _answer(self, ask: Ask, asks: Sequence[Ask], number: int, found: Sequence[Found]) -> Answer:
        before = asks[:number]
        if ask.same_call:
            return self._within(ask, next(each for each in asks[number:] if not each.same_call))
        if ask.of_new_policy:
            made = next(each for each in reversed(found) if each.request.action == "iam:CreatePolicy")
            return self._attached(ask, made.request.resource)
        if ask.resource is None:
            there = _made_before(self.permissions.reacher, ask, before, found)
            if there is not None:
                same = self.ask(replace(ask, resource=there))
                if not isinstance(same, Impossible):
                    return same
                other = self.ask(ask)
                if isinstance(other, Found) and there.rpartition("/")[0] != "":
                    return Undetermined(reason=f"`{ask.action}` may not be allowed on what was made before")
                return other
        return self.ask(ask)

    def _within(self, ask: Ask, call: Ask) -> Answer:
        """A permission that is looked at within a call has that call's region, IAM's though it be."""
        if _REGION not in self.permissions.reading.keys(self.subject.policies):
            return self.ask(ask)
        at_once = self._kept_at_once(ask)
        if at_once is not None:
            return at_once
        made = self.ask(call)
        region = made.request.folded.get(_REGION) if isinstance(made, Found) else None
        if not isinstance(region, str):
            return self.ask(ask)
        answer = self.ask(replace(ask, fixed=(*ask.fixed, (_REGION, region))))
        if not isinstance(answer, Impossible):
            return answer
        if isinstance(self.ask(replace(ask, fixed=(*ask.fixed, (_REGION, UNKNOWN)))), Impossible):
            return answer
        reason = f"`{ask.action}` and `{call.action}` are each allowed, but hardly in one call"
        return Undetermined(reason=reason)

    def _attached(self, ask: Ask, made: str) -> Answer:
        """The policy that is made is the one that is attached: one name has to fit both."""
        answer = self.ask(replace(ask, fixed=(*ask.fixed, (_POLICY_KEY, made))))
        if not isinstance(answer, Impossible):
            return answer
        free = self.ask(ask)
        if not isinstance(free, Found):
            return free
        name = free.request.folded.get(_POLICY_KEY.lower())
        if isinstance(name, str) and f":{self.subject.principal.account}:policy/" in name:
            makes = self.ask(Ask(action="iam:CreatePolicy", resource=name))
            if isinstance(makes, Found):
                return free
        if isinstance(name, str):
            return Impossible()
        return Undetermined(reason="which policies may be made and which attached cannot be told together")

    def _kept_at_once(self, ask: Ask) -> Answer | None:
        """Return what is so in every context, if anything is."""
        policies = self._policies(ask)
        if policies is None:
            return None
        if self.alike is None:
            found = self._at_once(ask, policies)
            return found if isinstance(found, Impossible) else None
        kept, key = self.permissions.kept(self.alike(ask.action)), self._key(ask)
        at_once = (_AT_ONCE, key)
        if at_once not in kept:
            kept[at_once] = self._at_once(ask, policies)
        return kept[at_once]

    def ask(self, ask: Ask) -> Answer:
        """Return the answer to one request."""
        if self.alike is None:
            return self._asked(ask)
        kept, key = self.permissions.kept(self.alike(ask.action)), self._key(ask)
        answer = kept.get(key)
        if answer is None:
            answer = kept[key] = self._asked(ask)
        return answer

    def _key(self, ask: Ask) -> object:
        """Return what an answer is kept by.

        To pass a role, by what statements see of that; to assume one, by what it says itself as well.
        """
        if ask.resource is None or ask.trusted:
            return ask
        reading, subject = self.permissions.reading, self.subject
        if ask.action == _PASS_ROLE:
            account = ask.resource.split(":", 5)[4]
            seen = reading.seen_of(subject.policies, _PASS_ROLE, ask.resource)
            return _PASS_ROLE, ask.fixed, ask.same_call, account, seen
        if ask.action != _ASSUME:
            return ask
        trust = self._trust_of(ask.resource)
        apart = trust is not None and reading.tells_callers_apart(trust)
        return ask, id(trust), subject.arn if apart else None

    def _asked(self, ask: Ask) -> Answer:
        subject, reacher = self.subject, self.permissions.reacher
        policies = self._policies(ask)
        if policies is None:
            return Undetermined(reason=f"the trust policy of `{ask.resource}` cannot be read")
        at_once = None if self.alike is None else self._at_once(ask, policies)
        if at_once is not None:
            return at_once
        fixed: dict[str, ContextValue] = dict(ask.fixed)
        if policies is subject.policies:
            return reacher.solve(subject, ask.action, resource=ask.resource, fixed=fixed)
        return reacher.solve(subject, ask.action, resource=ask.resource, fixed=fixed, policies=policies)

    def _policies(self, ask: Ask) -> PolicySet | None:
        """Return what decides: the subject's policies, and those of the role that is assumed."""
        subject = self.subject
        if ask.action != _ASSUME or ask.resource is None:
            return subject.policies
        trust = _naming(subject) if ask.trusted else self._trust_of(ask.resource)
        if trust is None:
            return None
        levels = subject.policies.resource_control
        account = self.permissions.accounts.account_of(ask.resource)
        if account is not None and account.id != subject.principal.account:
            levels = account.attached(ask.resource).policy_set.resource_control
        if ask.trusted:
            return replace(subject.policies, trust=trust, resource_control=levels)
        return self.permissions.assuming(subject.policies, trust, levels)

    def _at_once(self, ask: Ask, policies: PolicySet) -> Answer | None:
        """Decide with every key unknown that is not fixed: what is sure then is so in any context.

        The request of what is allowed has the keys that are fixed, and no others.
        """
        subject = self.subject
        if ask.resource is None or subject.problems:
            return None
        known, open_ = self.permissions.context(subject)
        if policies.trust is not None or policies.resource_control or ask.fixed:
            known = {**known, **dict(ask.fixed)}
            open_ = self._more_open(known, open_, policies)
        request = Request(
            principal=subject.principal,
            action=ask.action,
            resource=ask.resource,
            context={**open_, **known},
            credential=subject.credential,
            assumptions=subject.assumptions,
        )
        decision = evaluate(request, policies)
        match decision.outcome:
            case Outcome.ALLOWED:
                sure = {key: value for key, value in known.items() if value is not UNKNOWN}
                return _Anywhere(request=replace(request, context=sure), policies=policies, decision=decision)
            case Outcome.UNDETERMINED:
                return None
            case _:
                return Impossible()

    def _more_open(
        self, known: dict[str, ContextValue], open_: dict[str, ContextValue], policies: PolicySet
    ) -> dict[str, ContextValue]:
        """Return the unknown keys with those that the side of the role reads, without the fixed ones."""
        reading = self.permissions.reading
        reads = set(open_)
        for each in (policies.trust, *(one for level in policies.resource_control for one in level)):
            if each is not None:
                reads |= reading.of_document(each)
        lower = {key.lower() for key in known}
        return {key: UNKNOWN for key in reads if key not in lower and not key.startswith(_MFA)}

    def _trust_of(self, arn: str) -> CompiledPolicy | None:
        account = self.permissions.accounts.account_of(arn)
        in_force = None if account is None else account.attached(arn).trust
        return None if in_force is None else in_force.compiled


def _naming(subject: Subject) -> CompiledPolicy:
    """Return a trust policy that names who asks, exactly."""
    statement = {"Effect": "Allow", "Principal": {"AWS": subject.principal.arn}, "Action": "sts:AssumeRole"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return compile_policy(parse_policy(text, name="the trust policy that was written", kind=PolicyKind.TRUST))


def _made_before(reacher: Reacher, ask: Ask, before: Sequence[Ask], found: Sequence[Found]) -> str | None:
    """Return the resource of an earlier request that this one is about too: the function, the session."""
    types = {each.template for each in reacher.universe.resource_types(ask.action)}
    if not types:
        return None
    for earlier, answer in zip(reversed(before), reversed(found), strict=False):
        if earlier.resource is None and earlier.action.partition(":")[0] == ask.action.partition(":")[0]:
            same = types & {each.template for each in reacher.universe.resource_types(earlier.action)}
            if same and answer.request.resource != "*":
                return answer.request.resource
    return None


# -- one call, one context


def _in_their_calls(asks: Sequence[Ask], found: Sequence[Found]) -> list[Found] | str:
    """Return the requests with those of one call in one context; a text when that is not allowed."""
    done: list[Found] = []
    call: list[Found] = []
    for ask, each in zip(asks, found, strict=True):
        call.append(each)
        if ask.same_call:
            continue
        bound = [one for one in call if not isinstance(one, _Anywhere)]
        same = call if len(call) == 1 or (len(bound) < 2 and len(bound) < len(call)) else together(call)
        if same is None:
            names = " and ".join(f"`{one.request.action}`" for one in call)
            return f"{names} are each allowed, but hardly in one call"
        done += same
        call = []
    return done


def together(call: Sequence[Found]) -> list[Found] | None:
    """Return requests in one context, that of one time and place; None when that is not allowed."""
    common: dict[str, ContextValue] = {}
    for each in reversed(call):
        common.update({key: value for key, value in each.request.folded.items() if _is_common(key)})
    same = [_in_context(each, common) for each in call]
    return [each for each in same if each is not None] if None not in same else None


def _is_common(key: str) -> bool:
    return key.startswith("aws:") and not key.startswith(_OF_THE_REQUEST)


def _in_context(found: Found, common: Mapping[str, ContextValue]) -> Found | None:
    own = {key: value for key, value in found.request.folded.items() if not _is_common(key)}
    request = replace(found.request, context={**own, **common})
    decision = evaluate(request, found.policies)
    return replace(found, request=request, decision=decision) if decision.allowed else None


def is_root(subject: Subject) -> bool:
    """Whether the subject is an account's root user, who assumes no role."""
    return subject.principal.kind is PrincipalKind.ROOT


__all__ = ["Permissions", "Permitted", "Request", "Verdict", "is_root"]
