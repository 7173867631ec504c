"""Thousands of random small accounts: what the proof says of each is what trying everything found.

What was found is checked in (`numbered.py`); that it still is found is tried here for some, and by
`make agree` for all.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest

from proof.right.alphabet import CHAINS, DIRECT, universe
from proof.right.brute import Who
from proof.right.numbered import (
    chain_answers,
    checked_in,
    credentials,
    direct_answers,
    numbered,
    starts,
    try_chains,
    try_directly,
)
from proof.right.small_accounts import SmallAccount
from proof.right.test_random_accounts import reacher, said, subjects
from proof.right.test_random_chains import RULES, named, perhaps, without_mfa
from watchword.iam import evaluate
from watchword.proof.closure import Closure
from watchword.proof.reach import Reacher
from watchword.proof.states import Exists, State

DIRECTLY = checked_in("direct.txt")
BY_CHAINS = checked_in("chains.txt")
_IN_ONE, _CHAINS_IN_ONE = 100, 50
# Questions that are left open although they have an answer, by account: no others may come to it.
_LEFT_OPEN = {68: 3, 345: 3, 398: 3, 468: 2, 1126: 4, 1160: 1, 1223: 13, 1716: 4, 1727: 3, 1967: 3}
_LEFT_OPEN_BY_CHAINS: dict[int, int] = {}
_UNIVERSE = universe(CHAINS)
# Some are tried again each time, and all of them with `WATCHWORD_AGREEMENT_CASES`.
_EVERY = 1 if os.environ.get("WATCHWORD_AGREEMENT_CASES") else 80


def _parts(answers: dict[int, str], size: int) -> list[range]:
    return [range(start, min(start + size, len(answers))) for start in range(0, len(answers), size)]


def _in_force(product: Reacher, made: SmallAccount) -> Iterator[tuple[Who, State]]:
    return (each for each in subjects(product, made) if each[1].exists is Exists.YES)


@pytest.mark.parametrize("numbers", _parts(DIRECTLY, _IN_ONE), ids=str)
def test_no_action_is_missed_and_none_invented(numbers: range) -> None:
    wrong, left_open = [], Counter[int]()
    for number in numbers:
        made = numbered(number, DIRECT)
        truths, product = direct_answers(DIRECTLY[number], made), reacher(made)
        there = dict(_in_force(product, made))
        assert set(there) == set(credentials(made)), number
        for who, state in there.items():
            reached = product.reached(product.subject(who.arn, state))
            for action in DIRECT:
                answer, truth = said(reached, action), truths[who, action]
                if answer not in {truth, "undetermined"}:
                    wrong.append((number, who, action, truth, answer))
                left_open[number] += answer != truth
    assert wrong == []
    assert left_open <= Counter(_LEFT_OPEN)


@pytest.mark.parametrize("numbers", _parts(BY_CHAINS, _CHAINS_IN_ONE), ids=str)
def test_chains_lead_to_nothing_else_and_nothing_less(numbers: range) -> None:
    wrong, left_open = [], Counter[int]()
    for number in numbers:
        made = numbered(number, CHAINS)
        product = reacher(made, _UNIVERSE)
        closure = Closure(product, RULES)
        for arn, (least, most) in chain_answers(BY_CHAINS[number], made).items():
            closed = closure.of(arn, without_mfa(product.states(arn)))
            found = named(closed.actions)
            if found - most or least - found - perhaps(closed):
                wrong.append((number, arn, found - most, least - found - perhaps(closed)))
            left_open[number] += len(least - found)
            for action in found:
                steps = closed.chain(action).steps
                assert all(evaluate(each.request, each.policies).allowed for each in steps)
                assert steps[-1].request.action == action
    assert wrong == []
    assert left_open <= Counter(_LEFT_OPEN_BY_CHAINS)


def test_what_is_checked_in_is_what_trying_everything_finds() -> None:
    for number in range(0, len(DIRECTLY), _EVERY):
        assert DIRECTLY[number] == try_directly(number), number
    for number in range(0, len(BY_CHAINS), _EVERY):
        assert BY_CHAINS[number] == try_chains(number), number


def test_thousands_are_compared_and_each_answer_is_frequent() -> None:
    assert len(DIRECTLY) >= 2_000
    found = Counter[str]()
    for number in range(0, len(DIRECTLY), 10):
        found.update(direct_answers(DIRECTLY[number], numbered(number, DIRECT)).values())
    for each, least in (("reached", 0.2), ("not reached", 0.2), ("undetermined", 0.01)):
        assert found[each] > least * found.total(), found


def test_hundreds_of_starts_come_to_something_by_chains_and_not_to_everything() -> None:
    some = 0
    for number, line in BY_CHAINS.items():
        answers = chain_answers(line, numbered(number, CHAINS)).values()
        some += sum(0 < len(most) < len(CHAINS) for _, most in answers)
    assert some >= 300
    assert all(
        len(starts(numbered(number, CHAINS))) == len(BY_CHAINS[number].split()) for number in range(50)
    )
