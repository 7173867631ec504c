"""Condition keys in AWS's own spelling: names ignore case, and people read them in one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from watchword.iam import Context, PolicySet
from watchword.iam.keys_read import keys_written
from watchword.lint.global_keys import GLOBAL_KEYS

_OF_IAM_AND_STS: Final = (
    *("iam:AWSServiceName", "iam:AccountPropertyNamespaces", "iam:AssociatedResourceArn"),
    *("iam:DelegationDuration", "iam:DelegationRequestOwner", "iam:FIDO-FIPS-140-2-certification"),
    *("iam:FIDO-FIPS-140-3-certification", "iam:FIDO-certification", "iam:NotificationChannel"),
    *("iam:OrganizationsPolicyId", "iam:PassedToService", "iam:PermissionsBoundary", "iam:PolicyARN"),
    *("iam:RegisterSecurityKey", "iam:ResourceTag/", "iam:RoleTemplateARN"),
    *("iam:ServiceSpecificCredentialAgeDays", "iam:ServiceSpecificCredentialServiceName"),
    *("iam:TemplateArn", "sts:AWSServiceName", "sts:DurationSeconds", "sts:ExternalId"),
    *("sts:IdentityTokenAudience", "sts:RequestContext/", "sts:RequestContextProviders"),
    *("sts:RoleAuthorizedByIdp", "sts:RoleSessionName", "sts:SigningAlgorithm", "sts:SourceIdentity"),
    *("sts:TaskPolicyArn", "sts:TransitiveTagKeys"),
)
"""Source: Service Authorization Reference, list_awsidentityandaccessmanagementiam and
list_awssecuritytokenservice."""

_KNOWN: Final = {
    **{lower: key.name for lower, key in GLOBAL_KEYS.items()},
    **{name.lower(): name for name in _OF_IAM_AND_STS},
}


def spelled(keys: Iterable[str], context: Context, policies: PolicySet) -> dict[str, str]:
    """Return how each of some keys in lower case is written.

    As AWS writes it where that is known; the names of tags, and the keys of other services, as the request or
    the policies have them.

    Source: IAM User Guide, reference_policies_condition-keys.
    """
    found: dict[str, str] = {}
    written: dict[str, str] | None = None
    for key in keys:
        known = _KNOWN.get(key)
        if known is None:
            if written is None:
                written = {each.lower(): each for each in (*_in(policies), *_mixed(context))}
            head, slash, _ = key.partition("/")
            known = written.get(key, key)
            if slash and f"{head}/" in _KNOWN:
                known = f"{_KNOWN[f'{head}/']}{known.partition('/')[2]}"
        found[key] = known
    return found


def _mixed(context: Context) -> Iterator[str]:
    """Give the keys that were not put into lower case on the way."""
    return (key for key in context if key != key.lower())


def _in(policies: PolicySet) -> Iterator[str]:
    single = (policies.permissions_boundary, policies.trust, policies.resource)
    levels = (*policies.service_control, *policies.resource_control)
    for policy in (
        *policies.identity,
        *(policies.session or ()),
        *(each for each in single if each is not None),
        *(each for level in levels for each in level),
        *(policies.endpoint or ()),
    ):
        yield from keys_written(policy.policy)
