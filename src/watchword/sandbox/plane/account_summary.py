"""GetAccountSummary: how many there are of everything, and how many there may be.

Source: API_GetAccountSummary; the quotas are AWS's defaults (reference_iam-quotas, and observed); what
counts as a version in use as observed: every managed policy that somebody has, or as a boundary, once.
"""

from __future__ import annotations

from typing import Final

from watchword.sandbox.identity.device import DeviceKind
from watchword.sandbox.identity.devices import Devices
from watchword.sandbox.plane.directory import MotoDirectory, boundary_arn
from watchword.sandbox.plane.moto_object import MotoObject

_QUOTAS: Final = {
    "AccessKeysPerUserQuota": 2,
    "AssumeRolePolicySizeQuota": 2048,
    "AttachedPoliciesPerGroupQuota": 10,
    "AttachedPoliciesPerRoleQuota": 20,
    "AttachedPoliciesPerUserQuota": 10,
    "GroupPolicySizeQuota": 5120,
    "GroupsPerUserQuota": 10,
    "GroupsQuota": 300,
    "InstanceProfilesQuota": 1000,
    "PoliciesQuota": 1500,
    "PolicySizeQuota": 6144,
    "PolicyVersionsInUseQuota": 10000,
    "RolePolicySizeQuota": 10240,
    "RolesQuota": 1000,
    "ServerCertificatesQuota": 20,
    "SigningCertificatesPerUserQuota": 2,
    "UserPolicySizeQuota": 2048,
    "UsersQuota": 5000,
    "VersionsPerPolicyQuota": 5,
}


def account_summary(directory: MotoDirectory, devices: Devices) -> dict[str, int]:
    """Return the `SummaryMap` of an account. Root has no password and no certificates here."""
    backend, account = directory.backend, directory.account
    own = [device for device in devices.all() if device.account == account]
    return {
        **_QUOTAS,
        "AccountAccessKeysPresent": int(directory.root_key is not None),
        "AccountMFAEnabled": int(bool(devices.of_user(account))),
        "AccountPasswordPresent": 0,
        "AccountSigningCertificatesPresent": 0,
        "GlobalEndpointTokenVersion": 1,
        "Groups": len(backend.groups),
        "InstanceProfiles": len(backend.instance_profiles),
        # A hardware token that nobody has is not in the account yet.
        "MFADevices": sum(d.kind is DeviceKind.VIRTUAL or d.user_id is not None for d in own),
        "MFADevicesInUse": sum(device.user_id is not None for device in own),
        "Policies": sum(arn.split(":")[4] != "aws" for arn in list(backend.managed_policies)),
        "PolicyVersionsInUse": len(policies_in_use(backend)),
        "Providers": len(backend.saml_providers) + len(backend.open_id_providers),
        "Roles": len(backend.roles),
        "ServerCertificates": len(backend.certificates),
        "Users": len(backend.users),
    }


def policies_in_use(backend: MotoObject) -> frozenset[str]:
    """Return the ARNs of the managed policies that are attached to somebody, or somebody's boundary."""
    holders = [*backend.users.values(), *backend.groups.values(), *backend.roles.values()]
    attached = {arn for holder in holders for arn in holder.managed_policies}
    boundaries = {arn for holder in holders if (arn := boundary_arn(holder)) is not None}
    return frozenset(attached | boundaries)
