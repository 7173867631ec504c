"""What IAM and STS answer when they refuse, in AWS's words; what every protocol shares is in `wire.error`.

Source, unless a function says otherwise: observed on AWS.
"""

from __future__ import annotations

from watchword.sandbox.wire.error import AwsError


def device_exists() -> AwsError:
    """CreateVirtualMFADevice with a path and name that are taken."""
    return AwsError("EntityAlreadyExists", "MFA device already exists.", status=409)


def device_of_user_exists(user_name: str) -> AwsError:
    """EnableMFADevice for the user that has this very device."""
    return AwsError("EntityAlreadyExists", f"MFA Device for user {user_name} already exists.", status=409)


def device_in_use() -> AwsError:
    """EnableMFADevice with a device that somebody else has."""
    return AwsError("EntityAlreadyExists", "MFA Device is already in use.", status=409)


def no_such_device(serial_number: str) -> AwsError:
    """A serial number that no device has."""
    return AwsError(
        "NoSuchEntity", f"MFA Device with serial number {serial_number} does not exist.", status=404
    )


def device_not_of_user() -> AwsError:
    """DeactivateMFADevice or ResyncMFADevice with a device that the user does not have."""
    return AwsError("NoSuchEntity", "MFA Device invalid for user.", status=404)


def device_must_be_deactivated() -> AwsError:
    """DeleteVirtualMFADevice with a device that is assigned."""
    return AwsError("DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.", status=409)


def user_has_devices() -> AwsError:
    """DeleteUser with a user that has a device."""
    return AwsError(
        "DeleteConflict", "Cannot delete entity, must remove tokens from principal first.", status=409
    )


def too_many_devices(limit: int) -> AwsError:
    """EnableMFADevice for a user who has `limit` devices. Source: inferred from AWS's other quotas."""
    return AwsError("LimitExceeded", f"Cannot exceed quota for MFADevicesPerUser: {limit}", status=409)


def no_such_user(user_name: str) -> AwsError:
    """A user name that nobody has."""
    return AwsError("NoSuchEntity", f"The user with name {user_name} cannot be found.", status=404)


def user_name_needed() -> AwsError:
    """An operation that takes the caller for the user, called by a role session."""
    return validation_error("Must specify userName when calling with non-User credentials")


def not_a_security_key() -> AwsError:
    """GetMFADevice, which knows FIDO security keys only."""
    return validation_error(
        "The MFA device serial number sent in the request is invalid or not supported by this API. "
        "Currently, only hardware FIDO security keys are supported. "
        "Please use the compatible device or API."
    )


def invalid_path() -> AwsError:
    """A path that does not begin and end with a slash."""
    return validation_error(
        "The specified value for path is invalid. It must begin and end with / "
        "and contain only alphanumeric characters and/or / characters."
    )


def invalid_marker() -> AwsError:
    """A marker that no page gave."""
    return validation_error("Invalid Marker.")


def duplicate_tags(*, code: str) -> AwsError:
    """Two tags whose keys differ in case at most. `code` is `InvalidInput` at IAM."""
    return AwsError(
        code, "Duplicate tag keys found. Please note that Tag keys are case insensitive.", status=400
    )


def too_many_tags() -> AwsError:
    """More than 50 tags on one device."""
    return AwsError("LimitExceeded", "The number of tags has reached the maximum limit.", status=409)


def root_cannot_assume() -> AwsError:
    """AssumeRole called by root."""
    return AwsError("AccessDenied", "Roles may not be assumed by root accounts.", status=403)


def longer_than_role_allows() -> AwsError:
    """AssumeRole for longer than the role's MaxSessionDuration."""
    return validation_error("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")


def longer_than_chaining_allows() -> AwsError:
    """AssumeRole for more than an hour with temporary credentials."""
    return validation_error(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
    )


def source_identity_is_set() -> AwsError:
    """AssumeRole with another source identity than the session has."""
    return validation_error("The source identity is already set for this assume role session")


def transitive_tag_conflict() -> AwsError:
    """AssumeRole with a tag that the calling session passes on already."""
    return AwsError(
        "InvalidParameterValue",
        "One of the specified transitive tag keys can't be set because it conflicts "
        "with a transitive tag key from the calling session.",
        status=400,
    )


def transitive_tag_missing() -> AwsError:
    """AssumeRole with a transitive key that is not among the tags."""
    return AwsError(
        "InvalidParameterValue",
        "The specified transitive tag key must be included in the requested tags.",
        status=400,
    )


def packed_policy_too_large(percent: int) -> AwsError:
    """AssumeRole with session policies and tags that are too large together."""
    return AwsError(
        "PackedPolicyTooLarge",
        f"Packed policy consumes {percent}% of allotted space, please use smaller policy.",
        status=400,
    )


def too_many_policy_arns(limit: int) -> AwsError:
    """AssumeRole with too many managed session policies. Source: inferred from AWS's other limits."""
    return validation_error(
        "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: "
        f"Member must have length less than or equal to {limit}"
    )


def malformed_policy() -> AwsError:
    """AssumeRole with a session policy that is none. Source: IAM's own text; that of STS varies."""
    return AwsError("MalformedPolicyDocument", "Syntax errors in policy.", status=400)


def validation_error(message: str) -> AwsError:
    """A parameter that is not as it must be."""
    return AwsError("ValidationError", message, status=400)
