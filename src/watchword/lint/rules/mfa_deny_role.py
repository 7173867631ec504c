"""A Deny for lack of MFA that reaches roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Effect, PolicyKind
from watchword.lint._mfa import Caller, mfa_statements, read
from watchword.lint._role import spares_roles
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import AttachedTo, Subject

_SPARE: Final = 'spare them with `"StringEquals": {"aws:PrincipalType": "User"}`'


def check(subject: Subject) -> Iterator[Finding]:
    """Find each such Deny; where nobody said what the document is attached to, it is a note."""
    judged = _judge(subject)
    if judged is None:
        return
    severity, message = judged
    for statement, conditions in mfa_statements(subject.policy, Effect.DENY):
        reading = read(subject.policy, Effect.DENY, conditions)
        if Caller.SESSION in reading.matched and not spares_roles(subject.policy, statement):
            yield RULE.finding(
                subject, at=statement.effect_at, statement=statement, severity=severity, message=message
            )
            if severity is Severity.NOTE:
                return  # It is about the document: once is enough.


def _judge(subject: Subject) -> tuple[Severity, str] | None:
    match subject.kind:
        case PolicyKind.SERVICE_CONTROL | PolicyKind.RESOURCE_CONTROL:
            kind = "an SCP" if subject.kind is PolicyKind.SERVICE_CONTROL else "an RCP"
            return Severity.ERROR, (
                f"{kind} binds roles too, and their sessions mostly carry no MFA: this Deny locks them out, "
                f"those of services among them; {_SPARE}"
            )
        case PolicyKind.IDENTITY:
            return _judge_attachment(subject.attached_to)
        case PolicyKind.RESOURCE | PolicyKind.KEY | PolicyKind.ENDPOINT:
            return Severity.NOTE, (
                f"this Deny refuses roles too, as their sessions mostly carry no MFA; if not meant, {_SPARE}"
            )
        case PolicyKind.TRUST:
            return None


def _judge_attachment(attached_to: AttachedTo | None) -> tuple[Severity, str] | None:
    match attached_to:
        case AttachedTo.ROLE:
            return Severity.ERROR, (
                "attached to a role this Deny locks the role out: sessions of roles mostly carry no MFA; "
                "ask for it in the role's trust policy"
            )
        case AttachedTo.USER | AttachedTo.GROUP:
            return None
        case None:
            return Severity.NOTE, (
                "right for users and groups; attached to a role it would lock the role out, as its sessions "
                "mostly carry no MFA"
            )


RULE: Final = Rule(
    ident="mfa-deny-role",
    severity=Severity.ERROR,
    title="A Deny for lack of MFA reaches roles",
    why=(
        "Sessions of roles mostly carry `aws:MultiFactorAuthPresent` as `false`: those of EC2, Lambda and "
        "Identity Center always, and AWS's page says so even of a role that was assumed with a code. A "
        "Deny for lack of MFA that reaches roles therefore stops them whatever the people did. Attach it "
        "to users and groups, limit it with `aws:PrincipalType`, and ask for MFA where roles are assumed: "
        "in their trust policies. Without word of what a document is attached to, and in resource "
        "policies, this is a note."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {
      "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"},
      "StringEquals": {"aws:PrincipalType": "User"}
    }
  }]
}""",
    kind=PolicyKind.SERVICE_CONTROL,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html",
    check=check,
)
