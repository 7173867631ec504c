"""SimulateCustomPolicy and SimulatePrincipalPolicy: what is asked, and the answer in AWS's form.

Source: API_SimulateCustomPolicy, API_SimulatePrincipalPolicy, API_EvaluationResult; the texts of refusals,
and which elements are there when they are empty, as observed on AWS.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from watchword.iam import Outcome
from watchword.sandbox.identity.paging import DEFAULT_ITEMS
from watchword.sandbox.plane.lookup import MotoLookup
from watchword.sandbox.plane.opaque_marker import read_marker, written_marker
from watchword.sandbox.plane.simulate_asked import exclusions, ordered_levels, world_of
from watchword.sandbox.plane.simulate_decide import Decided, Matched, World
from watchword.sandbox.plane.simulate_resources import name_of
from watchword.sandbox.plane.simulate_sources import Simulated, simulated_of
from watchword.sandbox.wire.error import AwsError

_EVERYTHING: Final = ["*"]

Params = Mapping[str, Any]


def simulate_custom(params: Params, directory: MotoLookup) -> dict[str, Any]:
    """SimulateCustomPolicy. Raises AwsError, SandboxRefusal."""
    levels = ordered_levels(params.get("OrderedOrganizationPolicyInputList") or ())
    return _simulate(params, None, levels, directory, operation="SimulateCustomPolicy")


def simulate_principal(params: Params, directory: MotoLookup) -> dict[str, Any]:
    """SimulatePrincipalPolicy, with the SCPs that bind the account. Raises AwsError, SandboxRefusal."""
    left_out = exclusions(params.get("PolicyExclusionList") or ())
    whole = simulated_of(params["PolicySourceArn"], directory)
    simulated = replace(
        whole,
        policies=tuple(source for source in whole.policies if source.kept not in left_out),
        boundary=None if "permission-boundary" in left_out else whole.boundary,
    )
    bound = whole.has_control_policies and "scp" not in left_out
    stored = directory.service_control(directory.account) if bound else ()
    levels = [[document.text for document in level] for level in stored]
    return _simulate(params, simulated, levels, directory, operation="SimulatePrincipalPolicy")


def _simulate(
    params: Params,
    simulated: Simulated | None,
    levels: Sequence[Sequence[str]],
    directory: MotoLookup,
    *,
    operation: str,
) -> dict[str, Any]:
    resources, actions = list(params.get("ResourceArns") or _EVERYTHING), list(params["ActionNames"])
    world = world_of(params, simulated, levels, resources, actions, directory)
    start = 0
    if params.get("Marker") is not None:
        found = read_marker(params["Marker"], of=operation)
        if found is None:
            raise _invalid("Invalid marker for pagination.")
        start = found
    end = min(start + int(params.get("MaxItems") or DEFAULT_ITEMS), len(actions))
    result: dict[str, Any] = {
        "EvaluationResults": [_evaluated(action, resources, world) for action in actions[start:end]],
        "IsTruncated": end < len(actions),
    }
    return {**result, "Marker": written_marker(end, of=operation)} if end < len(actions) else result


def _evaluated(action: str, resources: list[str], world: World) -> dict[str, Any]:
    each = [(resource, world.decide(action, resource)) for resource in resources]
    decided = [one for _, one in each]
    outcome = min((one.outcome for one in decided), key=_STRICTEST_FIRST.index)
    result: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": name_of(action, resources),
        "EvalDecision": outcome.value,
        "MatchedStatements": _statements((one.matched for one in decided), outcome),
        "MissingContextValues": sorted({key for one in decided for key in one.missing}),
        **_boundary(one.by_boundary for one in decided),
    }
    organizations = [one.by_organizations for one in decided if one.by_organizations is not None]
    if organizations:
        result["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": all(organizations)}
    if resources != _EVERYTHING:
        result["EvalDecisionDetails"] = _together(one.details for one in decided)
        result["ResourceSpecificResults"] = [_specific(resource, one) for resource, one in each]
    return result


_STRICTEST_FIRST: Final = (Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY, Outcome.ALLOWED)


def _specific(resource: str, one: Decided) -> dict[str, Any]:
    """What is empty is left out here (observed)."""
    result: dict[str, Any] = {"EvalResourceName": resource, "EvalResourceDecision": one.outcome.value}
    if one.matched:
        result["MatchedStatements"] = _statements((one.matched,), one.outcome)
    if one.missing:
        result["MissingContextValues"] = list(one.missing)
    if one.details:
        result["EvalDecisionDetails"] = {kind: said.value for kind, said in one.details.items()}
    return {**result, **_boundary((one.by_boundary,))}


def _statements(matched: Iterable[Iterable[Matched]], outcome: Outcome) -> list[dict[str, Any]]:
    """Return the statements of all resources, each once; beside a Deny no Allow is shown."""
    found = {each for one in matched for each in one if each.denies or outcome is not Outcome.EXPLICIT_DENY}
    return [
        {
            "SourcePolicyId": each.source_id,
            "SourcePolicyType": each.source_type,
            "StartPosition": each.start.as_result(),
            "EndPosition": each.end.as_result(),
        }
        for each in sorted(found)
    ]


def _boundary(said: Iterable[bool | None]) -> dict[str, Any]:
    known = [each for each in said if each is not None]
    return (
        {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": all(known)}} if known else {}
    )


def _together(details: Iterable[Mapping[str, Outcome]]) -> dict[str, str]:
    found: dict[str, Outcome] = {}
    for each in details:
        for kind, said in each.items():
            found[kind] = min((said, found.get(kind, said)), key=_STRICTEST_FIRST.index)
    return {kind: said.value for kind, said in found.items()}


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidInput", text, status=400)
