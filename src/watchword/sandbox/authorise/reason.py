"""Why nothing allowed a call: the statements that would have, and the conditions that they failed on."""

from __future__ import annotations

from collections.abc import Iterator

from watchword.iam import ConditionTrace, Decision, Effect, Element, Layer, Match, Outcome, Request
from watchword.iam.context import AGE_KEY, PRESENT_KEY, UNKNOWN, Folded

_STATEMENTS_NAMED = 3
_SHOWN = frozenset({PRESENT_KEY.lower(), AGE_KEY.lower()})


def reason_of(decision: Decision, request: Request) -> str | None:
    """Return what the log says beside a decision: the keys it hangs on, or the allowances that failed.

    At most three statements are named, those of the layer that refused first. Values, of the request and
    of the policy, are shown for the keys of MFA alone: others may be private, such as an external ID. Of SCPs
    each level is named at which none allows.
    """
    if decision.missing:
        return f"not known: {', '.join(decision.missing)}"
    if decision.outcome is not Outcome.IMPLICIT_DENY:
        return None
    return "; ".join(list(_near_misses(decision, request))[:_STATEMENTS_NAMED]) or None


def _near_misses(decision: Decision, request: Request) -> Iterator[str]:
    silent = [layer for layer in decision.trace if layer.outcome is Outcome.IMPLICIT_DENY]
    for layer in sorted(silent, key=lambda each: each.layer is not decision.layer):
        context = request.folded_trust if layer.layer is Layer.TRUST else request.folded
        for statement in layer.statements:
            if statement.effect is Effect.ALLOW and statement.failed is Element.CONDITION:
                ref = statement.ref
                failed = [each for each in statement.conditions if each.match is Match.NO]
                why = " and ".join(_unmet(condition, context) for condition in failed)
                yield f"{ref.policy}:{ref.line}:{ref.column} would allow it, but {why}"
        if layer.layer is Layer.SERVICE_CONTROL and layer.level is not None:
            yield f"no SCP allows it at {_place(layer.level, decision)}"


def _place(level: int, decision: Decision) -> str:
    """Return which level of SCPs it is: the organization's root, a unit below it, or the account."""
    if level == 0:
        return "the root"
    last = max(each.level or 0 for each in decision.trace if each.layer is Layer.SERVICE_CONTROL)
    return "the account" if level == last else f"unit {level} below the root"


def _unmet(condition: ConditionTrace, context: Folded) -> str:
    key = condition.key.lower()
    value = context.get(key)
    if key in _SHOWN:
        wanted = " or ".join(f'"{each}"' for each in condition.values)
        return f"{condition.key} is {_in_words(value)} ({condition.operator} {wanted})"
    if value is None:
        return f"{condition.key} is absent ({condition.operator})"
    return f"{condition.key} does not meet {condition.operator}"


def _in_words(value: object) -> str:
    if value is None:
        return "absent"
    return "not known" if value is UNKNOWN else str(value)
