"""Every rule is listed, explained and documented, and finds its own example."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

from lint.documents import universe
from watchword.lint import RULES, Rule, lint_text, rules

DOCS = Path(__file__).parents[2] / "docs" / "lint"
EACH = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.ident)


def test_the_registry_lists_every_rule_once_in_order() -> None:
    modules = [
        importlib.import_module(f"{rules.__name__}.{found.name}")
        for found in pkgutil.iter_modules(rules.__path__)
    ]
    assert [module.RULE for module in sorted(modules, key=lambda each: each.__name__)] == list(RULES)


@EACH
def test_a_rule_is_named_as_its_file(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.ident)
    module = importlib.import_module(f"{rules.__name__}.{rule.ident.replace('-', '_')}")
    assert module.RULE is rule


def _found(rule: Rule, text: str) -> list[str]:
    found = lint_text(
        text,
        name="example",
        kind=rule.kind,
        attached_to=rule.attached_to,
        universe=universe(),
    )
    return [each.rule for each in found]


@EACH
def test_a_rule_finds_its_before_and_not_its_after(rule: Rule) -> None:
    assert rule.ident in _found(rule, rule.before)
    assert rule.ident not in _found(rule, rule.after)


@EACH
def test_a_rule_says_why_and_which_page_of_aws_says_so(rule: Rule) -> None:
    assert not rule.title.endswith(".")
    assert "\n" not in rule.title
    assert rule.why.endswith(".")
    assert re.match(r"https://docs\.aws\.amazon\.com/\S+$", rule.source)


@EACH
def test_a_rule_has_a_page_that_says_the_same(rule: Rule) -> None:
    page = (DOCS / f"{rule.ident}.md").read_text(encoding="utf-8")
    heading, _, rest = page.partition("\n")
    assert heading == f"# {rule.ident}"
    assert rule.title in rest
    assert rule.why in " ".join(page.split())
    assert f"**{rule.severity}**" in rest
    assert f"```json\n{rule.before}\n```" in page
    assert f"```json\n{rule.after}\n```" in page
    assert rule.source in page


def test_every_page_is_of_a_rule_and_the_index_lists_all() -> None:
    idents = [rule.ident for rule in RULES]
    assert sorted(path.stem for path in DOCS.glob("*.md") if path.stem != "index") == idents
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[([a-z0-9-]+)\]\(\1\.md\) \| (\w+) \| (.*) \|$", index, re.MULTILINE)
    assert rows == [(rule.ident, rule.severity.value, rule.title) for rule in RULES]


def test_only_rules_that_exist_are_superseded() -> None:
    idents = {rule.ident for rule in RULES}
    assert {each for rule in RULES for each in rule.supersedes} <= idents
