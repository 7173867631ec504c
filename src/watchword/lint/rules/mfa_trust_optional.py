"""A role that people may assume without MFA."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Effect, NamedPrincipal, PolicyKind, PrincipalType, Statement
from watchword.lint._mfa import Caller, mfa_conditions, read
from watchword.lint._statements import Covered
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_ASSUME: Final = "sts:AssumeRole"
_FOR_PROGRAMS: Final = frozenset({"sts:externalid", "aws:principalarn", "aws:principaltype"})
"""Keys by which a role is left to a third party's program, or to other roles."""


def check(subject: Subject) -> Iterator[Finding]:
    """Find each trust in users or in a whole account that asks for no MFA."""
    if subject.kind is not PolicyKind.TRUST or _denies_without_mfa(subject):
        return
    for statement in subject.policy.statements:
        if statement.effect is Effect.ALLOW and _ASSUME in Covered.by(statement) and not _asks(statement):
            for principal in statement.principals or ():
                people = _people(principal)
                if people is not None:
                    yield RULE.finding(
                        subject,
                        at=principal.name.offset,
                        statement=statement,
                        message=f"{people} can assume this role with an access key alone, without MFA",
                    )


def _asks(statement: Statement) -> bool:
    """Whether the statement speaks of MFA (other rules judge how) or is meant for programs."""
    keys = {each.key.text.lower() for each in statement.conditions}
    return bool(mfa_conditions(statement)) or bool(keys & _FOR_PROGRAMS)


def _denies_without_mfa(subject: Subject) -> bool:
    for statement in subject.policy.statements:
        conditions = mfa_conditions(statement)
        if statement.effect is Effect.DENY and conditions:
            matched = read(subject.policy, Effect.DENY, conditions).matched
            if {Caller.KEY, Caller.SESSION} & matched:
                return True
    return False


def _people(principal: NamedPrincipal) -> str | None:
    """Return who is trusted, where that can be a person with an access key."""
    name = principal.name.text
    if principal.type is not PrincipalType.AWS:
        return None
    if ":user/" in name:
        return f"`{name}`"
    if name.endswith(":root") or name.isdigit():
        return f"every user of `{name}` who may call `{_ASSUME}` on it"
    return None


RULE: Final = Rule(
    ident="mfa-trust-optional",
    severity=Severity.NOTE,
    title="A role that users may assume without MFA",
    why=(
        "Whoever is trusted by name, or through the account, assumes the role with an access key alone, "
        "and a Deny for lack of MFA in the users' own policies does not go with them into the role. The "
        "trust policy can ask: there a code in the AssumeRole call makes `aws:MultiFactorAuthPresent` "
        "true. A role for programs needs none, so this is a note; one with `sts:ExternalId`, "
        "`aws:PrincipalArn` or `aws:PrincipalType` is taken for such."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": "sts:AssumeRole"
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": "sts:AssumeRole",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
  }]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html",
    check=check,
)
