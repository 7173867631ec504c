"""Code of functions and layers that lies in S3: Lambda reads it on behalf of whoever asks it to.

Source: AWS Lambda Developer Guide, configuration-function-zip; the refusal as observed on AWS ("make sure
your request credentials have permission to GetObject").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from watchword.sandbox.authorise.call import Call
from watchword.sandbox.forward import Forward
from watchword.sandbox.plane.lookup import MotoLookup
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

_PRINCIPAL: Final = "lambda.amazonaws.com"
# Where each operation says where the code is.
_PLACES: Final[Mapping[str, str | None]] = {
    "CreateFunction": "Code",
    "UpdateFunctionCode": None,
    "PublishLayerVersion": "Content",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCode:
    """Reads code before it is stored. Any thread may use it."""

    forward: Forward
    directory_of: Callable[[str], MotoLookup]

    def before(self, call: Call, owner: str) -> None:
        """Read the code that an authorised call names, as its caller. `owner` is the function's account.

        Raises AwsError as Lambda does where S3 refuses, SandboxRefusal for a bucket of another account.
        """
        operation = call.operation
        if operation.service != "lambda" or operation.name not in _PLACES:
            return
        place = _PLACES[operation.name]
        code: Mapping[str, Any] = operation.params if place is None else operation.params.get(place) or {}
        bucket, key = code.get("S3Bucket"), code.get("S3Key")
        if bucket is None:
            return
        account = self.directory_of(owner).account_of(f"arn:aws:s3:::{bucket}")
        if account not in (None, owner):
            raise SandboxRefusal("code in a bucket of another account is not supported")
        try:
            self._read(call, str(bucket), str(key))
        except SandboxRefusal:
            raise
        except AwsError as error:
            raise _refused(error, f"{bucket}/{key}") from error

    def _read(self, call: Call, bucket: str, key: str) -> None:
        self.forward.call(
            call.caller,
            via=_PRINCIPAL,
            service="s3",
            operation="GetObject",
            params={"Bucket": bucket, "Key": key},
            region=call.operation.region,
            request_id=call.request_id,
            runs=True,
        )


def _refused(error: AwsError, name: str) -> AwsError:
    said = f"S3 Error Code: {error.code}. S3 Error Message: {error.message}"
    if error.status == 403:
        text = (
            "Your access has been denied by S3, please make sure your request credentials have permission to "
            f"GetObject for {name}. {said}"
        )
        return AwsError("AccessDeniedException", text, status=403)
    return AwsError("InvalidParameterValueException", f"Error occurred while GetObject. {said}", status=400)
