"""An Allow for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Effect, PolicyKind, PrincipalType, Statement
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_OPEN: Final = frozenset({PolicyKind.TRUST, PolicyKind.RESOURCE, PolicyKind.KEY})
_ANYONE_CAN: Final = frozenset(
    {
        "aws:securetransport",
        "s3:tlsversion",
        "s3:signatureversion",
        "s3:authtype",
        "aws:multifactorauthpresent",
        "aws:multifactorauthage",
        "aws:currenttime",
        "aws:epochtime",
        "aws:useragent",
        "aws:referer",
        "aws:requestedregion",
        "aws:tokenissuetime",
    }
)
"""Keys whose wanted value anyone can bring about from an account of their own."""


def check(subject: Subject) -> Iterator[Finding]:
    """Find `Principal: *` with `Allow` and without a condition that keeps strangers out."""
    if subject.kind not in _OPEN:
        return
    for statement in subject.policy.statements:
        if statement.effect is not Effect.ALLOW or statement.not_principal:
            continue
        if any(each.key.text.lower() not in _ANYONE_CAN for each in statement.conditions):
            continue
        for principal in statement.principals or ():
            if principal.name.text == "*" and principal.type in {PrincipalType.ANYONE, PrincipalType.AWS}:
                yield RULE.finding(
                    subject,
                    at=principal.name.offset,
                    message=_message(subject.kind, statement),
                    statement=statement,
                    severity=Severity.WARNING if subject.kind is PolicyKind.RESOURCE else None,
                )


def _message(kind: PolicyKind, statement: Statement) -> str:
    doing = "take this role" if kind is PolicyKind.TRUST else "do this"
    who = "anyone with an AWS account" if kind is PolicyKind.TRUST else "anyone"
    if statement.conditions:
        keys = ", ".join(dict.fromkeys(f"`{each.key}`" for each in statement.conditions))
        return f"{who} may {doing}: whatever {keys} asks for, a stranger can bring about"
    return f"{who} may {doing}: there is no condition"


RULE: Final = Rule(
    ident="principal-anyone",
    severity=Severity.ERROR,
    title="Anyone is allowed",
    why=(
        "A statement that allows `*` as its Principal needs no permission on the caller's side: every "
        "account of AWS, and for many services everybody without one, may do what it says. A condition on "
        "the organization, the account, the network or the source keeps strangers out; one on TLS, MFA or "
        "the time does not, for a stranger has these too. On a resource that is meant to be public it is a "
        "warning, on a role or a key an error."
    ),
    kind=PolicyKind.TRUST,
    before="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"AWS": "*"},
      "Action": "sts:AssumeRole",
      "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    }
  ]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"AWS": "*"},
      "Action": "sts:AssumeRole",
      "Condition": {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "StringEquals": {"aws:PrincipalOrgID": "o-4fz7k2m9xq"}
      }
    }
  ]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
    check=check,
)
