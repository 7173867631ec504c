"""Whose policies are simulated, and how AWS calls each of them in its answer.

Source: API_SimulatePrincipalPolicy; the names of the sources and the texts as observed on AWS.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from watchword.sandbox.plane.directory import MotoDirectory, boundary_arn
from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

IAM_POLICY: Final = "IAM Policy"
BOUNDARY_POLICY: Final = "Permissions Boundary Policy"
RESOURCE_POLICY: Final = "Resource Policy"

_KINDS: Final = frozenset({"user", "group", "role"})
_SERVICE_LINKED: Final = "/aws-service-role/"
_ALLOWS_NOTHING: Final = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One policy: what AWS calls it and its kind in the answer, its text, and where it is kept.

    `kept` is `inline`, `aws-managed` or `user-managed`, as a PolicyExclusionList says it; None for a policy
    that came with the call.
    """

    id: str
    type: str
    text: str
    kept: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """A user, group or role, with its policies. Trust policies, session policies and RCPs have no part."""

    arn: str
    policies: tuple[Source, ...]
    boundary: Source | None
    has_control_policies: bool
    """Whether SCPs bind it: they do not bind service-linked roles."""


def simulated_of(arn: str, directory: MotoDirectory) -> Simulated:
    """Return the entity that `PolicySourceArn` names.

    AWS finds it by its name and does not mind a wrong path; the call was authorised on the ARN as it was
    given, so that here a wrong path is refused.

    Raises AwsError (InvalidInput, NoSuchEntity), SandboxRefusal.
    """
    try:
        kind, name = entity_of(arn)
    except ValueError:
        raise _invalid(f"Invalid ARN provided in the request: {arn}") from None
    account = arn.split(":")[4]
    if account != directory.account:
        raise _invalid(
            f"Invalid Policy Source Arn: caller's account {directory.account} does not have access to "
            f"policies in account {account}."
        )
    holder = _holder(kind, name, directory)
    if holder is None:
        raise AwsError("NoSuchEntity", "Unable to retrieve specified IAM entity.", status=404)
    if holder.arn != arn:
        raise SandboxRefusal(f"{name} has another path: the ARN is {holder.arn}")
    groups = []
    if kind == "user":
        groups = [group for group in list(directory.backend.groups.values()) if holder in group.users]
    holders = ((kind, holder), *(("group", group) for group in groups))
    # A managed policy that the user and a group have is there once.
    policies = {source.id: source for each in holders for source in _held(*each)}
    return Simulated(
        arn=arn,
        policies=tuple(policies.values()),
        boundary=_boundary(holder, directory),
        has_control_policies=_SERVICE_LINKED not in arn,
    )


def entity_of(arn: str) -> tuple[str, str]:
    """Return the kind (`user`) and the name of what an ARN names.

    Raises ValueError when it is the ARN of no user, group or role.
    """
    parts = arn.split(":", 5)
    kind, _, path = parts[-1].partition("/")
    is_iam = len(parts) == 6 and parts[0] == "arn" and parts[2] == "iam" and parts[4].isdigit()
    name = path.rpartition("/")[2]
    if not (is_iam and kind in _KINDS and name):
        raise ValueError(arn)
    return kind, name


def _holder(kind: str, name: str, directory: MotoDirectory) -> MotoObject:
    match kind:
        case "user":
            return directory.backend.users.get(name)
        case "group":
            return directory.backend.groups.get(name)
        case _:
            return directory.moto_role(name)


def _held(kind: str, holder: MotoObject) -> Iterator[Source]:
    for name, text in list(holder.policies.items()):
        yield Source(id=f"{kind}_{holder.name}_{name}", type=IAM_POLICY, text=text, kept="inline")
    for policy in list(holder.managed_policies.values()):
        kept = "aws-managed" if policy.arn.split(":")[4] == "aws" else "user-managed"
        yield Source(id=policy.name, type=IAM_POLICY, text=_default_text(policy), kept=kept)


def _boundary(holder: MotoObject, directory: MotoDirectory) -> Source | None:
    arn = boundary_arn(holder)
    if arn is None:
        return None
    document = directory.managed_policy(arn)
    # A boundary that is gone allows nothing: it must never be the same as no boundary.
    text = _ALLOWS_NOTHING if document is None else document.text
    return Source(id=arn.rpartition("/")[2], type=BOUNDARY_POLICY, text=text)


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidInput", text, status=400)


def _default_text(policy: MotoObject) -> str:
    return next(
        str(version.document)
        for version in policy.versions
        if version.version_id == policy.default_version_id
    )
