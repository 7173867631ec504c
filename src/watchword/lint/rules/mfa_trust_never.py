"""A trust policy that asks somebody for MFA who can never have it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Effect, NamedPrincipal, PolicyKind, PrincipalType
from watchword.lint._mfa import WITHOUT_MFA, mfa_statements, read
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Find services and identity providers that are asked for MFA."""
    if subject.kind is not PolicyKind.TRUST:
        return
    for statement, conditions in mfa_statements(subject.policy, Effect.ALLOW):
        reading = read(subject.policy, Effect.ALLOW, conditions)
        if not reading.certain or reading.among(WITHOUT_MFA):
            continue
        for principal in statement.principals or ():
            what = _what(principal)
            if what is not None:
                yield RULE.finding(
                    subject,
                    at=principal.name.offset,
                    statement=statement,
                    message=f"{what} `{principal.name}` has no MFA that AWS checks: it cannot assume this",
                )


def _what(principal: NamedPrincipal) -> str | None:
    match principal.type:
        case PrincipalType.SERVICE:
            return "the service"
        case PrincipalType.FEDERATED:
            return "whoever comes from the identity provider"
        case PrincipalType.ANYONE | PrincipalType.AWS | PrincipalType.CANONICAL_USER:
            return None


RULE: Final = Rule(
    ident="mfa-trust-never",
    severity=Severity.WARNING,
    title="A trust policy asks a service or an identity provider for MFA",
    why=(
        "`aws:MultiFactorAuthPresent` speaks of a device that AWS itself has checked. A service has none, "
        "and somebody who signs in at an identity provider with a second factor there does not carry it "
        "to AWS: a trust policy that needs the key to be true keeps them out. Give people and programs a "
        "statement each; what an identity provider checked is in its own condition keys, if at all."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": {"Service": "ec2.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": {"Service": "ec2.amazonaws.com"},
    "Action": "sts:AssumeRole"
  }]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    check=check,
)
