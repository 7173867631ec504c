"""An Allow to make MFA devices of one name only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Effect, Located, Statement
from watchword.lint._exempt import CREATE_DEVICE
from watchword.lint._statements import Covered, on_everything
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_OWN_NAME: Final = ":mfa/${aws:username}"


def check(subject: Subject) -> Iterator[Finding]:
    """Find `mfa/${aws:username}` where no Allow of the document takes other names."""
    own = [each for each in _allows(subject) if any(map(_is_own_name, each.resources or ()))]
    if not own or any(_takes_any_name(each) for each in _allows(subject) if _creates(each)):
        return
    for statement in filter(_creates, own):
        for resource in statement.resources or ():
            if _is_own_name(resource) and not statement.not_resource:
                yield RULE.finding(
                    subject,
                    at=resource.offset,
                    statement=statement,
                    message=(
                        f"`{resource}` takes a device of the user's own name only: names are free, "
                        "so any other, and every second device, is refused; say `mfa/*`"
                    ),
                )


def _allows(subject: Subject) -> Iterator[Statement]:
    return (each for each in subject.policy.statements if each.effect is Effect.ALLOW)


def _creates(statement: Statement) -> bool:
    return CREATE_DEVICE in Covered.by(statement)


def _is_own_name(resource: Located) -> bool:
    return resource.text.lower().endswith(_OWN_NAME)


def _takes_any_name(statement: Statement) -> bool:
    if on_everything(statement) or statement.not_resource:
        return True
    return any(each.text.endswith((":mfa/*", ":*")) for each in statement.resources or ())


RULE: Final = Rule(
    ident="mfa-device-name",
    severity=Severity.WARNING,
    title="`mfa/${aws:username}` blocks enrolment",
    why=(
        "The console and the API let people name a device as they like, and a user may have eight. A "
        "resource `mfa/${aws:username}` takes one name: whoever calls it otherwise is refused with "
        "`AccessDenied`, and so is everybody's second device. A new device belongs to nobody until it is "
        "enabled, which happens on `user/${aws:username}`, so `mfa/*` gives nothing away. AWS changed its "
        "own sample to that."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": "iam:CreateVirtualMFADevice",
    "Resource": "arn:aws:iam::*:mfa/${aws:username}"
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": "iam:CreateVirtualMFADevice",
    "Resource": "arn:aws:iam::*:mfa/*"
  }]
}""",
    source=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_iam_mfa-selfmanage.html"
    ),
    check=check,
)
