"""Resource control policies as far as they have a say: on resources, and of the services that they cover."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from watchword.iam import CompiledPolicy, Policy, PolicySet, Statement, compile_policy
from watchword.iam._rcp_services import RCP_SERVICES
from watchword.iam.policy import Located

_ANY_ARN: Final = "arn:*:*:*:*:*"


def on_resources(policies: PolicySet) -> PolicySet:
    """Return policies whose resource control policies say only what they have a say in.

    `Resource: "*"` is about every ARN then, and not about a call without a resource; actions of services
    that are not covered are left out. Masks and searches, which see no layers, read them right so.

    Source: AWS Organizations User Guide, orgs_manage_policies_rcps ("RCP effects on permissions", "List of
    AWS services that support RCPs"); orgs_manage_policies_rcps_syntax (there is no `NotAction`).
    """
    levels = tuple(tuple(map(_narrowed, level)) for level in policies.resource_control)
    return replace(policies, resource_control=levels)


@functools.lru_cache(maxsize=4096)
def _narrowed(compiled: CompiledPolicy) -> CompiledPolicy:
    policy: Policy = compiled.policy
    statements = tuple(map(_in_scope, policy.statements))
    return compile_policy(replace(policy, statements=statements))


def _in_scope(statement: Statement) -> Statement:
    resources = statement.resources
    if resources is not None and not statement.not_resource:
        resources = tuple(
            each if each.text.strip("*") else Located(text=_ANY_ARN, offset=each.offset) for each in resources
        )
    if statement.not_action:
        return replace(statement, resources=resources)
    actions = tuple(covered for each in statement.actions for covered in _covered(each))
    return replace(statement, resources=resources, actions=actions)


def _covered(action: Located) -> Iterator[Located]:
    service = action.text.lower().partition(":")[0]
    if service in RCP_SERVICES:
        yield action
    elif service == "*":
        yield from (Located(text=f"{each}:*", offset=action.offset) for each in sorted(RCP_SERVICES))
