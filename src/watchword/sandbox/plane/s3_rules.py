"""What AWS's S3 does and moto's does not: refused before moto runs."""

from __future__ import annotations

from watchword.sandbox.plane.lookup import MotoLookup
from watchword.sandbox.wire.error import AwsError
from watchword.sandbox.wire.operation import Operation

_OWNERS_EXPECTED = ("ExpectedBucketOwner", "ExpectedSourceBucketOwner")


def before(operation: Operation, directory: MotoLookup) -> None:
    """Refuse what AWS refuses although moto would not. Raises AwsError."""
    params = operation.params
    if any(params.get(name) not in (None, directory.account) for name in _OWNERS_EXPECTED):
        # Source: Amazon S3 User Guide, "Verifying bucket ownership with bucket owner condition".
        raise AwsError("AccessDenied", "Access Denied", status=403)
    upload = params.get("UploadId")
    if upload is not None and directory.key_of_upload(params["Bucket"], upload) != params["Key"]:
        # moto goes by the upload alone, whatever key was named and authorised.
        raise AwsError(
            "NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
            "aborted or completed.",
            status=404,
        )
