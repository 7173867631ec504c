"""The matcher of patterns, against one that is slow and obviously right."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from watchword.iam._arn import resource_pattern
from watchword.iam._glob import Wild, joined, matcher, tokenise
from watchword.iam._variables import parts, settled

PATTERNS = st.text(alphabet="ab:*?", max_size=9)
TEXTS = st.text(alphabet="ab:", max_size=9)


def matches(pattern: str, text: str) -> bool:
    """What a pattern means, said in four lines."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return matches(pattern[1:], text) or (bool(text) and matches(pattern, text[1:]))
    return bool(text) and pattern[0] in {"?", text[0]} and matches(pattern[1:], text[1:])


def matches_resource(pattern: str, text: str, part: int = 0) -> bool:
    """The same for a Resource: in the first five parts a star crosses colons only at the end of its part."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        rest = pattern.lstrip("*")
        free = part >= 5 or not rest or rest[0] == ":"
        if matches_resource(rest, text, part):
            return True
        return bool(text) and (free or text[0] != ":") and matches_resource(pattern, text[1:], part)
    if not text:
        return False
    if pattern[0] == "?":
        return (part >= 5 or text[0] != ":") and matches_resource(pattern[1:], text[1:], part)
    return pattern[0] == text[0] and matches_resource(pattern[1:], text[1:], part + (pattern[0] == ":"))


@given(PATTERNS, TEXTS)
def test_a_pattern_matches_what_the_obvious_matcher_matches(pattern: str, text: str) -> None:
    assert matcher(tokenise(pattern))(text) is matches(pattern, text)


@given(PATTERNS, TEXTS)
def test_a_resource_matches_what_the_obvious_matcher_matches(pattern: str, text: str) -> None:
    tokens = settled(resource_pattern(parts(pattern, variables=False, wildcards=True)))
    assert matcher(tokens)(text) is matches_resource(pattern, text)


def words(signs: str, longest: int) -> Iterator[str]:
    for length in range(longest + 1):
        yield from map("".join, itertools.product(signs, repeat=length))


def test_every_short_pattern_matches_what_the_obvious_matcher_matches() -> None:
    texts = list(words("ab", 4))
    for pattern in words("ab*?", 4):
        match = matcher(tokenise(pattern))
        assert [text for text in texts if match(text) is not matches(pattern, text)] == []


def test_pieces_between_stars_are_found_one_after_the_other() -> None:
    texts = list(words("ab", 6))
    for pattern in ("ab*ab*ab", "*ab*ba*", "a*bb*a", "*a*a*a*", "ab*b", "*ab", "ba*", "*bab*", "aa*aa"):
        match = matcher(tokenise(pattern))
        assert [text for text in texts if match(text) is not matches(pattern, text)] == []


def test_every_wildcard_in_every_part_of_an_arn_matches_what_the_obvious_matcher_matches() -> None:
    wild = ["*", "?", "a*", "*X", "a*X", "?*", "*?", "**"]
    values = ["", "a", "X", "aX", "a:X", ":"]
    for first, second in itertools.combinations(range(7), 2):
        for one, other in itertools.product(wild, ["a", "*", "*a", "?"]):
            parts_ = ["a"] * 7
            parts_[first], parts_[second] = one, other
            pattern = ":".join(parts_)
            match = matcher(settled(resource_pattern(parts(pattern, variables=False, wildcards=True))))
            for value, rest in itertools.product(values, ["a", "aa", ":"]):
                parts_[first], parts_[second] = value, rest
                text = ":".join(parts_)
                assert match(text) is matches_resource(pattern, text), (pattern, text)


def test_a_pattern_that_ends_before_the_fifth_colon_matches_what_the_obvious_matcher_matches() -> None:
    for pattern in ("*", "a*", "a:*", "a:b*", "a:*b", "a:?", "a:?*", "a:*?", "a:b:*:*"):
        match = matcher(settled(resource_pattern(parts(pattern, variables=False, wildcards=True))))
        texts = words("ab:", 5)
        assert [text for text in texts if match(text) is not matches_resource(pattern, text)] == []


def test_a_pattern_of_nothing_matches_nothing_else() -> None:
    assert resource_pattern(()) == ()
    assert matcher(())("") is True
    assert matcher(())("a") is False


def test_neighbours_become_one() -> None:
    assert joined(["a", "", "b", Wild.ANY, "", "c"]) == ("ab", Wild.ANY, "c")
    assert joined(["", Wild.STAR, "", Wild.STAR]) == (Wild.STAR,)
    assert joined([Wild.STAR_IN_PART, Wild.STAR_IN_PART, "a"]) == (Wild.STAR_IN_PART, "a")
    for two in ([Wild.STAR_IN_PART, Wild.STAR], [Wild.STAR, Wild.STAR_IN_PART]):
        assert joined(["a", *two, "b"]) == ("a", Wild.STAR, "b")
    assert joined([Wild.ANY, Wild.STAR, Wild.ANY, Wild.ANY]) == (Wild.ANY, Wild.STAR, Wild.ANY, Wild.ANY)


@given(st.text(max_size=5), st.text(max_size=5))
def test_a_star_stands_for_any_text(head: str, tail: str) -> None:
    assert matcher(joined([head, Wild.STAR, tail]))(f"{head}*?{tail}")


def test_an_emoji_is_two_question_marks() -> None:
    assert matcher(tokenise("a??b"))("a😀b")
    assert not matcher(tokenise("a?b"))("a😀b")
    assert matcher(tokenise("?é?b"))("aé€b")
    assert matcher(tokenise("??€*"))("😀€é")
    assert not matcher(tokenise("??Ĭ"))("😀,")
    assert matcher(tokenise("???"))("😀\ud800")


def test_no_pattern_can_blow_up() -> None:
    started = time.process_time()
    text = "a" * 2000
    assert not matcher(tokenise("*a" * 200 + "b"))(text)
    assert not matcher(tokenise("*a?" * 200 + "b"))(text)
    hostile = settled(resource_pattern(parts("arn:" + "a*a" * 200 + "b:x", variables=False, wildcards=True)))
    assert not matcher(hostile)("arn:" + text)
    assert time.process_time() - started < 10
