"""On random small accounts, chains lead to what an attacker comes to who makes every call there is."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, event, given, settings

from proof.right.alphabet import CHAINS, universe
from proof.right.brute_closure import Attack, TooManyWorlds
from proof.right.random_accounts import accounts
from proof.right.small_accounts import SmallAccount, User
from proof.right.test_random_accounts import reacher
from watchword.iam import MfaState, evaluate
from watchword.proof.closure import Closed, Closure
from watchword.proof.escalation import load_rules
from watchword.proof.states import Exists, State

_ASKED = os.environ.get("WATCHWORD_AGREEMENT_CASES")
_ACCOUNTS = int(_ASKED) // 50 if _ASKED else 16
_UNIVERSE = universe(CHAINS)


# Those that the small world knows all actions of.
RULES = [rule for rule in load_rules() if all(need.action in CHAINS for need in rule.needs)]


def without_mfa(states: tuple[State, ...]) -> list[State]:
    return [each for each in states if each.exists is Exists.YES and each.mfa is not MfaState.TRUE]


def named(mask: int) -> set[str]:
    return {action for action in CHAINS if mask >> _UNIVERSE.bit(action) & 1}


def perhaps(closed: Closed) -> set[str]:
    return {action for mask, _ in closed.undetermined for action in named(mask)}


@settings(
    max_examples=_ACCOUNTS,
    derandomize=_ASKED is None,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(account=accounts(CHAINS, chains=True))
def test_what_chains_lead_to_is_what_making_every_call_leads_to(account: SmallAccount) -> None:
    product = reacher(account, _UNIVERSE)
    closure = Closure(product, RULES)
    for user in account.users.values():
        states = without_mfa(product.states(user.arn))
        if not states:
            continue
        try:
            least, most = attacked(account, user, states)
        except TooManyWorlds:
            event("too many worlds")
            continue
        event("compared")
        closed = closure.of(user.arn, states)
        found = named(closed.actions)
        assert found <= most, f"{user.name}: invented {found - most}"
        missed = least - found - perhaps(closed)
        assert not missed, f"{user.name}: missed {missed}"
        assert least <= found, f"{user.name}: held back {least - found}"
        for action in found:
            steps = closed.chain(action).steps
            assert all(evaluate(each.request, each.policies).allowed for each in steps)
            assert steps[-1].request.action == action


def attacked(account: SmallAccount, user: User, states: list[State]) -> tuple[set[str], set[str]]:
    """Return what is surely reached, and what is reached when what is left open is as the attacker wishes."""
    kinds = [each.credential.value for each in states]
    return (
        Attack(user.arn, sure=True, for_itself=False).reached(account, kinds),
        Attack(user.arn, sure=True, for_itself=True).reached(account, kinds),
    )
