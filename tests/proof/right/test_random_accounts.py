"""On random small accounts, what is reached directly is what trying everything finds: no more, no less."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from proof.right.alphabet import DIRECT, universe
from proof.right.brute import Brute, Tried, Who
from proof.right.random_accounts import accounts
from proof.right.small_accounts import SmallAccount, snapshot
from reference.decide import decided_in
from watchword.account.accounts import Accounts
from watchword.account.read import read_snapshot
from watchword.iam.universe import Universe
from watchword.proof.reach import Found, Reached, Reacher
from watchword.proof.states import State

# `WATCHWORD_AGREEMENT_CASES` asks for more, which are other ones each time; unset: always the same.
_ASKED = os.environ.get("WATCHWORD_AGREEMENT_CASES")
_ACCOUNTS = int(_ASKED) // 20 if _ASKED else 30
_UNIVERSE = universe(DIRECT)
_MOST_OPEN = 0.01
"""The share of questions of which the product may say that it does not know although they have an answer."""


def reacher(account: SmallAccount, universe: Universe = _UNIVERSE) -> Reacher:
    data = json.dumps(snapshot(account)).encode()
    return Reacher(Accounts.of([read_snapshot(data, name="small.json")]), universe)


def subjects(reacher: Reacher, account: SmallAccount) -> Iterator[tuple[Who, State]]:
    for principal in (*account.users.values(), *account.roles.values()):
        for state in reacher.states(principal.arn):
            yield (
                Who(arn=principal.arn, credential=state.credential.value, mfa=state.mfa.value),
                state,
            )


def said(reached: Reached, action: str) -> str:
    """What the product says of an action."""
    bit = 1 << _UNIVERSE.bit(action)
    if reached.actions & bit:
        return "reached"
    return "undetermined" if any(mask & bit for mask, _ in reached.undetermined) else "not reached"


def true(tried: Tried | None) -> str:
    """What trying everything says; what hangs on something that AWS leaves open is not determined."""
    if tried is None:
        return "not reached"
    return "reached" if tried.sure else "undetermined"


def is_allowed_by_the_reference(brute: Brute, who: Who, found: Found) -> bool:
    request = found.request
    question = brute.question(who, request.action, request.resource)
    context = {
        key.lower(): list(value) if isinstance(value, tuple) else value
        for key, value in request.context.items()
    }
    return decided_in(question, context) == "allowed"  # type: ignore[arg-type]  # nothing is unknown


@settings(
    max_examples=_ACCOUNTS,
    derandomize=_ASKED is None,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(account=accounts(DIRECT))
def test_what_is_reached_is_what_trying_everything_finds(account: SmallAccount) -> None:
    product, brute = reacher(account), Brute(account, DIRECT)
    for who, state in subjects(product, account):
        subject, tried = product.subject(who.arn, state), brute.reached(who)
        reached = product.reached(subject)
        for action in DIRECT:
            answer, truth = said(reached, action), true(tried.get(action))
            where = f"{who}: {action}: {truth}, the product says {answer}; {tried.get(action)}"
            assert answer in {truth, "undetermined"}, where
            if answer == "reached":
                assert is_allowed_by_the_reference(brute, who, reached.witness(action)), where


@pytest.fixture(scope="module")
def answers() -> Counter[tuple[str, str]]:
    """How often which truth meets which answer."""
    import random

    from proof.right.random_accounts import account
    from reference.choices import Choices

    source, found = random.Random(7), Counter[tuple[str, str]]()  # noqa: S311 (no secret)
    for _ in range(12):
        made = account(Choices(source.randbytes(500)), DIRECT)
        product, brute = reacher(made), Brute(made, DIRECT)
        for who, state in subjects(product, made):
            reached, tried = product.reached(product.subject(who.arn, state)), brute.reached(who)
            found.update((true(tried.get(action)), said(reached, action)) for action in DIRECT)
    return found


def test_few_answers_are_left_open_that_could_be_given(answers: Counter[tuple[str, str]]) -> None:
    held_back = answers["reached", "undetermined"] + answers["not reached", "undetermined"]
    assert held_back <= _MOST_OPEN * answers.total()


def test_each_answer_is_frequent(answers: Counter[tuple[str, str]]) -> None:
    for truth, least in (("reached", 0.2), ("not reached", 0.2), ("undetermined", 0.01)):
        assert sum(count for (each, _), count in answers.items() if each == truth) > least * answers.total()
