"""Which actions a statement covers, against a matcher that is slow and obviously right."""

from __future__ import annotations

import itertools

from iam.policies import Statement, compiled
from watchword.iam._names import ActionIndex

PATTERNS = ["a", "bB", "*", "A*", "ba*", "*b", "a?", "?", "b*A", "*a*"]
NAMES = ["", "a", "b", "ab", "ba", "bb", "aab", "bba", "ccc"]


def matches(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return matches(pattern[1:], text) or (bool(text) and matches(pattern, text[1:]))
    return bool(text) and pattern[0] in {"?", text[0]} and matches(pattern[1:], text[1:])


def index(element: str, *actions: str) -> ActionIndex:
    statement: Statement = {"Effect": "Deny", element: list(actions), "Resource": "*"}
    (rule,) = compiled(statement).rules
    return rule.actions


def covered(found: ActionIndex, service: str) -> list[str]:
    return [name for name in NAMES if name in found.of(service)]


def test_an_action_covers_the_names_that_match_one_of_its_patterns() -> None:
    for count in (1, 2, 3):
        for patterns in itertools.permutations(PATTERNS, count):
            listed = [name for name in NAMES if any(matches(each.lower(), name) for each in patterns)]
            found = index("Action", *(f"S:{each}" for each in patterns), "t:a")
            assert (covered(found, "s"), covered(found, "t"), covered(found, "u")) == (listed, ["a"], [])


def test_not_action_covers_all_others_and_all_of_services_that_it_does_not_list() -> None:
    for patterns in itertools.permutations(PATTERNS, 2):
        others = [name for name in NAMES if not any(matches(each.lower(), name) for each in patterns)]
        found = index("NotAction", *(f"S:{each}" for each in patterns), "t:a")
        assert (covered(found, "s"), covered(found, "u")) == (others, NAMES)
        assert covered(found, "t") == [name for name in NAMES if name != "a"]


def test_a_star_covers_every_service() -> None:
    for star in ("*", "*:*"):
        assert covered(index("Action", "s:a", star), "s") == covered(index("Action", star), "u") == NAMES
        assert covered(index("NotAction", "s:a", star), "s") == covered(index("NotAction", star), "u") == []
