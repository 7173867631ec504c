"""The policy language, the credential kinds and the exact decision. Pure: values in, values out."""

from watchword.iam.asking import Call, Known, ask
from watchword.iam.change import (
    AddStatement,
    Question,
    SendCode,
    SetKey,
    Step,
    TakeAwayCondition,
    TakeAwayStatement,
    UseCredential,
)
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
from watchword.iam.explanation import Change, Explanation, Turn, explain
from watchword.iam.issuing import Issued, IssuingCall, NotIssuable, issue
from watchword.iam.keys_read import keys_read
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
from watchword.iam.reach import Coverage, Masks, Reach, cover, reach
from watchword.iam.references import StatementRef
from watchword.iam.service_rules import RuleEffect, ServiceRule, service_rules
from watchword.iam.signing import credential_context, kinds_of, signer, usual_kind
from watchword.iam.table import USUAL_KINDS, Cell, Column, Row, Table, columns_for, tabulate
from watchword.iam.universe import AccessLevel, ResourceType, Universe

__all__ = [
    "DEFAULT_ASSUMPTIONS",
    "UNKNOWN",
    "USUAL_KINDS",
    "AccessLevel",
    "AddStatement",
    "AssumeRoleKeys",
    "Assumptions",
    "Call",
    "Cell",
    "Change",
    "Column",
    "CompiledPolicy",
    "Condition",
    "ConditionTrace",
    "Context",
    "ContextValue",
    "Coverage",
    "CredentialKind",
    "Decision",
    "Effect",
    "Element",
    "Explanation",
    "Issued",
    "IssuingCall",
    "Known",
    "Layer",
    "LayerTrace",
    "Located",
    "Masks",
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
    "Question",
    "Reach",
    "Request",
    "ResourceType",
    "Row",
    "RuleEffect",
    "SendCode",
    "ServiceRule",
    "SetKey",
    "Statement",
    "StatementRef",
    "StatementTrace",
    "Step",
    "Table",
    "TakeAwayCondition",
    "TakeAwayStatement",
    "Turn",
    "Universe",
    "Unknown",
    "UseCredential",
    "Version",
    "ask",
    "assume_role_keys",
    "columns_for",
    "compile_policy",
    "cover",
    "credential_context",
    "evaluate",
    "explain",
    "issue",
    "keys_read",
    "kinds_of",
    "mfa_context",
    "mfa_keys",
    "mfa_state",
    "parse_policy",
    "principal_context",
    "principal_from_arn",
    "reach",
    "service_rules",
    "signer",
    "tabulate",
    "usual_kind",
]
