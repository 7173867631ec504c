"""How calls to Organizations name what they are about: by ids, though every ARN holds the organization."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from watchword.sandbox.authorise.lookup import Lookup
from watchword.sandbox.authorise.scope import Scope, Unidentified, WholeArn
from watchword.sandbox.wire.operation import Operation

# The parameters that say a policy's type outright. Source: the service's model.
_TYPES: Final = ("Type", "PolicyType", "Filter")


def policy_type_of(operation: Operation, lookup: Lookup) -> str | None:
    """Return `organizations:PolicyType` of a call, or None.

    Source: Service Authorization Reference, list_awsorganizations.
    """
    params: Mapping[str, Any] = operation.params
    said = next((str(params[name]) for name in _TYPES if params.get(name)), None)
    named = params.get("PolicyId") or params.get("ResourceId")
    if said is not None or named is None:
        return said
    parts = (lookup.organization_arn(str(named)) or "").partition(":policy/")[2].split("/")
    return parts[-2].upper() if len(parts) > 1 else None


def _entity(value: str, scope: Scope) -> str:
    """Return the ARN of an account, unit, root or policy, given its id."""
    arn = scope.lookup.organization_arn(value)
    if arn is None:
        raise Unidentified(f"the organization of account {scope.account} has no `{value}`, or there is none")
    return WholeArn(arn)


def _new_policy(value: str, scope: Scope) -> str:
    return _new(f"policy/{{}}/{value.lower()}/p-*", scope)


def _new_account(_value: str, scope: Scope) -> str:
    return _new("account/{}/*", scope)


def _new_unit(value: str, scope: Scope) -> str:
    root = value.split("-")[1] if "-" in value else ""
    return _new(f"ou/{{}}/ou-{root}-*", scope)


def _new(template: str, scope: Scope) -> str:
    """Return the ARN of what is about to be made: its id is a `*`, which patterns for any id fit."""
    found = scope.lookup.membership(scope.account)
    if found is None:
        raise Unidentified(f"account {scope.account} is in no organization")
    home = f"arn:{scope.partition}:organizations::{scope.account}:"
    return WholeArn(home + template.format(found.organization_id))


FILTERS: Final[Mapping[str, Callable[[str, Scope], str]]] = {
    "organization_entity": _entity,
    "new_organization_policy": _new_policy,
    "new_organization_account": _new_account,
    "new_organization_unit": _new_unit,
}
