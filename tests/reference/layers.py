"""Which statements of a policy apply to the request, and what the policy says then."""

from dataclasses import dataclass

from reference.conditions import Readings, hold
from reference.patterns import Context, matches_action, matches_resource
from reference.principals import Caller, Named, excepted, how_named
from reference.reading import Policy, Question, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The request, in one world: every key known."""

    question: Question
    who: Caller
    context: Context
    readings: Readings


def denies(policies: list[Policy], asked: Asked) -> bool:
    """Say whether a Deny of these policies matches."""
    return any(
        not statement.allows and _applies(statement, asked) for policy in policies for statement in policy
    )


def allows(policies: list[Policy], asked: Asked) -> bool:
    """Say whether an Allow of these policies matches."""
    return any(statement.allows and _applies(statement, asked) for policy in policies for statement in policy)


def grants(policy: Policy, asked: Asked) -> set[Named]:
    """Collect how the Allows of a resource's policy that match name the caller."""
    named = set()
    for statement in policy:
        if statement.allows and _applies(statement, asked):
            named |= how_named(statement, asked.who)
    return named


def _applies(statement: Statement, asked: Asked) -> bool:
    return (
        _principal_fits(statement, asked)
        and _action_fits(statement, asked.question.action)
        and _resource_fits(statement, asked)
        and hold(statement, asked.context, asked.readings)
    )


def _principal_fits(statement: Statement, asked: Asked) -> bool:
    if statement.not_principals is not None:
        has_boundary = bool(asked.question.boundaries)
        return not excepted(statement, asked.who, has_boundary=has_boundary)
    return statement.principals is None or bool(how_named(statement, asked.who))


def _action_fits(statement: Statement, action: str) -> bool:
    if statement.not_actions is not None:
        return not any(matches_action(pattern, action) for pattern in statement.not_actions)
    return any(matches_action(pattern, action) for pattern in statement.actions or [])


def _has_wild_service(resource: str) -> bool:
    """No wildcard stands for an ARN's service; AWS takes no such policy, and nothing is allowed by one."""
    parts = resource.split(":")
    return len(parts) > 3 and ("*" in parts[2] or "?" in parts[2])


def _resource_fits(statement: Statement, asked: Asked) -> bool:
    """An action without a resource has the resource `*`: a Resource must match that."""
    listed = statement.resources if statement.not_resources is None else statement.not_resources
    if listed is None:
        return True  # a trust policy is its role's
    found = [
        matches_resource(text, asked.question.resource, asked.context, has_variables=statement.has_variables)
        for text in listed
        if not (statement.allows and statement.not_resources is None and _has_wild_service(text))
    ]
    if statement.not_resources is None:
        return True in found
    # A missing variable matches nothing, in NotResource neither.
    return all(answer is False for answer in found)
