"""An action that AWS does not know."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from watchword.iam.policy import Effect, Statement
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

if TYPE_CHECKING:
    from watchword.iam.universe import Universe

_EVERYTHING: Final = frozenset({"*", "*:*"})
_WILDCARDS: Final = frozenset("*?")
_ALIKE: Final = 0.75
_SAME_SERVICE: Final = 0.85
"""Prefixes are short, and many are alike: `iotevents` was a service of its own."""


def check(subject: Subject) -> Iterator[Finding]:
    """Find actions, and patterns of them, that no action of AWS matches."""
    for statement in subject.policy.statements:
        for action in statement.actions:
            problem = _problem(action.text, subject)
            if problem is not None:
                yield RULE.finding(
                    subject,
                    at=action.offset,
                    message=f"{problem}: {_effect(statement)}",
                    statement=statement,
                )


def _problem(action: str, subject: Subject) -> str | None:
    universe = subject.universe
    if action in _EVERYTHING:
        return None
    service, _, name = action.partition(":")
    if not universe.knows_service(service):
        return f"no service has the prefix `{service}`{_near(service, universe.services(), _SAME_SERVICE)}"
    if _WILDCARDS.isdisjoint(name):
        if universe.knows(action):
            return None
        return f"there is no action `{action}`{_near(action, universe.actions(service), _ALIKE)}"
    return None if subject.matching(action) else f"no action matches `{action}`{_opening(action, universe)}"


def _near(written: str, known: tuple[str, ...], cutoff: float) -> str:
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(written.lower(), by_lower, n=2, cutoff=cutoff)
    if not found:
        return ""
    return f" (did you mean {' or '.join(f'`{by_lower[name]}`' for name in found)}?)"


def _opening(pattern: str, universe: Universe) -> str:
    """Name the actions that begin most nearly like the pattern's text before its first wildcard."""
    service, _, name = pattern.partition(":")
    opening = name.split("*")[0].split("?")[0].lower()
    if not opening:
        return ""
    names = [action.partition(":")[2] for action in universe.actions(service)]
    openings = {name[: len(opening)].lower(): name[: len(opening)] for name in names}
    found = difflib.get_close_matches(opening, openings, n=1, cutoff=_ALIKE)
    return f" (did you mean `{service}:{openings[found[0]]}*`?)" if found else ""


def _effect(statement: Statement) -> str:
    """Say what the name does where it stands: AWS stores it without complaint."""
    if statement.not_action:
        return "AWS would store it, and except nothing by it"
    if statement.effect is Effect.DENY:
        return "AWS would store it, and deny nothing by it"
    return "AWS would store it, and allow nothing by it"


RULE: Final = Rule(
    ident="action-unknown",
    severity=Severity.WARNING,
    title="The action does not exist",
    why=(
        "AWS stores a policy with an action that does not exist without complaint, and the action does "
        "nothing: an Allow grants nothing by it, a Deny forbids nothing, an exception excepts nothing. "
        "Mostly it is a typing error, or the name of an API operation or a CLI command whose permission is "
        "called otherwise (`iam:GetRoles` for `iam:ListRoles`; ListObjectsV2 needs `s3:ListBucket`), or an "
        "action that AWS has withdrawn. What exists is what the installed edition of AWS's service "
        "reference lists; an action that is newer than it, or that AWS keeps out of it, is reported too."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": ["iam:GetRoles", "iam:GetRolePolicy"], "Resource": "*"}
  ]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": ["iam:ListRoles", "iam:GetRolePolicy"], "Resource": "*"}
  ]
}""",
    source="https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    check=check,
)
