"""An Allow that asks a role's own sessions for MFA."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Effect, PolicyKind
from watchword.lint._mfa import WITHOUT_MFA, mfa_statements, read
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import AttachedTo, Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Find each Allow that needs MFA in a policy attached to a role."""
    if subject.kind is not PolicyKind.IDENTITY or subject.attached_to is not AttachedTo.ROLE:
        return
    for statement, conditions in mfa_statements(subject.policy, Effect.ALLOW):
        reading = read(subject.policy, Effect.ALLOW, conditions)
        if reading.certain and not reading.among(WITHOUT_MFA):
            yield RULE.finding(
                subject,
                at=conditions[0].operator_at,
                statement=statement,
                message=(
                    "attached to a role this allows next to nobody: sessions of roles mostly carry no MFA; "
                    "ask for it in the role's trust policy"
                ),
            )


RULE: Final = Rule(
    ident="mfa-allow-role",
    severity=Severity.WARNING,
    title="An Allow asks a role's sessions for MFA",
    why=(
        "The session of a role carries no MFA, AWS's page says, even if the AssumeRole call had a code. "
        "(Whether it does when the role was assumed from a session that had MFA is contested.) An Allow "
        "that needs MFA, in a policy attached to a role, then allows nothing. The code in the AssumeRole "
        "call is seen by the role's trust policy, so that is the place to ask for it. Only found where "
        "the attachment is said to be a role."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*"}]
}""",
    attached_to=AttachedTo.ROLE,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html",
    check=check,
)
