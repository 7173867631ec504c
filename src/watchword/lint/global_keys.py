"""The condition keys that AWS sends with calls of every service, and what their values are.

Source: IAM User Guide, reference_policies_condition-keys.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final


class KeyType(enum.StrEnum):
    """What the values of a condition key are, in the words of AWS's pages."""

    STRING = "String"
    ARN = "ARN"
    BOOL = "Boolean"
    NUMERIC = "Numeric"
    DATE = "Date"
    ADDRESS = "IP address"


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalKey:
    """A key as AWS writes it. One that ends in `/` goes on with the name of a tag."""

    name: str
    type: KeyType


_BY_TYPE: Final[dict[KeyType, str]] = {
    KeyType.ARN: "aws:PrincipalArn aws:ChatbotSourceArn aws:SourceArn aws:SourceVpcArn",
    KeyType.BOOL: "aws:PrincipalIsAWSService aws:MultiFactorAuthPresent aws:ViaAWSService "
    "aws:SecureTransport aws:IsMcpServiceAction aws:ViaAWSMCPService",
    KeyType.NUMERIC: "aws:MultiFactorAuthAge",
    KeyType.DATE: "aws:CurrentTime aws:EpochTime aws:TokenIssueTime",
    KeyType.ADDRESS: "aws:SourceIp aws:VpcSourceIp aws:Ec2InstanceSourcePrivateIPv4",
    KeyType.STRING: "aws:PrincipalAccount aws:PrincipalOrgPaths aws:PrincipalOrgID aws:PrincipalTag/ "
    "aws:PrincipalServiceName aws:PrincipalServiceNamesList aws:PrincipalType aws:userid aws:username "
    "aws:AssumedRoot aws:FederatedProvider aws:SourceIdentity aws:Ec2InstanceSourceVpc aws:SourceVpc "
    "aws:SourceVpce aws:VpceAccount aws:VpceOrgID aws:VpceOrgPaths aws:ResourceAccount aws:ResourceOrgID "
    "aws:ResourceOrgPaths aws:ResourceTag/ aws:CalledVia aws:CalledViaFirst aws:CalledViaLast "
    "aws:CalledViaAWSMCP aws:referer aws:RequestedRegion aws:RequestTag/ aws:TagKeys aws:SourceAccount "
    "aws:SourceOrgID aws:SourceOrgPaths aws:UserAgent",
}

GLOBAL_KEYS: Final[dict[str, GlobalKey]] = {
    name.lower(): GlobalKey(name=name, type=type_)
    for type_, names in _BY_TYPE.items()
    for name in names.split()
}


def global_key(name: str) -> GlobalKey | None:
    """Return the global key of that name, in any case, or None when AWS's page has none."""
    lower = name.lower()
    prefix, slash, tag = lower.partition("/")
    if slash:
        return GLOBAL_KEYS.get(f"{prefix}/") if tag else None
    return GLOBAL_KEYS.get(lower)
