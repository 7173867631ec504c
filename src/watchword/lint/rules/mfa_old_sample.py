"""An old edition of the policy by which AWS shows how users manage their own MFA device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from watchword.iam.policy import Effect, Statement
from watchword.lint._mfa import mfa_conditions
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edition:
    """One edition: the Sids that only it has, and what the present one does differently."""

    sids: frozenset[str]
    since: str


_FIRST: Final = _Edition(
    sids=frozenset(
        {
            "AllowIndividualUserToSeeTheirAccountInformation",
            "AllowIndividualUserToListTheirMFA",
            "AllowIndividualUserToManageThierMFA",
            "DoNotAllowAnythingOtherThanAboveUnlessMFAd",
        }
    ),
    since=(
        "the present one exempts single actions instead of `iam:*`, takes any device name (`mfa/*`) and lets "
        "no password be set without MFA"
    ),
)
_SECOND: Final = _Edition(
    sids=frozenset(
        {
            "AllowIndividualUserToSeeAndManageTheirOwnAccountInformation",
            "AllowIndividualUserToSeeAndManageOnlyTheirOwnAccountInformation",
            "AllowIndividualUserToListOnlyTheirOwnMFA",
            "AllowIndividualUserToManageTheirOwnMFA",
            "AllowIndividualUserToDeactivateOnlyTheirOwnMFAOnlyWhenUsingMFA",
        }
    ),
    since=(
        "the present one exempts only what one's own device and GetSessionToken take, takes any device name "
        "(`mfa/*`) and no longer lists keys and account details without MFA"
    ),
)
_THIRD: Final = "AllowManageOwnVirtualMFADevice"
_THIRD_SINCE: Final = (
    "the present one takes any device name (`mfa/*`), since a user may have eight, and leaves out "
    "`iam:DeleteVirtualMFADevice`"
)
_LISTED_ONCE: Final = frozenset(
    {
        "iam:listaccountaliases",
        "iam:listsshpublickeys",
        "iam:listaccesskeys",
        "iam:listservicespecificcredentials",
        "iam:getaccountsummary",
    }
)
"""What the second edition exempted for the console's sake, and no later one does."""


def check(subject: Subject) -> Iterator[Finding]:
    """Find the first statement that is of an old edition, and say what changed."""
    for statement in subject.policy.statements:
        since = _since(statement)
        if since is not None:
            yield RULE.finding(
                subject,
                at=statement.offset,
                statement=statement,
                message=f"this is from an old edition of AWS's own sample: {since}",
            )
            return


def _since(statement: Statement) -> str | None:
    if statement.sid in _FIRST.sids:
        return _FIRST.since
    if statement.sid in _SECOND.sids or _exempts_as_second(statement):
        return _SECOND.since
    own_name = any("mfa/${aws:username}" in each.text.lower() for each in statement.resources or ())
    return _THIRD_SINCE if statement.sid == _THIRD and own_name else None


def _exempts_as_second(statement: Statement) -> bool:
    """Whether this is its Deny, under whatever Sid: the list of exempt actions is unmistakable."""
    exempt = {each.text.lower() for each in statement.actions} if statement.not_action else set()
    return statement.effect is Effect.DENY and bool(mfa_conditions(statement)) and exempt >= _LISTED_ONCE


RULE: Final = Rule(
    ident="mfa-old-sample",
    severity=Severity.NOTE,
    title="An old edition of AWS's sample policy",
    why=(
        "AWS has published a policy that makes users enrol and use MFA for years and has changed it "
        "several times. The first edition exempted all of IAM from its Deny; the next took devices named "
        "like the user only, and left lists of users and keys open without MFA; the third still had the "
        "device's name. Copies live on in guides and accounts. They are known by their Sids, misspelt "
        "`Thier` included, and by what they exempt. Other rules say what each of them lets through; this "
        "one says where it comes from."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Sid": "AllowManageOwnVirtualMFADevice",
    "Effect": "Allow",
    "Action": ["iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice"],
    "Resource": "arn:aws:iam::*:mfa/${aws:username}"
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Sid": "AllowManageOwnVirtualMFADevice",
    "Effect": "Allow",
    "Action": "iam:CreateVirtualMFADevice",
    "Resource": "arn:aws:iam::*:mfa/*"
  }]
}""",
    source=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
        "reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html"
    ),
    check=check,
)
