"""Whether a statement reaches the sessions of roles, which mostly carry no MFA."""

from __future__ import annotations

from typing import Final

from watchword.iam.conditions import compile_condition
from watchword.iam.context import PRESENT_KEY, UNKNOWN, Folded, fold
from watchword.iam.policy import NamedPrincipal, Policy, PrincipalType, Statement

_PROBE: Final = "arn:aws:iam::123456789012:role/Zq7"
"""A role that nobody names in a condition, so only a condition that spares all roles spares it."""

_CONTEXT: Final[Folded] = fold(
    {
        PRESENT_KEY: "false",
        "aws:PrincipalArn": _PROBE,
        "aws:PrincipalType": "AssumedRole",
    }
)
_KNOWN_ABSENT: Final = frozenset({"aws:username", "aws:multifactorauthage"})
"""Source: IAM User Guide, reference_policies_variables: `aws:username` is absent for roles."""


def spares_roles(policy: Policy, statement: Statement) -> bool:
    """Whether the statement's conditions cannot match the session of any role but those it names."""
    if statement.principals is not None and not any(map(_may_be_role, statement.principals)):
        return not statement.not_principal
    context = dict(_CONTEXT)
    for condition in statement.conditions:
        key = condition.key.text.lower()
        if key not in context and key not in _KNOWN_ABSENT:
            context[key] = UNKNOWN
    tests = (
        compile_condition(each, version=policy.version, effect=statement.effect)
        for each in statement.conditions
    )
    return any(test(context) is False for test in tests)


def _may_be_role(principal: NamedPrincipal) -> bool:
    match principal.type:
        case PrincipalType.ANYONE:
            return True
        case PrincipalType.AWS:
            return ":user/" not in principal.name.text
        case PrincipalType.SERVICE | PrincipalType.FEDERATED | PrincipalType.CANONICAL_USER:
            return False
