"""Condition keys of single services that no one parameter carries, and which of them are thereby answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from watchword.iam.context import UNKNOWN, ContextValue
from watchword.sandbox.authorise import dynamodb_keys, kms_keys
from watchword.sandbox.authorise.required import ActionOnResource

if TYPE_CHECKING:
    from watchword.sandbox.authorise.context import Setting

# What has no value after `service_keys` is absent. No access points, grants or replication jobs are here.
_ANSWERED: Final[Mapping[str, tuple[str, ...]]] = {
    "dynamodb": dynamodb_keys.ANSWERED,
    "kms": kms_keys.ANSWERED,
    "s3": (
        "s3:accesspoint", "s3:dataaccesspoint", "s3:accessgrants",
        "s3:x-amz-content-sha256", "s3:object-lock-mode", "s3:object-lock-retain-until-date",
        "s3:object-lock-legal-hold", "s3:objectcreationoperation",
    ),
    "lambda": ("lambda:layer", "lambda:subnetids", "lambda:securitygroupids", "lambda:vpcids"),
    "secretsmanager": ("secretsmanager:resource/allowrotationlambdaarn", "secretsmanager:addreplicaregions"),
    "ssm": ("ssm:nodeaccountid", "ssm:nodeorgid", "ssm:accessrequestid"),
}  # fmt: skip


def service_keys(setting: Setting, question: ActionOnResource) -> dict[str, ContextValue]:
    """Return what the services' own condition keys are for one question, as far as it is worked out here."""
    operation = setting.operation
    prefix = question.action.partition(":")[0]
    match prefix:
        case "dynamodb" if operation.service == "dynamodb":
            return dynamodb_keys.dynamodb_keys(operation, question.action, question.resource, setting.lookup)
        case "kms":
            keys = kms_keys.kms_keys(
                operation,
                question.action,
                question.resource,
                caller_account=setting.caller.account,
                lookup=setting.lookup,
            )
            return keys | kms_keys.via_service(setting.caller.called_via, operation.region)
        case "s3" if operation.service == "s3":
            return _s3(setting)
        case "lambda" if operation.service == "lambda":
            return _layers(operation.params)
        case "secretsmanager" if operation.service == "secretsmanager":
            return _secret(operation.params)
        case _:
            return {}


def is_answered(prefix: str, key: str) -> bool:
    """Tell whether a key (in lower case) that `service_keys` has no value for is absent."""
    return key.startswith(_ANSWERED.get(prefix, ()) or ("-",))


def _s3(setting: Setting) -> dict[str, ContextValue]:
    params = setting.operation.params
    context: dict[str, ContextValue] = {}
    hashed = setting.request.header("x-amz-content-sha256")
    if hashed is not None:
        context["s3:x-amz-content-sha256"] = hashed
    retention, hold = params.get("Retention"), params.get("LegalHold")
    if isinstance(retention, Mapping):
        context["s3:object-lock-mode"] = str(retention.get("Mode", ""))
        context["s3:object-lock-retain-until-date"] = UNKNOWN  # AWS may write the date in another form
    if isinstance(hold, Mapping):
        context["s3:object-lock-legal-hold"] = str(hold.get("Status", ""))
    return context


def _layers(params: Mapping[str, Any]) -> dict[str, ContextValue]:
    layers = tuple(str(layer) for layer in params.get("Layers") or ())
    return {"lambda:Layer": layers} if layers else {}


def _secret(params: Mapping[str, Any]) -> dict[str, ContextValue]:
    """The secret as the request names it: whether AWS puts the ARN in the place of a name is not said."""
    named = params.get("SecretId")
    if named is None:
        return {}
    return {"secretsmanager:SecretId": str(named) if str(named).startswith("arn:") else UNKNOWN}
