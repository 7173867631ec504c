"""The room that talks to AWS through its SDK. Nobody else imports boto3 or botocore for that."""

from watchword.aws.answers import (
    Identity,
    ListedVirtualDevice,
    MfaDevice,
    ProfileSettings,
    RoleSession,
    SessionToken,
    VirtualMfaDevice,
)
from watchword.aws.caller import Caller, Signed, call_as, caller_identity
from watchword.aws.chain import Chain, Source, read_chain
from watchword.aws.cli_cache import (
    FilledCliCache,
    fill_cli_cache,
    forget_cli_cache,
    refuse_without_role,
)
from watchword.aws.devices import (
    create_virtual_mfa_device,
    deactivate_mfa_device,
    delete_virtual_mfa_device,
    enable_mfa_device,
    list_mfa_devices,
    list_virtual_mfa_devices,
    resync_mfa_device,
)
from watchword.aws.errors import (
    NotALongTermKey,
    ProfileNotFound,
    Refusal,
    SignInElsewhere,
    Unreachable,
    UnusableCliCache,
    UnusableSettings,
    UnusableSource,
)
from watchword.aws.hop import Hop
from watchword.aws.inherited import ignored_credentials
from watchword.aws.key_behind import profile_of_the_key, profiles_named
from watchword.aws.profile import AwsProfile, profile_in_use, profile_named_by_environment
from watchword.aws.roles import CodeOfDevice, Role, assume_role, get_role, list_roles
from watchword.aws.source import OtherSource, open_other_source
from watchword.aws.source_mfa import MfaKnowledge
from watchword.aws.spelling import named
from watchword.fastpath.hand_out import set_by_us

__all__ = [
    "AwsProfile",
    "Caller",
    "Chain",
    "CodeOfDevice",
    "FilledCliCache",
    "Hop",
    "Identity",
    "ListedVirtualDevice",
    "MfaDevice",
    "MfaKnowledge",
    "NotALongTermKey",
    "OtherSource",
    "ProfileNotFound",
    "ProfileSettings",
    "Refusal",
    "Role",
    "RoleSession",
    "SessionToken",
    "SignInElsewhere",
    "Signed",
    "Source",
    "Unreachable",
    "UnusableCliCache",
    "UnusableSettings",
    "UnusableSource",
    "VirtualMfaDevice",
    "assume_role",
    "call_as",
    "caller_identity",
    "create_virtual_mfa_device",
    "deactivate_mfa_device",
    "delete_virtual_mfa_device",
    "enable_mfa_device",
    "fill_cli_cache",
    "forget_cli_cache",
    "get_role",
    "ignored_credentials",
    "list_mfa_devices",
    "list_roles",
    "list_virtual_mfa_devices",
    "named",
    "open_other_source",
    "profile_in_use",
    "profile_named_by_environment",
    "profile_of_the_key",
    "profiles_named",
    "read_chain",
    "refuse_without_role",
    "resync_mfa_device",
    "set_by_us",
]
