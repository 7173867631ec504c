"""The policy language, the credential kinds and the exact decision. Pure: values in, values out."""

from watchword.iam.compile import CompiledPolicy, compile_policy
from watchword.iam.context import UNKNOWN, Context, ContextValue, Unknown
from watchword.iam.credential import (
    DEFAULT_ASSUMPTIONS,
    AssumeRoleKeys,
    Assumptions,
    CredentialKind,
    MfaState,
    assume_role_keys,
    mfa_context,
    mfa_keys,
    mfa_state,
)
from watchword.iam.decision import (
    ConditionTrace,
    Decision,
    Element,
    LayerTrace,
    Match,
    Request,
    StatementTrace,
)
from watchword.iam.errors import PolicySyntaxError, Problem
from watchword.iam.evaluate import evaluate
from watchword.iam.issuing import Issued, IssuingCall, NotIssuable, issue
from watchword.iam.outcome import Layer, Outcome
from watchword.iam.parse import parse_policy
from watchword.iam.policy import (
    Condition,
    Effect,
    Located,
    NamedPrincipal,
    Operator,
    Place,
    Policy,
    PolicyKind,
    PrincipalType,
    Quantifier,
    Statement,
    Version,
)
from watchword.iam.policy_set import PolicySet
from watchword.iam.principal import Principal, PrincipalKind, principal_context, principal_from_arn
from watchword.iam.references import StatementRef
from watchword.iam.service_rules import RuleEffect, ServiceRule, service_rules

__all__ = [
    "DEFAULT_ASSUMPTIONS",
    "UNKNOWN",
    "AssumeRoleKeys",
    "Assumptions",
    "CompiledPolicy",
    "Condition",
    "ConditionTrace",
    "Context",
    "ContextValue",
    "CredentialKind",
    "Decision",
    "Effect",
    "Element",
    "Issued",
    "IssuingCall",
    "Layer",
    "LayerTrace",
    "Located",
    "Match",
    "MfaState",
    "NamedPrincipal",
    "NotIssuable",
    "Operator",
    "Outcome",
    "Place",
    "Policy",
    "PolicyKind",
    "PolicySet",
    "PolicySyntaxError",
    "Principal",
    "PrincipalKind",
    "PrincipalType",
    "Problem",
    "Quantifier",
    "Request",
    "RuleEffect",
    "ServiceRule",
    "Statement",
    "StatementRef",
    "StatementTrace",
    "Unknown",
    "Version",
    "assume_role_keys",
    "compile_policy",
    "evaluate",
    "issue",
    "mfa_context",
    "mfa_keys",
    "mfa_state",
    "parse_policy",
    "principal_context",
    "principal_from_arn",
    "service_rules",
]
