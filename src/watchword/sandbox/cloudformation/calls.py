"""The calls of one deployment: made as the caller, through CloudFormation, or as its service role."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from watchword.sandbox.cloudformation.shapes import fitted
from watchword.sandbox.forward import Forward
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.wire import catalog
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

PRINCIPAL: Final = "cloudformation.amazonaws.com"
_DENIED: Final = ("AccessDenied", "Unauthorized", "AuthorizationError", "InvalidClientTokenId", "AuthFailure")
_MISSING: Final = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist")
_THERE: Final = ("AlreadyExists", "AlreadyOwned", "InUse", "Duplicate", "EntityExists")
_OF_OTHERS: Final = ("BucketAlreadyExists",)
_NAMES: Final = {"DynamoDB": "DynamoDb", "v2": "V2"}


class CallFailed(Exception):
    """A call of a deployment was refused, or failed. `reason` is what the event says."""

    def __init__(self, reason: str, *, missing: bool = False, there: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.missing = missing
        """Whether it failed because there is no such thing."""
        self.there = there
        """Whether it failed because the caller's account has one already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """Makes calls as `caller`; `via` is None when that is the session of a service role.

    `is_there` tells whether the account has what an ARN names.
    """

    forward: Forward
    caller: Caller
    via: str | None
    region: str
    token: str
    """What events call the RequestToken: one for a deployment."""
    is_there: Callable[[str], bool]

    def make(
        self, service: str, operation: str, params: Mapping[str, Any], *, runs: bool = True
    ) -> dict[str, Any]:
        """Make one call by botocore's names, and return its result. Raises CallFailed.

        Without `runs` it is only authorised.
        """
        shape = catalog.operation_model(service, operation).input_shape
        request_id = str(uuid.uuid4())
        try:
            return self.forward.call(
                self.caller,
                via=self.via,
                service=service,
                operation=operation,
                params=fitted(params, shape) if shape is not None else {},
                region=self.region,
                request_id=request_id,
                runs=runs,
            )
        except SandboxRefusal as refusal:
            raise CallFailed(refusal.message) from refusal
        except AwsError as error:
            reason = self._told(service, error, request_id)
            raise CallFailed(
                reason, missing=_is_any(error.code, _MISSING), there=_is_there_already(error)
            ) from error

    def _told(self, service: str, error: AwsError, request_id: str) -> str:
        """Source: stack events of resource handlers, as published from AWS by others."""
        return (
            f'Resource handler returned message: "{error.message} (Service: {_name_of(service)}, '
            f'Status Code: {error.status}, Request ID: {request_id})" '
            f"(RequestToken: {self.token}, HandlerErrorCode: {_handler_code(error)})"
        )


def _handler_code(error: AwsError) -> str:
    """Source: CloudFormation CLI User Guide, resource-type-test-contract-errors (which code for what)."""
    if _is_any(error.code, _DENIED):
        return "AccessDenied"
    if _is_any(error.code, _MISSING):
        return "NotFound"
    if _is_there_already(error) or error.code in _OF_OTHERS:
        return "AlreadyExists"
    return "InvalidRequest" if error.sender_fault else "GeneralServiceException"


def _is_there_already(error: AwsError) -> bool:
    if error.code == "ResourceConflictException":  # Lambda has one code for all that is in the way
        return "exist" in error.message
    return error.code not in _OF_OTHERS and _is_any(error.code, _THERE)


def _is_any(code: str, parts: tuple[str, ...]) -> bool:
    return any(part in code for part in parts)


def _name_of(service: str) -> str:
    words = str(catalog.service(service).metadata["serviceId"]).split()
    return "".join(_NAMES.get(word, word.capitalize() if word.isupper() else word) for word in words)
