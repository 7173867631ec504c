"""An action that its own list covers already."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from watchword.iam._glob import matcher, tokenise
from watchword.iam.policy import Located, Statement
from watchword.lint.finding import Finding, Fix, Severity
from watchword.lint.members import members, without
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_ELEMENTS: Final = frozenset({"Action", "NotAction"})
_EVERYTHING: Final = frozenset({"*", "*:*"})
_WILDCARDS: Final = frozenset("*?")


def check(subject: Subject) -> Iterator[Finding]:
    """Find actions that stand in a list twice, or beside a pattern that covers them."""
    for statement in subject.policy.statements:
        for index, by in _covered(statement.actions):
            action = statement.actions[index]
            twice = by.text.lower() == action.text.lower()
            why = "stands in this list already" if twice else f"is covered by `{by.text}` in this list"
            yield RULE.finding(
                subject,
                at=action.offset,
                message=f"`{action.text}` {why}",
                statement=statement,
                fix=_fix(subject, statement, index),
            )


def _covered(actions: Sequence[Located]) -> Iterator[tuple[int, Located]]:
    """Give the index of each entry that another one says already: an equal one before it, or a wider one."""
    first: dict[str, Located] = {}
    patterns = _patterns(actions)
    for index, action in enumerate(actions):
        name = action.text.lower()
        if name in first:
            yield index, first[name]
            continue
        first[name] = action
        service = name.partition(":")[0]
        for pattern in (*patterns.get("*", ()), *patterns.get(service, ())):
            if pattern.covers(name):
                yield index, pattern.written
                break


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    written: Located
    text: str
    match: Callable[[str], bool]

    def covers(self, name: str) -> bool:
        """Whether a name is covered, or another pattern taken as text: to a `*` all signs are the same."""
        if name == self.text or ("?" in self.text and not _WILDCARDS.isdisjoint(name)):
            return False
        return self.text in _EVERYTHING or self.match(name.partition(":")[2])


def _patterns(actions: Sequence[Located]) -> dict[str, list[_Pattern]]:
    """Return the patterns in a list by their service."""
    found: dict[str, list[_Pattern]] = {}
    for action in actions:
        text = action.text.lower()
        if not _WILDCARDS.isdisjoint(text):
            service, _, name = text.partition(":")
            pattern = _Pattern(written=action, text=text, match=matcher(tokenise(name)))
            found.setdefault(service, []).append(pattern)
    return found


def _fix(subject: Subject, statement: Statement, index: int) -> Fix | None:
    """Take the entry out of its list: what the list covers stays the same."""
    for element in members(subject.text, statement.offset):
        if element.name in _ELEMENTS and subject.text[element.value_at] == "[":
            edit = without(members(subject.text, element.value_at), index)
            return None if edit is None else Fix(description="take it out of the list", edits=(edit,))
    return None


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
