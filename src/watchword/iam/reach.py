"""All actions at once: what a principal's policies must allow, and what they may, in each MFA state.

The state of MFA is one of three and is tried as it is. Of everything else only what the question says is
known. An action *must* be allowed when it is allowed on every resource of the principal's own account and
in every context; it *may* be when it is in some. Where a bit is in `may` and not in `must`, a single
request has to be asked of `evaluate`.

`cover` is the work that the policies alone need, done once: every statement becomes two masks over the
universe. `Coverage.reach` is the question. It evaluates each distinct Condition block and combines masks;
nothing of an answer is kept.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from watchword.iam._arn import account_of, split_arn
from watchword.iam._coverage import NOTHING, Bits, Surveyor
from watchword.iam._open_context import OpenContext, depends_on_mfa, mfa_contexts
from watchword.iam._tri import Tri, all_of
from watchword.iam.compile import CompiledPolicy, Rule
from watchword.iam.conditions import Test
from watchword.iam.context import Context
from watchword.iam.policy import PrincipalType
from watchword.iam.policy_set import PolicySet
from watchword.iam.universe import Universe

_PRINCIPAL_ARN: Final = "aws:principalarn"
_SERVICE_LINKED: Final = ":role/aws-service-role/"
_SETTLED_ELSEWHERE: Final = ("sts:AssumeRole*", "sts:TagSession", "sts:SetSourceIdentity")
"""A role's trust policy has to allow these."""

Tests: TypeAlias = tuple[Test, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Masks:
    """Bits of the universe (`Universe.expand` names them): surely allowed, and not surely denied."""

    must: int
    may: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What can be reached while `aws:MultiFactorAuthPresent` is absent, `false` and `true`."""

    absent: Masks
    false: Masks
    true: Masks


def reach(policies: PolicySet, universe: Universe, context: Context) -> Reach:
    """Return what these policies must and may allow of all actions, in each MFA state.

    `context` holds what is known of every request, as `principal_context` gives it; an empty tuple says
    that a key is absent. All other keys are unknown, `aws:MultiFactorAuthPresent` is tried in its three
    states, and `aws:MultiFactorAuthAge` is used where MFA is. To ask again of the same policies, keep
    what `cover` returns.

    Raises ValueError when the policies have a role's trust policy: that is about one role only.
    """
    arn = next((value for key, value in context.items() if key.lower() == _PRINCIPAL_ARN), None)
    return cover(policies, universe, principal_arn=arn if isinstance(arn, str) else None).reach(context)


def cover(policies: PolicySet, universe: Universe, *, principal_arn: str | None = None) -> Coverage:
    """Measure the policies of one principal against the universe.

    Identity policies, permissions boundary, session policies and SCPs count in full (SCPs not for a
    service-linked role). The others, which name principals, are taken for what they may do: a resource's
    policy may allow or deny, an RCP may deny, and an endpoint's policy surely allows only where it names
    everybody. What a role's trust policy or a key's policy has to allow as well is never sure; what one of
    them grants by itself, without these policies, is not looked at.

    `principal_arn` gives the partition and the account whose resources are meant (None: those of any).
    It is not for the root user, whom identity policies do not bind; and a federated user session without a
    session policy is one with none: `session=()`.

    Raises ValueError when the policies have a role's trust policy.
    """
    if policies.trust is not None:
        raise ValueError("a trust policy is about one role: leave it out to ask about all actions")
    parts = split_arn(principal_arn or "")
    surveyor = Surveyor(
        universe=universe,
        partition=parts[1] if parts else None,
        account=account_of(principal_arn or ""),
    )
    own = (policies.identity, *_limits(policies))
    levels = () if _SERVICE_LINKED in (principal_arn or "") else policies.service_control
    denying = [each for layer in (*own, *levels) for each in layer]
    others = [each for level in policies.resource_control for each in level]
    side = () if policies.resource is None else (policies.resource,)
    endpoint = policies.endpoint or ()
    return Coverage(
        own=_fewest([_allowing(surveyor, layer) for layer in own]),
        guards=_fewest([_allowing(surveyor, layer) for layer in (*levels, *((each,) for each in endpoint))]),
        side=_allowing(surveyor, side).unsure(),
        denies=_denying(surveyor, denying),
        doubtful=_denying(surveyor, [*others, *side, *endpoint]).unsure(),
        elsewhere=_settled_elsewhere(universe) | (universe.mask("kms:*") if side else 0),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The policies of one principal as masks. Made by `cover`.

    `own` and `guards` are the layers that all have to allow; a `side` may allow in place of the `own` ones.
    """

    own: tuple[_Side, ...]
    guards: tuple[_Side, ...]
    side: _Side
    denies: _Side
    doubtful: _Side
    elsewhere: int

    def reach(self, context: Context) -> Reach:
        """Return what the policies must and may allow; for `context` see the function `reach`."""
        contexts = mfa_contexts(context)
        own = _together([side.bits(contexts) for side in self.own])
        if self.side.always.may or self.side.blocks:
            own = [each | side for each, side in zip(own, self.side.bits(contexts), strict=True)]
        allowed = _together([own, *(side.bits(contexts) for side in self.guards)])
        denied = self.denies.bits(contexts)
        if self.doubtful.always.may or self.doubtful.blocks:
            denied = [each | more for each, more in zip(denied, self.doubtful.bits(contexts), strict=True)]
        absent, false, true = map(self._masks, allowed, denied)
        return Reach(absent=absent, false=false, true=true)

    def _masks(self, allowed: Bits, denied: Bits) -> Masks:
        surely_not = denied.may | self.elsewhere
        return Masks(must=allowed.must & ~surely_not, may=allowed.may & ~denied.must)


def _together(sides: Sequence[Sequence[Bits]]) -> Sequence[Bits]:
    """Return what all of the sides cover, in each state."""
    found = sides[0]
    for side in sides[1:]:
        found = [each & more for each, more in zip(found, side, strict=True)]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """Statements of one effect: what they cover at all times, and under conditions.

    Those with an equal Condition block are one here. `by_mfa` are those that look at MFA.
    """

    always: Bits
    plain: tuple[tuple[Tests, Bits], ...] = ()
    by_mfa: tuple[tuple[Tests, Bits], ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether any statement has a condition."""
        return bool(self.plain or self.by_mfa)

    def bits(self, contexts: Sequence[OpenContext]) -> Sequence[Bits]:
        """Return what is covered in each of the contexts, which differ in their MFA keys only."""
        common = _where_they_hold(self.always, self.plain, contexts[0]) if self.plain else self.always
        if not self.by_mfa:
            return [common] * len(contexts)
        return [_where_they_hold(common, self.by_mfa, context) for context in contexts]

    def unsure(self) -> _Side:
        """Return the same with nothing sure."""
        return _Side(
            always=Bits(0, self.always.may),
            plain=tuple((tests, Bits(0, bits.may)) for tests, bits in self.plain),
            by_mfa=tuple((tests, Bits(0, bits.may)) for tests, bits in self.by_mfa),
        )


def _where_they_hold(bits: Bits, conditional: Iterable[tuple[Tests, Bits]], context: OpenContext) -> Bits:
    must, may = bits.must, bits.may
    for tests, each in conditional:
        held: Tri = tests[0](context) if len(tests) == 1 else all_of(test(context) for test in tests)
        if held is False:
            continue
        may |= each.may
        if held is True:
            must |= each.must
    return Bits(must, may)


def _fewest(sides: Sequence[_Side]) -> tuple[_Side, ...]:
    """Return the sides with those that no question changes made one."""
    changing = tuple(side for side in sides if side.blocks)
    still = [side.always for side in sides if not side.blocks]
    return (_Side(always=functools.reduce(operator.and_, still)), *changing) if still else changing


def _limits(policies: PolicySet) -> list[Sequence[CompiledPolicy]]:
    boundary, session = policies.permissions_boundary, policies.session
    found: list[Sequence[CompiledPolicy]] = [] if boundary is None else [(boundary,)]
    return found if session is None else [*found, session]


def _allowing(surveyor: Surveyor, documents: Iterable[CompiledPolicy]) -> _Side:
    return _side(surveyor, [rule for each in documents for rule in each.rules if not rule.deny])


def _denying(surveyor: Surveyor, documents: Iterable[CompiledPolicy]) -> _Side:
    return _side(surveyor, [rule for each in documents for rule in each.rules if rule.deny])


def _side(surveyor: Surveyor, rules: Iterable[Rule]) -> _Side:
    always = NOTHING
    blocks: dict[object, tuple[Tests, bool, Bits]] = {}
    for rule in rules:
        statement = rule.policy.statements[rule.ref.index]
        bits = surveyor.survey(statement, rule.policy.version)
        if not _names_everybody(rule):
            bits = Bits(0, bits.may)
        if not rule.conditions:
            always |= bits
            continue
        block = (rule.policy.version, frozenset(_as_written(rule)))
        tests, by_mfa, before = blocks.get(block, (_tests(rule), _looks_at_mfa(rule), NOTHING))
        blocks[block] = tests, by_mfa, before | bits
    return _Side(
        always=always,
        plain=tuple((tests, bits) for tests, by_mfa, bits in blocks.values() if not by_mfa),
        by_mfa=tuple((tests, bits) for tests, by_mfa, bits in blocks.values() if by_mfa),
    )


def _names_everybody(rule: Rule) -> bool:
    """Whether a statement is about the caller, whoever it is."""
    statement = rule.policy.statements[rule.ref.index]
    named = statement.principals
    return named is None or (
        not statement.not_principal and any(each.type is PrincipalType.ANYONE for each in named)
    )


def _as_written(rule: Rule) -> Iterable[tuple[str, str, tuple[str, ...]]]:
    return ((str(each.operator), each.key.text, each.values) for each, _ in rule.conditions)


def _tests(rule: Rule) -> Tests:
    return tuple(test for _, test in rule.conditions)


def _looks_at_mfa(rule: Rule) -> bool:
    return any(depends_on_mfa(condition) for condition, _ in rule.conditions)


def _settled_elsewhere(universe: Universe) -> int:
    """Return the bits of the actions on roles and keys, and of the unknown ones of their services."""
    found = 0
    for pattern in _SETTLED_ELSEWHERE:
        found |= universe.mask(pattern)
    for action in universe.actions("kms"):
        if universe.resource_types(action):
            found |= 1 << universe.bit(action)
    for service in ("sts", "kms"):
        found |= 1 << universe.bit(f"{service}:?")
    return found
