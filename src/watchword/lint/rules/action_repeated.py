"""An action that its own list covers already."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from watchword.iam._glob import matcher, tokenise
from watchword.iam.policy import Located, Statement
from watchword.lint.finding import Finding, Fix, Severity
from watchword.lint.members import Member, members, without
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_ELEMENTS: Final = frozenset({"Action", "NotAction"})
_EVERYTHING: Final = "*"
_WILDCARDS: Final = frozenset("*?")
_STARS: Final = re.compile(r"\*+")
_PATTERNS_A_SERVICE: Final = 200
"""Each entry is held against so many: with more of them in one list, which no service stores, some repeat."""


def check(subject: Subject) -> Iterator[Finding]:
    """Find actions that stand in a list twice, or beside a pattern that covers them."""
    for statement in subject.policy.statements:
        covered = tuple(_covered(statement.actions))
        entries = _entries(subject, statement) if covered else ()
        for index, by in covered:
            action = statement.actions[index]
            twice = _plain(by.text) == _plain(action.text)
            why = "stands in this list already" if twice else f"is covered by `{by.text}` in this list"
            yield RULE.finding(
                subject,
                at=action.offset,
                message=f"`{action.text}` {why}",
                statement=statement,
                fix=_fix(entries, index),
            )


def _covered(actions: Sequence[Located]) -> Iterator[tuple[int, Located]]:
    """Give the index of each entry that another one says already: an equal one before it, or a wider one.

    INVARIANT: no two entries are given as covered by each other, since both would be taken out.
    """
    first: dict[str, Located] = {}
    patterns = _patterns(actions)
    for index, action in enumerate(actions):
        name = _plain(action.text)
        if name in first:
            yield index, first[name]
            continue
        first[name] = action
        service = name.partition(":")[0]
        for pattern in (*patterns.get("*", ()), *patterns.get(service, ())):
            if pattern.covers(name):
                yield index, pattern.written
                break


def _plain(action: str) -> str:
    """Return one spelling for all that cover the same: `*:*` is `*`, and `**` is `*`."""
    text = _STARS.sub("*", action.lower())
    return "*" if text == "*:*" else text


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    written: Located
    text: str
    match: Callable[[str], bool]

    def covers(self, name: str) -> bool:
        """Whether a name is covered, or another pattern taken as text: to a `*` all signs are the same."""
        if name == self.text or ("?" in self.text and not _WILDCARDS.isdisjoint(name)):
            return False
        return self.text == _EVERYTHING or self.match(name.partition(":")[2])


def _patterns(actions: Sequence[Located]) -> dict[str, list[_Pattern]]:
    """Return the patterns in a list by their service, each once."""
    found: dict[str, dict[str, _Pattern]] = {}
    for action in actions:
        text = _plain(action.text)
        if _WILDCARDS.isdisjoint(text):
            continue
        service, _, name = text.partition(":")
        known = found.setdefault(service, {})
        if text not in known and len(known) < _PATTERNS_A_SERVICE:
            known[text] = _Pattern(written=action, text=text, match=matcher(tokenise(name)))
    return {service: list(known.values()) for service, known in found.items()}


def _entries(subject: Subject, statement: Statement) -> Sequence[Member]:
    """Return the items of the statement's list of actions; () where it is no list."""
    for element in members(subject.text, statement.offset):
        if element.name in _ELEMENTS and subject.text[element.value_at] == "[":
            return members(subject.text, element.value_at)
    return ()


def _fix(entries: Sequence[Member], index: int) -> Fix | None:
    """Take the entry out of its list: what the list covers stays the same."""
    edit = without(entries, index) if entries else None
    return None if edit is None else Fix(description="take it out of the list", edits=(edit,))


RULE: Final = Rule(
    ident="action-repeated",
    severity=Severity.NOTE,
    title="The list covers this action already",
    why=(
        "An action that stands in its list twice, or beside a wildcard that covers it, says nothing. It "
        "makes the policy longer (6 144 characters are all that a managed policy has) and hides what the "
        "wildcard lets in. `--fix` takes the narrower entry out, which changes nothing in what is allowed "
        "or denied."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": ["ec2:Describe*", "ec2:DescribeRegions"], "Resource": "*"}]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": ["ec2:Describe*"], "Resource": "*"}]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html",
    check=check,
)
