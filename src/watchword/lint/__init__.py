"""What is wrong or weak in a policy: one rule a file. Pure: values in, findings out."""

from watchword.lint.check import apply, compatible, lint, lint_text
from watchword.lint.errors import FixesOverlap
from watchword.lint.finding import Edit, Finding, Fix, Severity
from watchword.lint.registry import RULES
from watchword.lint.rule import Rule
from watchword.lint.subject import AttachedTo, Subject, infer_kind, read_subject

__all__ = [
    "RULES",
    "AttachedTo",
    "Edit",
    "Finding",
    "Fix",
    "FixesOverlap",
    "Rule",
    "Severity",
    "Subject",
    "apply",
    "compatible",
    "infer_kind",
    "lint",
    "lint_text",
    "read_subject",
]
