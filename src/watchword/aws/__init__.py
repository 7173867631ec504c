"""The room that talks to AWS through its SDK. Nobody else imports boto3 or botocore for that."""

from watchword.aws.answers import Identity, MfaDevice, ProfileSettings, SessionToken, VirtualMfaDevice
from watchword.aws.errors import NotALongTermKey, ProfileNotFound, Refusal, Unreachable, UnusableSettings
from watchword.aws.inherited import ignored_credentials, set_by_us
from watchword.aws.key_behind import profile_of_the_key, profiles_named
from watchword.aws.profile import AwsProfile, open_profile, profile_in_use
from watchword.aws.spelling import named

__all__ = [
    "AwsProfile",
    "Identity",
    "MfaDevice",
    "NotALongTermKey",
    "ProfileNotFound",
    "ProfileSettings",
    "Refusal",
    "SessionToken",
    "Unreachable",
    "UnusableSettings",
    "VirtualMfaDevice",
    "ignored_credentials",
    "named",
    "open_profile",
    "profile_in_use",
    "profile_of_the_key",
    "profiles_named",
    "set_by_us",
]
