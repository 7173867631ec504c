"""The catalogue: every rule can be read, is about actions that exist, and says where it is from."""

from __future__ import annotations

import re

import pytest

from proof.closure.attacked import universe
from proof.closure.catalogue_page import PAGE, effects_listed, written
from watchword.proof.escalation import Effect, On, Rule, RuleUnreadable, load_rules, read_rules

RULES = load_rules()
GOOD = """
id = "a-rule"
title = "A rule"
effect = "access-key"
gains = "a key"
[[needs]]
action = "iam:CreateAccessKey"
on = "user"
[[sources]]
url = "https://docs.aws.amazon.com/"
looked_up = "2026-11-23"
"""


def test_a_rule_is_read_from_its_file() -> None:
    [rule] = read_rules({"a-rule.toml": GOOD})
    assert rule.effect is Effect.ACCESS_KEY
    assert rule.needs[0].on is On.USER


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_about_actions_and_keys_that_exist(rule: Rule) -> None:
    for need in rule.needs:
        assert universe().canonical(need.action) == need.action
        for key, _ in need.fixed:
            assert universe().has_key(need.action, key)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_where_its_facts_are_from(rule: Rule) -> None:
    assert rule.sources
    for source in rule.sources:
        assert re.fullmatch(r"https://\S+", source.url)
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", source.looked_up)


@pytest.mark.parametrize("rule", [each for each in RULES if each.services], ids=lambda rule: rule.id)
def test_a_rule_with_a_service_passes_the_role_in_one_call_or_is_not_sure(rule: Rule) -> None:
    passes = [need for need in rule.needs if need.action == "iam:PassRole"]
    if rule.effect is Effect.RUN_AS:
        assert [need.same_call for need in passes] == [True]
        assert passes[0].fixed
    else:
        assert not passes
        assert rule.undetermined


def test_there_is_a_rule_for_every_effect() -> None:
    assert {rule.effect for rule in RULES} == set(Effect) == effects_listed()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[[needs]]", "[[needs]"),
        ('effect = "access-key"', 'effect = "nothing-known"'),
        ('title = "A rule"\n', ""),
        ('on = "user"', 'on = "somebody"'),
        ('gains = "a key"', 'gains = "a key"\nunheard_of = 1'),
        ('id = "a-rule"', 'id = "another-rule"'),
    ],
)
def test_a_file_that_is_none_is_said(old: str, new: str) -> None:
    with pytest.raises(RuleUnreadable, match=r"a-rule\.toml"):
        read_rules({"a-rule.toml": GOOD.replace(old, new)})


def test_the_page_lists_the_catalogue() -> None:
    page = PAGE.read_text("utf-8")
    assert written(page) == page, "run: PYTHONPATH=tests python -m proof.closure.catalogue_page"
