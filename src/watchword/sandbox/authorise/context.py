"""The condition keys of a request: those with a value, those that are absent, and those nobody can know.

Source: IAM User Guide, reference_policies_condition-keys; the services' own keys: Service Authorization
Reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from watchword.iam.context import UNKNOWN, ContextValue
from watchword.iam.principal import principal_context
from watchword.sandbox.authorise.bindings import bindings_of
from watchword.sandbox.authorise.catalogue import actions_of, is_key_of, is_key_on
from watchword.sandbox.authorise.forwarded import forwarded_keys
from watchword.sandbox.authorise.lookup import Lookup
from watchword.sandbox.authorise.organization_keys import principal_organization, resource_organization
from watchword.sandbox.authorise.organization_names import policy_type_of
from watchword.sandbox.authorise.required import ActionOnResource
from watchword.sandbox.authorise.resource import scalar
from watchword.sandbox.authorise.service_keys import is_answered, service_keys
from watchword.sandbox.authorise.tag_keys import (
    REQUEST_TAGS,
    RESOURCE_TAGS,
    request_tags,
    resource_tags,
    tag_is_unknown,
)
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.wire.operation import Operation
from watchword.sandbox.wire.request import WireRequest

# Keys of situations that the sandbox does not have: no VPC, no federation, no calling service.
_NEVER_THERE = frozenset(
    {
        "aws:chatbotsourcearn",
        "aws:ec2instancesourceprivateipv4", "aws:ec2instancesourcevpc", "aws:federatedprovider",
        "aws:principalservicename", "aws:principalservicenameslist", "aws:sourceaccount",
        "aws:sourcearn", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths", "aws:vpcsourceip",
        "aws:assumedroot", "aws:signinsessionarn",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a question is asked in: who calls what, with which request, when, in whose account."""

    caller: Caller
    operation: Operation
    request: WireRequest
    now: datetime
    account: str
    principal_tags: Mapping[str, str]
    lookup: Lookup


def context_of(setting: Setting, question: ActionOnResource, keys: Iterable[str]) -> dict[str, ContextValue]:
    """Return the context for one question.

    `keys` are the condition keys that the policies speak of, in lower case: of these, the ones that may be in
    AWS's context and that the sandbox cannot know are UNKNOWN. All that is missing in the answer is absent.
    """
    context = {**_principal_keys(setting), **_request_keys(setting), **_parameter_keys(setting, question)}
    context.update(_resource_keys(setting, question))
    known = {key.lower() for key in context}
    for key in keys:
        if key not in known and _may_exist(key, setting, question):
            context[key] = UNKNOWN
    return context


def _principal_keys(setting: Setting) -> dict[str, ContextValue]:
    caller = setting.caller
    context: dict[str, ContextValue] = {
        **principal_context(caller.principal),
        **principal_organization(caller.account, setting.lookup),
        "aws:userid": caller.user_id,
        **caller.mfa_keys(setting.now),
    }
    if caller.issued_at is not None:
        context["aws:TokenIssueTime"] = _iso(caller.issued_at)
    if caller.session is not None and caller.session.source_identity is not None:
        context["aws:SourceIdentity"] = caller.session.source_identity
    tags = _overridden(setting.principal_tags, caller.session.tags if caller.session else {})
    context.update({f"aws:PrincipalTag/{key}": value for key, value in tags.items()})
    return context


def _overridden(tags: Mapping[str, str], session_tags: Mapping[str, str]) -> dict[str, str]:
    # A session's tag takes the place of the role's, and tag keys have no case. Source: id_session-tags.
    overriding = {key.lower() for key in session_tags}
    return {**{key: value for key, value in tags.items() if key.lower() not in overriding}, **session_tags}


def _request_keys(setting: Setting) -> dict[str, ContextValue]:
    context: dict[str, ContextValue] = {
        "aws:CurrentTime": _iso(setting.now),
        "aws:EpochTime": str(int(setting.now.timestamp())),
        "aws:RequestedRegion": setting.operation.region,
        # The sandbox stands for AWS's own endpoints, which are reached over TLS.
        "aws:SecureTransport": "true",
        "aws:SourceIp": "127.0.0.1",
        **forwarded_keys(setting.caller),
    }
    if setting.caller.called_via:
        return context  # what a service says of itself in these headers is not documented
    for key, header in (("aws:UserAgent", "user-agent"), ("aws:referer", "referer")):
        value = setting.request.header(header)
        if value is not None:
            context[key] = value
    return context


def _parameter_keys(setting: Setting, question: ActionOnResource) -> dict[str, ContextValue]:
    operation = setting.operation
    context: dict[str, ContextValue] = dict(question.context)
    table = bindings_of(operation.service)
    for key, path in (table.keys if table else {}).items():
        value = scalar(path, operation.params)
        if value is not None and _belongs(key, question):
            context[key] = value
    context.update(request_tags(operation, question))
    context.update(service_keys(setting, question))
    if operation.service == "iam":
        context.update(_iam_boundary(setting, question))
    if operation.service == "organizations":
        kind = policy_type_of(operation, setting.lookup)
        context.update({} if kind is None else {"organizations:PolicyType": kind})
    if operation.service == "ec2":
        context["ec2:Region"] = operation.region
    if operation.service == "s3":
        context["s3:authType"] = "REST-QUERY-STRING" if _presigned(setting.request) else "REST-HEADER"
        context["s3:signatureversion"] = "AWS4-HMAC-SHA256"
        context["s3:ResourceAccount"] = resource_account(setting, question) or setting.account
    return context


def _belongs(key: str, question: ActionOnResource) -> bool:
    """Tell whether the service reference has the key with this action; STS asks for several with one call."""
    prefix, _, name = question.action.partition(":")
    return prefix == "sts" or is_key_of(actions_of(prefix).get(name.lower()), key)


def _presigned(request: WireRequest) -> bool:
    return bool(request.query_values("X-Amz-Signature"))


def _iam_boundary(setting: Setting, question: ActionOnResource) -> dict[str, ContextValue]:
    facts = actions_of("iam").get(question.action.partition(":")[2].lower())
    if not is_key_of(facts, "iam:permissionsboundary"):
        return {}
    asked = setting.operation.params.get("PermissionsBoundary")
    boundary = asked or setting.lookup.boundary(question.resource)
    return {"iam:PermissionsBoundary": boundary} if boundary else {}


def resource_account(setting: Setting, question: ActionOnResource) -> str | None:
    """Return whose the resource is; None: it is AWS's, or the action has none.

    What is not there yet is the account's in which the operation runs. Who creates a bucket asks for their
    own, whoever has one of that name.
    """
    if question.resource == "*" or question.resource.split(":")[4] == "aws":
        return None
    if question.action == "s3:CreateBucket":
        return setting.account
    return setting.lookup.account_of(question.resource) or setting.account


def _resource_keys(setting: Setting, question: ActionOnResource) -> dict[str, ContextValue]:
    if question.resource == "*":
        return resource_organization(None, setting.caller.account, setting.lookup)
    context: dict[str, ContextValue] = {}
    owner = resource_account(setting, question)
    if owner is not None:
        context["aws:ResourceAccount"] = owner
        context.update(resource_organization(owner, setting.caller.account, setting.lookup))
    facts = actions_of(question.action.partition(":")[0]).get(question.action.partition(":")[2].lower())
    return context | resource_tags(setting.operation, question, facts, setting.lookup)


def _may_exist(key: str, setting: Setting, question: ActionOnResource) -> bool:
    """Tell whether AWS may have a value for a key that the sandbox has none for."""
    prefix, _, name = question.action.partition(":")
    if key in _NEVER_THERE or key.startswith(_ANSWERED):
        return False
    facts = actions_of(prefix.lower()).get(name.lower())
    if key.startswith(RESOURCE_TAGS):
        return tag_is_unknown(key, setting.operation, question, facts, setting.lookup)
    if is_answered(prefix.lower(), key) or key in _bound_keys(setting.operation.service):
        return False  # the parameter that would carry it is not in the request
    if key.startswith("aws:"):
        return True
    # EC2's reference says of each kind of resource which keys it has: a subnet has no instance type.
    return is_key_on(facts, key, question.resource) if prefix == "ec2" else is_key_of(facts, key)


# Their values were worked out above: what has none is absent.
_ANSWERED = (
    "aws:principalorgid", "aws:principalorgpaths", "aws:resourceorgid", "aws:resourceorgpaths",
    *REQUEST_TAGS, "aws:principaltag/", "aws:multifactorauth", "aws:username",
    "aws:tokenissuetime", "aws:sourceidentity", "aws:referer", "aws:useragent", "iam:permissionsboundary",
    "iam:passedtoservice", "organizations:policytype", "aws:calledvia",
    "ec2:createaction", "elasticloadbalancing:createaction",
)  # fmt: skip


@cache
def _bound_keys(service: str) -> frozenset[str]:
    table = bindings_of(service)
    return frozenset(key.lower() for key in (table.keys if table else {}))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
