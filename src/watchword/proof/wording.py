"""What a finding says, in a sentence."""

from __future__ import annotations

import functools
from typing import Final

from watchword.iam import MfaState, PrincipalKind, Universe
from watchword.proof.chain import ChainStep, StepKind
from watchword.proof.escalation import load_rules
from watchword.proof.findings import Group
from watchword.proof.offences import Offence
from watchword.proof.states import Exists

_NEARLY: Final = 0.9


def message(group: Group, universe: Universe, known: int) -> str:
    """Return a sentence without a full stop; `known` are the bits of all known actions."""
    first = group.first
    who = who_they_are(group)
    many = len(group.principals) > 1
    reach = "reach" if many else "reaches"
    what = _what(group, universe, known)
    mfa = "with MFA" if group.states == (MfaState.TRUE,) else "without MFA"
    if first.entry is not None:
        return _from_outside(first, what)
    if first.reason is not None:
        return f"it cannot be told whether {who} {reach} {what} {mfa}: {first.reason}"
    return f"{who} {reach} {what} {mfa}{_through(first)}{_if_any(group)}"


def who_they_are(group: Group) -> str:
    """Return one principal by its name, several by how many they are."""
    principals = group.principals
    first = group.first.principal
    if len(principals) == 1:
        return "root" if first.kind is PrincipalKind.ROOT else f"`{first.name}`"
    kinds = {each.principal.kind for each in group.members}
    noun = f"{first.kind.value}s" if len(kinds) == 1 else "principals"
    routes = {each.route for each in group.statements}
    if len(routes) == 1 and (route := next(iter(routes))).startswith("group "):
        name = route.removeprefix("group ").removesuffix(", inline")
        return f"{len(principals)} {noun} of the group `{name}`"
    return f"{len(principals)} {noun}"


def _what(group: Group, universe: Universe, known: int) -> str:
    count = (group.actions & known).bit_count()
    if group.actions == (1 << universe.size) - 1:
        return "everything"
    if count > _NEARLY * known.bit_count():
        return f"nearly everything ({count:,} actions)"
    if not count:
        return "actions that are not known yet"
    return f"{count:,} action{'' if count == 1 else 's'}"


def _through(offence: Offence) -> str:
    first = offence.first
    if first is None:
        return ""
    match first.kind:
        case StepKind.ASSUME:
            return f" through the role `{_name(first)}`"
        case StepKind.ESCALATION:
            how = f": by {first.request.action} on {_short(first.request.resource)}"
            title = _titles().get(first.rule or "")
            return f"{how} ({title})" if title else how
        case _:
            return f": by {first.request.action}"


def _if_any(group: Group) -> str:
    """Say that it is not known whether there are credentials, where that is so of all that counts."""
    if group.first.state.exists is Exists.UNKNOWN:
        return ", if there are credentials: the snapshot does not say"
    return ""


def _from_outside(offence: Offence, what: str) -> str:
    entry = offence.entry
    if entry is None:
        return ""
    who = "anybody in AWS" if entry.principal == "*" else f"`{entry.principal}`"
    role = f"the role `{offence.principal.name}`, which reaches {what}"
    if offence.reason is None:
        return f"{who} can enter {role}, without MFA"
    return f"it cannot be told whether {who} enters {role}, without MFA: {offence.reason}"


@functools.cache
def _titles() -> dict[str, str]:
    """What each escalation is called: `attach a managed policy to a group`."""
    return {rule.id: f"{rule.title[:1].lower()}{rule.title[1:]}" for rule in load_rules()}


def _short(arn: str) -> str:
    parts = arn.split(":", 5)
    return f"`{parts[5] if len(parts) == 6 else arn}`"


def _name(step: ChainStep) -> str:
    return step.request.resource.rpartition("/")[2]
