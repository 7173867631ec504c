"""What a simulation asks: its parameters, read and refused in AWS's words.

Source: API_SimulateCustomPolicy, API_SimulatePrincipalPolicy; the texts of refusals as observed on AWS,
but for those of boundaries, service control policies and resource policies that cannot be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from watchword.iam import (
    CompiledPolicy,
    PolicySet,
    PolicySyntaxError,
    Principal,
    PrincipalKind,
    compile_policy,
    parse_policy,
)
from watchword.iam.policy import PolicyKind
from watchword.sandbox.plane.lookup import MotoLookup
from watchword.sandbox.plane.simulate_context import given_context, with_defaults
from watchword.sandbox.plane.simulate_decide import Compiled, World, everything
from watchword.sandbox.plane.simulate_numbers import refuse_other_numbers
from watchword.sandbox.plane.simulate_resources import check_actions, check_handling, check_resources
from watchword.sandbox.plane.simulate_sources import (
    BOUNDARY_POLICY,
    IAM_POLICY,
    RESOURCE_POLICY,
    Simulated,
    Source,
    entity_of,
)
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

Params = Mapping[str, Any]


def world_of(
    params: Params,
    simulated: Simulated | None,
    levels: Sequence[Sequence[str]],
    resources: list[str],
    actions: list[str],
    directory: MotoLookup,
) -> World:
    """Return all that a call simulates but its actions and resources, which are looked at too.

    `simulated` is the stored entity, None for policies that are given alone; `levels` are SCPs, level by
    level.
    Raises AwsError (InvalidInput), SandboxRefusal.
    """
    boundaries = list(params.get("PermissionsBoundaryPolicyInputList") or ())
    if len(boundaries) > 1:
        raise _invalid("The list of Permissions Boundary policies cannot exceed 1 items.")
    check_resources(resources)
    check_actions(actions, resources)
    check_handling(params.get("ResourceHandlingOption"), actions, resources)
    given = given_context(params.get("ContextEntries") or ())
    stored = () if simulated is None else simulated.policies
    added = _input_sources(params.get("PolicyInputList") or (), "PolicyInputList", IAM_POLICY)
    identity = tuple(_numbered(source, number) for number, source in enumerate((*stored, *added)))
    instead = _input_sources(boundaries, "PermissionsBoundaryPolicyInputList", BOUNDARY_POLICY)
    source = next(iter(instead), None if simulated is None else simulated.boundary)
    boundary = None if source is None else _numbered(source, len(identity))
    caller = params.get("CallerArn") or (None if simulated is None else simulated.arn)
    number = len(everything(identity, boundary, None))
    resource = _resource_policy(params, caller, resources, actions, name=str(number))
    control = None
    if levels:
        control = tuple(tuple(_control_policy(text) for text in level) for level in levels)
    refuse_other_numbers(given, [each.policy for each in everything(identity, boundary, resource)])
    return World(
        principal=_principal(caller, directory.account),
        context=with_defaults(given, caller_arn=caller, account=directory.account),
        given=frozenset(key.lower() for key in given),
        identity=identity,
        boundary=boundary,
        resource=resource,
        resource_owner=_owner(params.get("ResourceOwner")),
        control=control,
        policies=PolicySet(
            identity=tuple(each.policy for each in identity),
            permissions_boundary=None if boundary is None else boundary.policy,
            resource=None if resource is None else resource.policy,
            service_control=control or (),
        ),
    )


def _input_sources(texts: Sequence[str], parameter: str, kind: str) -> list[Source]:
    return [
        Source(id=f"{parameter}.{number}", type=kind, text=text) for number, text in enumerate(texts, start=1)
    ]


def _numbered(source: Source, number: int) -> Compiled:
    """Compile a policy under its number. The refusal is AWS's for `PolicyInputList` (observed)."""
    parameter, _, item = source.id.rpartition(".")
    what = "Permissions boundary policy" if parameter.startswith("PermissionsBoundary") else "Policy"
    refusal = f"{what} input list item {item} has invalid content"
    return Compiled(source=source, policy=_compiled(source.text, name=str(number), refusal=refusal))


def _control_policy(text: str) -> CompiledPolicy:
    refusal = "A service control policy has invalid content"
    return _compiled(text, name="scp", kind=PolicyKind.SERVICE_CONTROL, refusal=refusal)


def _compiled(
    text: str, *, name: str, refusal: str, kind: PolicyKind = PolicyKind.IDENTITY
) -> CompiledPolicy:
    """Read and compile a policy. Raises AwsError (InvalidInput) with the text `refusal`."""
    try:
        return compile_policy(parse_policy(text, name=name, kind=kind))
    except PolicySyntaxError as error:
        raise _invalid(refusal) from error


def _resource_policy(
    params: Params, caller: str | None, resources: list[str], actions: list[str], *, name: str
) -> Compiled | None:
    """Return the policy of the resources, which needs a caller and resources that are named.

    The simulator does not look at the trust policies that it is given for sts:AssumeRole… (observed).
    """
    text = params.get("ResourcePolicy")
    if text is None:
        return None
    if caller is None:
        raise _invalid("Invalid caller - Caller cannot be null or empty.")
    if "*" in resources:
        raise _invalid("Invalid Entity Arn: * does not clearly define entity type and name.")
    if any(action.lower().startswith("sts:assume") for action in actions):
        raise SandboxRefusal("AWS's simulator ignores a ResourcePolicy for sts:AssumeRole…: leave it out")
    is_key = all(action.lower().startswith("kms:") for action in actions)
    kind = PolicyKind.KEY if is_key else PolicyKind.RESOURCE
    compiled = _compiled(text, name=name, kind=kind, refusal="Resource policy has invalid content")
    named = (each.text for s in compiled.policy.statements for each in s.resources or ())
    if "*" in named:
        raise _invalid("ResourceNames are not in a valid ARN format: *.")
    return Compiled(source=Source(id="ResourcePolicy", type=RESOURCE_POLICY, text=text), policy=compiled)


def exclusions(listed: Sequence[Params]) -> frozenset[str]:
    """Return the types of stored policies to leave out. What came with the call stays (observed).

    Raises SandboxRefusal for exclusions by anything else.
    """
    if any(set(each) != {"PolicyType"} for each in listed):
        raise SandboxRefusal("a PolicyExclusionList is simulated by PolicyType alone")
    return frozenset(str(each["PolicyType"]) for each in listed)


def _owner(arn: str | None) -> str | None:
    """Return the account of `ResourceOwner`, which is the ARN of somebody there (a number is refused)."""
    if arn is None:
        return None
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[2] != "iam" or not _is_account(parts[4]) or not parts[5]:
        raise _invalid(f"'{arn}' is not a valid as a Resource Owner.")  # AWS's own words
    return parts[4]


def _is_account(text: str) -> bool:
    return len(text) == 12 and text.isascii() and text.isdigit()


def _principal(caller: str | None, account: str) -> Principal:
    """Return who calls: without a caller, and for a group, somebody of the account whom nothing names."""
    if caller is None:
        return Principal(arn=f"arn:aws:iam::{account}:user", account=account, kind=PrincipalKind.USER)
    try:
        kind, _ = entity_of(caller)
    except ValueError:
        text = "Invalid caller - Caller must be an IAM user, role or group in this context."
        raise _invalid(text) from None
    of_kind = PrincipalKind.ROLE if kind == "role" else PrincipalKind.USER
    return Principal(arn=caller, account=caller.split(":")[4], kind=of_kind)


def ordered_levels(ordered: Sequence[Params]) -> list[list[str]]:
    """Return the SCPs that are given, from the organization's root down. Raises AwsError (InvalidInput)."""
    levels = [list(level.get("ServiceControlPolicyInputList") or ()) for level in ordered]
    for number, level in enumerate(levels, start=1):
        if not level:
            text = f"Organization policy at index {number} must contain at least one service control policy"
            raise _invalid(text)
    return levels


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidInput", text, status=400)
