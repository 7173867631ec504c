"""The statement that nearly allows a call: the right action, and what about it does not fit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from watchword.device.judge import Judge
from watchword.device.owner import check_name
from watchword.errors import UsageError
from watchword.iam import (
    ConditionTrace,
    CredentialKind,
    Decision,
    Effect,
    Element,
    Layer,
    Match,
    Outcome,
    PrincipalKind,
    StatementTrace,
)

_ARN_PARTS: Final = 6
_DEVICE: Final = re.compile(r"arn:[^:]*:iam::[^:]*:mfa/([^/]+)")
_CREATE: Final = "iam:CreateVirtualMFADevice"
_SHOWN: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call that is not allowed, and with what it was signed."""

    action: str
    resource: str
    kind: CredentialKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """What is nearly allowed, in words, and the name of a device with which it would be."""

    words: str
    device_name: str | None = None


def nearest(judge: Judge, asked: Asked, decision: Decision, layer: Layer = Layer.IDENTITY) -> Near | None:
    """Return the Allow that is nearest to the call; None when none is about its action.

    One whose resource fits and whose condition does not is nearer than one for other resources.
    """
    allows = [each for each in judge.statements(decision, layer) if each.effect is Effect.ALLOW]
    for each in allows:
        if each.failed is Element.CONDITION or each.match is Match.UNKNOWN:
            return Near(words=_by_condition(judge, asked, each))
    for each in allows:
        if each.failed is Element.RESOURCE and (near := _by_resource(judge, asked, each)) is not None:
            return near
    return None


def _by_condition(judge: Judge, asked: Asked, allow: StatementTrace) -> str:
    # AWS says that nothing allows it: a condition of which nobody here knows does not hold, then.
    doubtful = [each for each in allow.conditions if each.match is Match.UNKNOWN]
    failed = [each for each in allow.conditions if each.match is Match.NO] or doubtful
    could_have_mfa = (
        judge.principal.kind is PrincipalKind.USER and asked.kind is not CredentialKind.SESSION_MFA
    )
    with_mfa = CredentialKind.SESSION_MFA
    if could_have_mfa and allow.match is Match.NO and _matches(judge, asked, asked.resource, allow, with_mfa):
        return f"{judge.name(allow.ref)} allows it with MFA only"
    return f"{judge.name(allow.ref)} allows it only where {_condition(failed[0])}"


def _by_resource(judge: Judge, asked: Asked, allow: StatementTrace) -> Near | None:
    statement, name = judge.statement(allow.ref), judge.name(allow.ref)
    if statement.not_resource or not statement.resources:
        return Near(words=f"{name} leaves `{asked.resource}` out")
    patterns = [each.text for each in statement.resources if _kind(each.text) in {_kind(asked.resource), "*"}]
    if not patterns:
        return None  # it is about users, and the call about a device, or the other way round
    only = f"{name} allows it on {_listed(patterns)} alone"
    if "${" in "".join(patterns) and not judge.has_variables(allow.ref):
        return Near(words=f'{only}, and without `"Version": "2012-10-17"` a variable stands for itself')
    if account := _other_account(judge, asked, allow, patterns):
        own = _account(asked.resource)
        return Near(words=f"{name} allows it in the account {account}, and this is {own}")
    if path := _path_left_out(judge, asked, allow):
        return Near(words=f"{only}, and the path `{path}` of the user is not in it")
    return Near(words=only, device_name=_fitting_name(judge, asked, patterns))


def _matches(
    judge: Judge, asked: Asked, resource: str, allow: StatementTrace, kind: CredentialKind | None = None
) -> bool:
    decision = judge.decide(asked.action, resource, kind or asked.kind, fresh_mfa=kind is not None)
    return any(each.ref == allow.ref and each.match is not Match.NO for each in judge.statements(decision))


def _other_account(judge: Judge, asked: Asked, allow: StatementTrace, patterns: list[str]) -> str | None:
    """The account with which the statement would fit: a copied sample's, most often."""
    for account in dict.fromkeys(map(_account, patterns)):
        there = _with_account(asked.resource, account)
        if account.isdigit() and there != asked.resource and _matches(judge, asked, there, allow):
            return account
    return None


def _path_left_out(judge: Judge, asked: Asked, allow: StatementTrace) -> str | None:
    head, _, rest = asked.resource.partition(":user/")
    path, slash, name = rest.rpartition("/")
    if slash and _matches(judge, asked, f"{head}:user/{name}", allow):
        return f"/{path}/"
    return None


def _fitting_name(judge: Judge, asked: Asked, patterns: list[str]) -> str | None:
    """A name that a new device could have, so that all is well."""
    if asked.action != _CREATE:
        return None
    user_name = judge.principal.arn.rpartition("/")[2]
    head = asked.resource.rpartition(":mfa/")[0]
    for name in _names(patterns, user_name):
        decision = judge.decide(asked.action, f"{head}:mfa/{name}", asked.kind)
        if _is_name(name) and decision.outcome is Outcome.ALLOWED:
            return name
    return None


def _is_name(text: str) -> bool:
    try:
        check_name(text)
    except UsageError:
        return False
    return True


def _names(patterns: list[str], user_name: str) -> Iterator[str]:
    yield user_name
    for pattern in patterns:
        if found := _DEVICE.fullmatch(pattern):
            named = found[1].replace("${aws:username}", user_name)
            yield named.replace("*", "")
            yield named.replace("*", user_name)


def _condition(condition: ConditionTrace) -> str:
    values = " or ".join(json.dumps(each, ensure_ascii=False) for each in condition.values[:_SHOWN])
    return f"`{condition.operator} {condition.key} {values}` holds"


def _listed(patterns: list[str]) -> str:
    shown = " and ".join(f"`{each}`" for each in patterns[:_SHOWN])
    return shown if len(patterns) <= _SHOWN else f"{shown} and {len(patterns) - _SHOWN} more"


def _kind(arn: str) -> str:
    """`user` or `mfa`; `*` for a pattern that may be about either."""
    parts = arn.split(":", _ARN_PARTS - 1)
    kind, slash, _ = parts[-1].partition("/")
    return kind if slash and len(parts) == _ARN_PARTS else "*"


def _account(arn: str) -> str:
    parts = arn.split(":", _ARN_PARTS - 1)
    return parts[4] if len(parts) == _ARN_PARTS else ""


def _with_account(arn: str, account: str) -> str:
    parts = arn.split(":", _ARN_PARTS - 1)
    return ":".join([*parts[:4], account, *parts[5:]])
