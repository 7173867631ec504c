"""What is decided beside policies of the subject: by services, by trust policies, by key policies."""

from __future__ import annotations

import functools

import msgspec

from watchword.iam import Assumptions, CredentialKind, RuleEffect, Universe, service_rules
from watchword.proof.settle.resources import kind_of, makes
from watchword.proof.settle.subject import Subject


class Ruled(msgspec.Struct, frozen=True):
    """Bits of the actions that a service rule allows, refuses, or may refuse."""

    allowed: int
    refused: int
    open: int
    contested: str


@functools.lru_cache(maxsize=32)
def ruled(universe: Universe, kind: CredentialKind, *, root: bool, assumptions: Assumptions) -> Ruled:
    """Return what the rules of IAM and STS make of every action, signed with this kind of credential."""
    masks = {RuleEffect.ALLOW: 0, RuleEffect.REFUSE: 0, RuleEffect.MAY_REFUSE: 0}
    contested = ""
    for service in ("iam", "sts"):
        if not universe.knows_service(service):
            continue
        for action in (*universe.actions(service), f"{service}:?"):
            rule = service_rules(action, kind, root=root, assumptions=assumptions)
            if rule is not None:
                masks[rule.effect] |= 1 << universe.bit(action)
                contested = contested or rule.contested or ""
    return Ruled(masks[RuleEffect.ALLOW], masks[RuleEffect.REFUSE], masks[RuleEffect.MAY_REFUSE], contested)


@functools.lru_cache(maxsize=8)
def on_roles(universe: Universe) -> tuple[str, ...]:
    """Return the actions that a role's trust policy has to allow, of those that a subject asks for itself."""
    wanted = ("sts:AssumeRole", "sts:SetContext", "sts:SetSourceIdentity", "sts:TagSession")
    return tuple(action for action in wanted if universe.knows(action))


@functools.lru_cache(maxsize=8)
def by_others(universe: Universe) -> int:
    """Return the bits of the calls for which an identity provider vouches, and no credential of a subject.

    Source: STS API Reference, AssumeRoleWithSAML and AssumeRoleWithWebIdentity.
    """
    return universe.mask("sts:AssumeRoleWithSAML") | universe.mask("sts:AssumeRoleWithWebIdentity")


@functools.lru_cache(maxsize=8)
def on_keys(universe: Universe) -> int:
    """Return the bits of the actions on KMS keys, whose policy has to allow; of unknown ones too."""
    found = 0
    for action in universe.actions("kms"):
        if any(":key/" in each.template for each in universe.resource_types(action)):
            found |= 1 << universe.bit(action)
    return found | (1 << universe.bit("kms:?") if universe.knows_service("kms") else 0)


@functools.lru_cache(maxsize=8)
def on_tagged(universe: Universe) -> int:
    """Return the bits of the calls on users, groups, roles and policies that are there: with known tags."""
    found = 0
    for action in universe.actions("iam"):
        types = universe.resource_types(action)
        if not makes(action) and any(kind_of(each.template) for each in types):
            found |= 1 << universe.bit(action)
    return found


@functools.lru_cache(maxsize=16)
def on_kind(universe: Universe, kind: str) -> int:
    """Return the bits of the calls of IAM on users (`user`) or roles that are there."""
    found = 0
    for action in universe.actions("iam") if universe.knows_service("iam") else ():
        types = universe.resource_types(action)
        if not makes(action) and any(kind_of(each.template) == f"{kind}/" for each in types):
            found |= 1 << universe.bit(action)
    return found


def is_root(subject: Subject) -> bool:
    """Whether the subject is the root user, whom identity policies do not bind."""
    return subject.arn.endswith(":root")
