"""What a session of a role may be called: whoever assumes it chooses, and policies may name one session.

Source: IAM User Guide, reference_policies_elements_principal (role session principals) and
reference_policies_variables (`aws:userid` of a role session is the role's ID, `:`, the session's name).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from watchword.account.context import KnownContext
from watchword.iam import CompiledPolicy, PrincipalKind, principal_context
from watchword.proof.settle.subject import Subject

_SESSION: Final = re.compile(r"arn:[^:]*:sts::(\d{12}):assumed-role/([^/]+)/([\w+=,.@-]{2,64})", re.ASCII)
_NAME: Final = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_USER_ID: Final = "aws:userid"


class SessionNames:
    """The names of sessions that policies ask for: those of one role each, and those of any."""

    def __init__(self, documents: Iterable[CompiledPolicy]) -> None:
        self._by_role: dict[tuple[str, str], dict[str, None]] = {}
        self._of_any: dict[str, None] = {}
        for document in dict.fromkeys(documents):
            sessions, names = _named(document)
            for account, role, name in sessions:
                self._by_role.setdefault((account, role), {})[name] = None
            self._of_any.update(dict.fromkeys(names))

    def called_otherwise(
        self, subject: Subject, documents: Iterable[CompiledPolicy]
    ) -> Iterator[tuple[str, Subject]]:
        """Give a session of a role under each other name that is asked for, in its own `documents` too."""
        principal, known = subject.principal, subject.known
        if principal.kind is not PrincipalKind.ROLE_SESSION or not isinstance(known, KnownContext):
            return
        head, _, own = principal.arn.rpartition("/")
        role = principal.account, head.rpartition("/")[2]
        named = {**self._by_role.get(role, {}), **self._of_any}
        named.update((name, None) for each in documents for name in _named(each)[1])
        for name in named:
            if name != own:
                other = replace(principal, arn=f"{head}/{name}")
                keys = KnownContext(known, open_tags=known.open_tags)
                keys.update(principal_context(other))
                yield name, replace(subject, principal=other, known=keys)


@functools.lru_cache(maxsize=65_536)
def _named(policy: CompiledPolicy) -> tuple[tuple[tuple[str, str, str], ...], tuple[str, ...]]:
    """Return the sessions that a policy names, and names that its conditions on `aws:userid` ask for."""
    sessions: list[tuple[str, str, str]] = []
    names: list[str] = []
    for statement in policy.policy.statements:
        for each in statement.principals or ():
            found = _SESSION.fullmatch(each.name.text)
            if found is not None:
                sessions.append((found[1], found[2], found[3]))
        for condition in statement.conditions:
            if condition.key.text.lower() == _USER_ID:
                names += filter(_NAME.fullmatch, map(_example, condition.values))
    return tuple(sessions), tuple(names)


def _example(value: str) -> str:
    """Return a name that the pattern of a user ID takes, or nothing where every name will do."""
    name = value.rpartition(":")[2] if ":" in value else ""
    return "" if not name.strip("*") else name.replace("*", "xx").replace("?", "x")
