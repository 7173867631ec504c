"""The room that talks to AWS through its SDK. Nobody else imports boto3 or botocore for that."""

from watchword.aws.answers import Identity, MfaDevice, SessionToken, VirtualMfaDevice
from watchword.aws.errors import NotALongTermKey, ProfileNotFound, Refusal, Unreachable
from watchword.aws.inherited import ignored_credentials, set_by_us
from watchword.aws.profile import AwsProfile, open_profile, profile_in_use

__all__ = [
    "AwsProfile",
    "Identity",
    "MfaDevice",
    "NotALongTermKey",
    "ProfileNotFound",
    "Refusal",
    "SessionToken",
    "Unreachable",
    "VirtualMfaDevice",
    "ignored_credentials",
    "open_profile",
    "profile_in_use",
    "set_by_us",
]
