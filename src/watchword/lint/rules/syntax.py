"""A document that AWS would not accept as a policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject


def check(_: Subject) -> Iterator[Finding]:
    """Find nothing: what has been parsed has no such problem. `check.lint_text` reports those of the rest."""
    return iter(())


RULE: Final = Rule(
    ident="syntax",
    severity=Severity.ERROR,
    title="The document is not a policy that AWS would accept",
    why=(
        "AWS refuses the whole document for one comma that is missing, so nothing in it takes effect. All "
        "problems are reported at once, each with what was expected; no other rule looks at the document "
        "until it can be read."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "iam:ListMFADevices", "Resource": "*"}
    {"Effect": "Allow", "Action": "iam:ListVirtualMFADevices", "Resource": "*"}
  ]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "iam:ListMFADevices", "Resource": "*"},
    {"Effect": "Allow", "Action": "iam:ListVirtualMFADevices", "Resource": "*"}
  ]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html",
    check=check,
)
