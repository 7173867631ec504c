"""KMS's condition keys: what key it is, and what the request says of it.

Source: AWS KMS Developer Guide, conditions-kms; Service Authorization Reference, list_awskms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from watchword.iam.context import UNKNOWN, ContextValue
from watchword.sandbox.authorise.lookup import Lookup
from watchword.sandbox.authorise.question import ActionOnResource
from watchword.sandbox.wire.operation import Operation

# The parameter that carries the encryption context: that of the source belongs to ReEncryptFrom alone.
_CONTEXT_OF: Final = {
    "kms:ReEncryptFrom": "SourceEncryptionContext",
    "kms:ReEncryptTo": "DestinationEncryptionContext",
}
_ALGORITHM_OF: Final = {
    "kms:ReEncryptFrom": "SourceEncryptionAlgorithm",
    "kms:ReEncryptTo": "DestinationEncryptionAlgorithm",
}
# Operations that have an algorithm, and one by default.
_ENCRYPTING: Final = frozenset(
    {
        "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyPair",
        "kms:GenerateDataKeyPairWithoutPlaintext", "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom", "kms:ReEncryptTo",
    }
)  # fmt: skip
_CREATED: Final = {"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS"}

_VIA: Final = frozenset({"s3", "secretsmanager", "ssm"})
_KEY_FACTS: Final = ("kms:KeySpec", "kms:KeyUsage", "kms:KeyOrigin", "kms:MultiRegion", "kms:ResourceAliases")

ANSWERED: Final = (
    "kms:calleraccount", "kms:encryptioncontext", "kms:encryptionalgorithm", "kms:keyorigin", "kms:keyspec",
    "kms:keyusage", "kms:multiregion", "kms:requestalias", "kms:resourcealiases", "kms:viaservice",
    "kms:grantisforawsresource", "kms:recipientattestation", "kms:reencryptonsamekey",
)  # fmt: skip


def kms_keys(
    operation: Operation, action: str, resource: str, *, caller_account: str, lookup: Lookup
) -> dict[str, ContextValue]:
    """Return the values for one question, on the key `resource`."""
    context: dict[str, ContextValue] = {"kms:CallerAccount": caller_account}
    if operation.service != "kms":
        return context | _of_key(resource, lookup)  # a service's own call: it says itself what it asks for
    context.update(_encryption(operation.params, action))
    if operation.name == "CreateKey":
        context.update(_created(operation.params))
    else:
        context.update(_of_key(resource, lookup))
    context.update(_named_by(operation, action))
    if operation.name == "ReEncrypt":
        context["kms:ReEncryptOnSameKey"] = _same_key(operation, lookup)
    return context


def is_managed_by_aws(question: ActionOnResource, lookup: Lookup) -> bool:
    """Tell whether the question is about a key that AWS manages for a service (`alias/aws/s3`)."""
    if not question.action.startswith("kms:") or question.resource == "*":
        return False
    metadata = lookup.kms_key_metadata(question.resource)
    return metadata is not None and metadata.get("KeyManager") == "AWS"


def via_service(called_via: Sequence[str], region: str) -> dict[str, ContextValue]:
    """Return kms:ViaService of a call that a service makes for somebody (`s3.eu-west-1.amazonaws.com`).

    Source: AWS KMS Developer Guide, conditions-kms (kms:ViaService, and the services that support it).
    """
    if not called_via:
        return {}
    service, _, domain = called_via[-1].partition(".")
    return {"kms:ViaService": f"{service}.{region}.{domain}" if service in _VIA else UNKNOWN}


def _encryption(params: Mapping[str, Any], action: str) -> dict[str, ContextValue]:
    context: dict[str, ContextValue] = {}
    given = params.get(_CONTEXT_OF.get(action, "EncryptionContext")) or {}
    for key, value in given.items():
        context[f"kms:EncryptionContext:{key}"] = str(value)
    if given:
        context["kms:EncryptionContextKeys"] = tuple(given)
    if action in _ENCRYPTING:
        asked = params.get(_ALGORITHM_OF.get(action, "EncryptionAlgorithm"))
        context["kms:EncryptionAlgorithm"] = str(asked or "SYMMETRIC_DEFAULT")
    return context


def _created(params: Mapping[str, Any]) -> dict[str, ContextValue]:
    spec = params.get("KeySpec") or params.get("CustomerMasterKeySpec")
    asked = {**_CREATED, **{name: params[name] for name in _CREATED if params.get(name)}}
    return {
        "kms:KeySpec": str(spec or asked["KeySpec"]),
        "kms:KeyUsage": str(asked["KeyUsage"]),
        "kms:KeyOrigin": str(asked["Origin"]),
        "kms:MultiRegion": _bool(params.get("MultiRegion")),
    }


def _of_key(resource: str, lookup: Lookup) -> dict[str, ContextValue]:
    if resource == "*":
        return {}
    metadata = lookup.kms_key_metadata(resource)
    if metadata is None:
        return dict.fromkeys(_KEY_FACTS, UNKNOWN)
    context: dict[str, ContextValue] = {
        "kms:KeySpec": str(metadata["KeySpec"]),
        "kms:KeyUsage": str(metadata["KeyUsage"]),
        "kms:KeyOrigin": str(metadata["Origin"]),
        "kms:MultiRegion": _bool(metadata.get("MultiRegion")),
    }
    kind = metadata.get("MultiRegionConfiguration")
    if isinstance(kind, Mapping):
        context["kms:MultiRegionKeyType"] = str(kind["MultiRegionKeyType"])
    aliases = metadata.get("Aliases")
    if isinstance(aliases, Iterable) and (names := tuple(str(alias) for alias in aliases)):
        context["kms:ResourceAliases"] = names
    return context


def _named_by(operation: Operation, action: str) -> dict[str, ContextValue]:
    """Return kms:RequestAlias: the alias that the request names the key by; it is not there otherwise."""
    parameter = "DestinationKeyId" if action == "kms:ReEncryptTo" else "KeyId"
    name = str(operation.params.get(parameter) or "").rpartition(":")[2]
    return {"kms:RequestAlias": name} if name.startswith("alias/") else {}


def _same_key(operation: Operation, lookup: Lookup) -> ContextValue:
    ciphertext = operation.params.get("CiphertextBlob")
    if not isinstance(ciphertext, bytes):
        return UNKNOWN
    source = lookup.kms_key_of_ciphertext(operation.region, ciphertext)
    destination = lookup.kms_key_arn(operation.region, str(operation.params.get("DestinationKeyId")))
    return _bool(source is not None and source == destination)


def _bool(value: object) -> str:
    return "true" if value in (True, "true") else "false"
