"""Sets of actions are written short, and say exactly what they hold."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proof.claims.written_accounts import universe
from watchword.iam import Universe
from watchword.proof.action_sets import ActionSets

SERVICES = ("s3", "iam", "sts", "ec2", "kms", "a4b")


def read(patterns: Iterable[str], universe: Universe) -> int:
    """What patterns say, read as the documentation explains them."""
    found = 0
    for pattern in patterns:
        service, _, name = pattern.partition(":")
        if pattern == "*":
            return (1 << universe.size) - 1
        if pattern == "?:?":
            found |= 1 << (universe.size - 1)
            continue
        start, length = universe.span(service)
        if name == "*":
            found |= ((1 << length) - 1) << start
        elif name == "?":
            found |= 1 << (start + length - 1)
        else:
            found |= universe.mask(pattern)
    return found


@st.composite
def masks(draw: st.DrawFn) -> int:
    everything = universe()
    found = 0
    for service in SERVICES:
        start, length = everything.span(service)
        whole = (1 << length) - 1
        part = draw(st.one_of(st.sampled_from([0, whole, whole >> 1]), st.integers(0, whole)))
        found |= part << start
    return found | draw(st.sampled_from([0, 1 << (everything.size - 1)]))


@given(mask=masks(), full=st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_set_expands_to_exactly_what_was_put_in(mask: int, full: bool) -> None:
    assert read(ActionSets(universe=universe(), full=full).patterns(mask), universe()) == mask


@pytest.mark.parametrize(
    ("pattern", "written"),
    [("s3:Get*", ("s3:Get*",)), ("sts:GetSessionToken", ("sts:GetSessionToken",))],
)
def test_words_become_patterns(pattern: str, written: tuple[str, ...]) -> None:
    sets = ActionSets(universe=universe())
    assert sets.patterns(universe().mask(pattern)) == written


def test_everything_is_a_star_and_full_names_each_action() -> None:
    everything = (1 << universe().size) - 1
    assert ActionSets(universe=universe()).patterns(everything) == ("*",)
    named = ActionSets(universe=universe(), full=True).patterns(everything)
    assert {"s3:GetObject", "s3:?", "?:?"} <= set(named)
    assert not any("*" in each for each in named)


def test_equal_sets_have_one_id_and_count_known_actions_only() -> None:
    sets = ActionSets(universe=universe())
    start, length = universe().span("s3")
    whole = ((1 << length) - 1) << start
    assert sets.add(whole) is sets.add(whole)
    assert sets.add(whole).count == length - 1
    assert sets.written()[sets.add(whole).set] == ("s3:*",)
