"""An action in another spelling than AWS's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Located
from watchword.lint._extent import end_of
from watchword.lint.finding import Edit, Finding, Fix, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Find whole names whose capitals are not AWS's; all those of a statement are one finding."""
    for statement in subject.policy.statements:
        edits = [edit for action in statement.actions if (edit := _edit(subject, action))]
        if edits:
            first = json.loads(edits[0].text)
            more = f" (and {len(edits) - 1} more of this statement otherwise)" if len(edits) > 1 else ""
            yield RULE.finding(
                subject,
                at=edits[0].offset,
                message=f"AWS writes `{first}`{more}: to AWS it is the same, to a search it is not",
                statement=statement,
                fix=Fix(description="write the names as AWS writes them", edits=tuple(edits)),
            )


def _edit(subject: Subject, action: Located) -> Edit | None:
    name = subject.universe.canonical(action.text)
    if name is None or name == action.text:
        return None
    length = end_of(subject.text, action.offset) - action.offset
    return Edit(offset=action.offset, length=length, text=json.dumps(name))


RULE: Final = Rule(
    ident="action-case",
    severity=Severity.NOTE,
    title="The action is not spelt as AWS spells it",
    why=(
        "Names of actions ignore case, so this works. But whoever searches the policies of an account for "
        "an action does not find it, and two spellings look like two actions. `--fix` writes AWS's."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "EC2:describeregions", "Resource": "*"}]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "ec2:DescribeRegions", "Resource": "*"}]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html",
    check=check,
)
