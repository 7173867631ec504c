"""A rule: what it is called, why it matters, how to do it right, and the check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from watchword.iam.policy import PolicyKind, Statement
from watchword.lint._extent import end_of
from watchword.lint.finding import Finding, Fix, Severity
from watchword.lint.subject import AttachedTo, Subject

Check: TypeAlias = Callable[[Subject], Iterator[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that can be wrong with a policy.

    - `ident`: its name for ever, such as `mfa-deny-bool`; the file is `rules/mfa_deny_bool.py`, the
      page `docs/lint/mfa-deny-bool.md`.
    - `title`: one line; `why`: a paragraph.
    - `before`, `after`: whole documents; the rule finds something in the first and nothing in the second.
    - `kind`, `attached_to`: what these two are and hang on; None: judged by their looks, not known.
    - `source`: the AWS page.
    - `supersedes`: the idents of more general rules that need not speak where this one does.
    """

    ident: str
    severity: Severity
    title: str
    why: str
    before: str
    after: str
    source: str
    check: Check = field(repr=False)
    kind: PolicyKind | None = None
    attached_to: AttachedTo | None = None
    supersedes: tuple[str, ...] = ()

    def finding(
        self,
        subject: Subject,
        *,
        at: int,
        message: str,
        statement: Statement | None = None,
        severity: Severity | None = None,
        fix: Fix | None = None,
    ) -> Finding:
        """Return a finding about the JSON value (a string, an object, …) that begins at offset `at`.

        `severity` is the rule's own unless this one matters less or more.
        """
        return Finding(
            rule=self.ident,
            severity=self.severity if severity is None else severity,
            message=message,
            place=subject.policy.place(at),
            end=subject.policy.place(end_of(subject.text, at)),
            sid=None if statement is None else statement.sid,
            statement=None if statement is None else statement.index,
            fix=fix,
        )
