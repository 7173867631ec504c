"""What a resource control policy may say, beyond the grammar of all policies.

Source: Organizations User Guide, orgs_manage_policies_rcps_syntax; that an action needs its service,
IAM User Guide, access-analyzer-reference-policy-checks (RCP syntax error action).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from watchword.iam.policy import Effect, PrincipalType, Statement

_EVERY_ACTION: Final = frozenset({"*", "*:*"})


def passes_everything(statements: Sequence[Statement]) -> bool:
    """Whether these are the statements of `RCPFullAWSAccess`, AWS's own and the only RCP that allows."""
    if len(statements) != 1:
        return False
    only = statements[0]
    return (
        only.effect is Effect.ALLOW
        and not (only.not_action or only.not_resource or only.not_principal or only.conditions)
        and [each.text for each in only.actions] == ["*"]
        and [each.text for each in only.resources or ()] == ["*"]
        and [each.type for each in only.principals or ()] == [PrincipalType.ANYONE]
    )


def resource_control_problems(statements: Sequence[Statement]) -> Iterator[tuple[int, str]]:
    """Give (offset, message) of all that only `RCPFullAWSAccess`, or no RCP at all, may hold."""
    for statement in statements:
        if statement.effect is Effect.ALLOW:
            yield statement.effect_at, 'expected `"Deny"`: only `RCPFullAWSAccess` allows'
        for principal in statement.principals or ():
            if principal.type is not PrincipalType.ANYONE and not statement.not_principal:
                yield principal.name.offset, 'expected `"Principal": "*"`; name principals in a condition'
        for action in statement.actions:
            if action.text in _EVERY_ACTION:
                yield action.offset, f"expected an action with its service, found `{action.text}`"
