"""Yes, no, or the keys that it depends on."""

from __future__ import annotations

import itertools

from watchword.iam._tri import Tri, all_of, any_of, negate

A, B, C = frozenset({"a"}), frozenset({"b"}), frozenset({"b", "c"})


def test_the_opposite_of_what_is_not_known_is_not_known() -> None:
    assert (negate(True), negate(False), negate(C)) == (False, True, C)


def test_all_and_any_say_what_they_hang_on() -> None:
    assert (all_of([]), any_of([])) == (True, False)
    assert all_of([A, True, C]) == any_of([A, False, C]) == frozenset({"a", "b", "c"})


def test_one_that_settles_it_settles_it_wherever_it_stands() -> None:
    each: list[Tri] = [A, B, True, False]
    for several in itertools.permutations(each):
        assert all_of(several) is False
        assert any_of(several) is True
    no, yes = False, True
    assert (all_of([yes, no]), any_of([no, yes])) == (False, True)
    values: list[Tri] = [yes, A]
    assert (all_of(values), any_of([no, A])) == (A, A)
