"""Which layers have a say in a request: it follows from the request alone, whatever the policies are."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cache
from typing import Final

from watchword.iam._rcp_services import RCP_SERVICES, RCP_SERVICES_AS_OF
from watchword.iam.credential import CredentialKind
from watchword.iam.outcome import Layer
from watchword.iam.principal import Principal, PrincipalKind


class Caller(enum.Enum):
    """What a caller brings along."""

    OWN_POLICIES = "own policies"
    ROOT = "root"
    NOTHING = "nothing"
    """AWS services, identity providers, anonymous callers: only a resource's policy can let them in."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """How a caller stands to an action on a resource. Equal ones are the same object.

    - `side`: the layer of the resource's own policy, `RESOURCE`, `KEY` or `TRUST`; the last two must
      themselves allow. `side_is_needed`: without that policy nothing can be said.
    - `past_resource`: the resource's policy does not bind this call.
    - `needs_session`: the caller's session grants nothing without a session policy.
    - `by_gateway`: the endpoint that the call passes may be a gateway endpoint.
    """

    caller: Caller
    needs_session: bool
    bound_by_scp: bool
    bound_by_rcp: bool
    cross_account: bool
    side: Layer
    side_is_needed: bool
    past_resource: bool
    by_gateway: bool


_CALLERS: Final = {
    PrincipalKind.ROOT: Caller.ROOT,
    PrincipalKind.SERVICE: Caller.NOTHING,
    PrincipalKind.IDENTITY_PROVIDER: Caller.NOTHING,
    PrincipalKind.ANONYMOUS: Caller.NOTHING,
}
_SESSION_PERMISSIONS: Final = frozenset({"tagsession", "setsourceidentity", "setcontext"})
_BUCKET_POLICY_CALLS: Final = frozenset({"getbucketpolicy", "putbucketpolicy", "deletebucketpolicy"})
_WITH_GATEWAY_ENDPOINTS: Final = frozenset({"s3", "dynamodb"})
_SERVICE_LINKED: Final = ":role/aws-service-role/"


def caller_of(principal: Principal) -> Caller:
    """Return what this principal brings along."""
    return _CALLERS.get(principal.kind, Caller.OWN_POLICIES)


def standing_of(
    principal: Principal,
    service: str,
    operation: str,
    resource: str,
    *,
    owner: str | None,
    credential: CredentialKind | None,
) -> Standing:
    """Return the standing of a request; `service` and `operation` in lower case.

    `owner` is the account of the resource, None when it is nobody's in particular. `credential` is None
    where the rules of services are left out: with them the root user of a bucket's owner may always put
    its policy right.

    Source: Amazon S3 API Reference, PutBucketPolicy; AWS PrivateLink Guide, vpc-endpoints-access (the
    services with gateway endpoints).
    """
    caller = caller_of(principal)
    cross_account = caller is not Caller.NOTHING and owner is not None and owner != principal.account
    side, side_is_needed = _side(service, operation, resource)
    return _standing(
        caller,
        principal.kind is PrincipalKind.FEDERATED_USER,
        scp_exemption(principal, credential) is None,
        rcp_exemption(principal, credential, service, operation, resource) is None,
        cross_account,
        side,
        side_is_needed,
        credential is not None
        and caller is Caller.ROOT
        and not cross_account
        and service == "s3"
        and operation in _BUCKET_POLICY_CALLS,
        service in _WITH_GATEWAY_ENDPOINTS and caller is not Caller.ROOT,
    )


@cache
def _standing(
    caller: Caller,
    needs_session: bool,
    bound_by_scp: bool,
    bound_by_rcp: bool,
    cross_account: bool,
    side: Layer,
    side_is_needed: bool,
    past_resource: bool,
    by_gateway: bool,
) -> Standing:
    return Standing(
        caller=caller,
        needs_session=needs_session,
        bound_by_scp=bound_by_scp,
        bound_by_rcp=bound_by_rcp,
        cross_account=cross_account,
        side=side,
        side_is_needed=side_is_needed,
        past_resource=past_resource,
        by_gateway=by_gateway,
    )


def _side(service: str, operation: str, resource: str) -> tuple[Layer, bool]:
    """Return the layer of the resource's own policy, and whether nothing can be said without it.

    Source: IAM User Guide, reference_policies_evaluation-logic_policy-eval-denyallow; AWS KMS Developer
    Guide, key-policies (keys have policies; aliases and key stores have none).
    """
    if service == "kms":
        is_key = resource.startswith("arn:") and ":key/" in resource
        return Layer.KEY, is_key
    if service == "sts" and operation.startswith("assumerole"):
        return Layer.TRUST, True
    if service == "sts" and operation in _SESSION_PERMISSIONS:
        return Layer.TRUST, ":role/" in resource
    return Layer.RESOURCE, False


def scp_exemption(principal: Principal, credential: CredentialKind | None) -> str | None:
    """Return why SCPs do not bind this caller, or None when they do.

    Source: AWS Organizations User Guide, orgs_manage_policies_scps.
    """
    if caller_of(principal) is Caller.NOTHING:
        return "SCPs bind the users and roles of accounts, and root"
    return "SCPs do not bind service-linked roles" if _is_service_linked(principal, credential) else None


def rcp_exemption(
    principal: Principal, credential: CredentialKind | None, service: str, operation: str, resource: str
) -> str | None:
    """Return why RCPs have no say in this request, or None when they have.

    Source: AWS Organizations User Guide, orgs_manage_policies_rcps ("RCP effects on permissions",
    "Resources and entities not restricted by RCPs").
    """
    if service not in RCP_SERVICES:
        return f"RCPs do not cover `{service}` (AWS's list of {RCP_SERVICES_AS_OF})"
    if resource == "*":
        return "RCPs cover actions on a resource, and this one has none"
    if service == "kms" and operation == "retiregrant":
        return "RCPs do not cover kms:RetireGrant"
    if _is_service_linked(principal, credential) or _SERVICE_LINKED in resource:
        return "RCPs do not bind service-linked roles"
    return None


def _is_service_linked(principal: Principal, credential: CredentialKind | None) -> bool:
    """The ARN of a session does not hold the role's path; the kind of credential says it then."""
    return credential is CredentialKind.SERVICE_LINKED_ROLE or _SERVICE_LINKED in (
        principal.role_arn or principal.arn
    )
