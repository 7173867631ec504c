"""The decision, layer after layer, in each world that the case leaves possible.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice

from reference.conditions import Readings
from reference.layers import Asked, allows, denies, grants
from reference.patterns import Context
from reference.principals import Caller, Named, caller
from reference.reading import JsonObject, Policy, Question, read_question
from reference.service_rules import before_policies, may_refuse
from reference.worlds import World, worlds

# Those of the list that the random cases use:
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
_SERVICES_WITH_RESOURCE_CONTROL = {"s3", "sts", "sqs", "kms", "secretsmanager"}
_ALLOWED, _EXPLICIT, _IMPLICIT = "allowed", "explicitDeny", "implicitDeny"
_TRUST_ACTIONS = {
    f"sts:{name}"
    for name in (
        "assumerole",
        "assumerolewithsaml",
        "assumerolewithwebidentity",
        "tagsession",
        "setsourceidentity",
    )
}


def answer(case: JsonObject, read: Callable[[str], str]) -> str:
    """Say what AWS answers: allowed, explicitDeny, implicitDeny, or undetermined where worlds differ.

    A denial that is explicit in one world and implicit in another is an implicit one.
    """
    found = outcomes(case, read)
    if len(found) == 1:
        return found.pop()
    return "undetermined" if _ALLOWED in found else _IMPLICIT


def is_open(case: JsonObject, read: Callable[[str], str]) -> bool:
    """Say whether more than one world is possible."""
    question = read_question(case, read)
    return len(list(islice(worlds(question, needs_policy=_needs_policy(question)), 2))) > 1


def outcomes(case: JsonObject, read: Callable[[str], str]) -> set[str]:
    """Collect the answers of all worlds, up to the second that makes the answer undetermined."""
    question = read_question(case, read)
    who = caller(question.principal, question.session_of)
    settled = before_policies(question, who)
    if settled is not None:
        return {settled}
    found = set()
    for world in worlds(question, needs_policy=_needs_policy(question)):
        found.add(_decide(question, _in_world(who, world), world))
        if _ALLOWED in found and may_refuse(question):
            found.add(_IMPLICIT)
        if _ALLOWED in found and len(found) > 1:
            break
    return found


def _in_world(who: Caller, world: World) -> Caller:
    """Read what the context says of the caller: aws:PrincipalArn of a role session is its role's ARN."""
    ident, arn = world.context.get("aws:userid"), world.context.get("aws:principalarn")
    role = arn if who.role is not None and isinstance(arn, str) else who.role
    ident = ident if isinstance(ident, str) else None
    return replace(who, role=role, ident=ident, is_canonical=world.is_canonical)


def _needs_policy(question: Question) -> bool:
    """Role trust policies and key policies must themselves allow: without them nobody can say."""
    return question.resource != "*" and (_is_trust(question) or _is_key(question))


def _is_trust(question: Question) -> bool:
    return question.action.lower() in _TRUST_ACTIONS


def _is_key(question: Question) -> bool:
    return question.action.lower().startswith("kms:") and ":key/" in question.resource


def _decide(question: Question, who: Caller, world: World) -> str:
    asked = Asked(question=question, who=who, context=world.context, readings=world.readings)
    resource_policy = _resource_policy(question, world)
    service_control = [] if _beyond_service_control(who) else question.service_control
    resource_control = question.resource_control if _under_resource_control(question, who) else []
    identity, boundaries = ([], []) if who.is_root else (question.identity, question.boundaries)
    denying = [] if resource_policy is None or _is_above(question, who) else [resource_policy]
    everything = [
        *identity,
        *boundaries,
        *question.session,
        *[policy for level in service_control + resource_control for policy in level],
        *denying,
    ]
    # Gateway endpoints take an account that is named for its root alone; interface endpoints do not.
    # Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
    at_endpoint = replace(asked, who=replace(who, passes_gateway=world.is_gateway))
    if denies(everything, asked) or denies(question.endpoint, at_endpoint):
        return _EXPLICIT
    if not all(allows(level, asked) for level in service_control):
        return _IMPLICIT
    if not all(allows([policy], at_endpoint) for policy in question.endpoint):
        return _IMPLICIT
    named = set() if resource_policy is None else grants(resource_policy, asked)
    return _ALLOWED if _granted(asked, identity, boundaries, named) else _IMPLICIT


def _resource_policy(question: Question, world: World) -> Policy | None:
    given = question.trust if _is_trust(question) else question.resource_policy
    return world.stand_in if given is None else given


def _is_above(question: Question, who: Caller) -> bool:
    """Root of a bucket's account may read and replace its policy, even one that denies that to root.

    It is the service's rule, off where these are.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
    """
    action = question.action.lower()
    if not question.service_rules or question.credential is None:
        return False
    own = who.is_root and _resource_account(question, who) == who.account
    return own and action in {"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"}


def _beyond_service_control(who: Caller) -> bool:
    # SCPs bind the users, roles and root of their account, but not service-linked roles.
    return who.account is None or who.is_service_linked


def _under_resource_control(question: Question, who: Caller) -> bool:
    service = question.action.lower().split(":")[0]
    return (
        service in _SERVICES_WITH_RESOURCE_CONTROL
        and question.resource != "*"  # for actions with a resource type only
        and question.action.lower() != "kms:retiregrant"
        and not who.is_service_linked
    )


def _granted(asked: Asked, identity: list[Policy], boundaries: list[Policy], named: set[Named]) -> bool:
    """Join the caller's side and the resource's."""
    question, who = asked.question, asked.who
    if who.account is None:
        return bool(named)  # services, identity providers and the public have no policies of their own
    within_boundary = all(allows([policy], asked) for policy in boundaries)
    within_session = _within_session(question, who, asked)
    limited = within_boundary and within_session
    own = limited and (who.is_root or allows(identity, asked))
    if _resource_account(question, who) != who.account:
        return own and bool(named)
    if Named.ITSELF in named or Named.ANYONE_BY_ARN in named:
        return True
    if named & {Named.BEHIND, Named.ANYONE} and limited:
        return True
    if _needs_policy(question):
        return own and Named.ACCOUNT in named
    return own


def _within_session(question: Question, who: Caller, asked: Asked) -> bool:
    # A GetFederationToken session has nothing without a session policy.
    if who.is_federated_user:
        return allows(question.session, asked)
    return not question.session or allows(question.session, asked)


def _resource_account(question: Question, who: Caller) -> str | None:
    if question.resource_account is not None:
        return question.resource_account
    parts = question.resource.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[4] else who.account


def decided_in(question: Question, context: Context) -> str:
    """Say what AWS answers when the whole context is this one: every key, in lower case, with its value."""
    who = caller(question.principal, question.session_of)
    settled = before_policies(question, who)
    if settled is not None:
        return settled
    world = World(context=context, readings=Readings())
    return _decide(question, _in_world(who, world), world)
