"""How single services name what a call is about, where neither a plain name nor an ARN says it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping

from watchword.sandbox.authorise import organization_names
from watchword.sandbox.authorise.scope import Scope, Unidentified, WholeArn

_INSTANCE = re.compile(r"i-[0-9a-f]{8,17}")
_MANAGED_INSTANCE = re.compile(r"mi-[0-9a-f]{17}")
_DOCUMENT = re.compile(r"[A-Za-z0-9_.-]{3,128}")
_SESSION = re.compile(r"[A-Za-z0-9_+=,.@-]{1,96}")
_OWNED_BY_AWS = re.compile(r"(AWS|Amazon)[A-Za-z0-9]*-")


def _ciphertext_key(value: str, scope: Scope) -> str:
    """Return the ARN of the key that a ciphertext was made with: nobody needs to name it in the call."""
    try:
        ciphertext = base64.b64decode(value, validate=True)
    except binascii.Error:
        raise Unidentified("the ciphertext cannot be read") from None
    arn = scope.lookup.kms_key_of_ciphertext(scope.operation.region, ciphertext)
    if arn is None:
        raise Unidentified("it is not known which key the ciphertext was made with")
    return WholeArn(arn)


def _topic_of_subscription(value: str, scope: Scope) -> str:
    """Return the ARN of a subscription's topic: it is the subscription's, without its last part."""
    home = f"arn:{scope.partition}:sns:{scope.operation.region}:{scope.account}:"
    match = re.fullmatch(re.escape(home) + r"([A-Za-z0-9_.-]+):[0-9A-Za-z-]+", value)
    if match is None:
        raise Unidentified("the subscription's ARN is not one of this account and region")
    return WholeArn(home + match[1])


def _document(value: str, scope: Scope) -> str:
    """Return the ARN of a Systems Manager document; those of AWS itself belong to no account (observed)."""
    own = f"arn:{scope.partition}:ssm:{scope.operation.region}:{scope.account}:document/"
    of_aws = f"arn:{scope.partition}:ssm:{scope.operation.region}::document/"
    name = value.removeprefix(own).removeprefix(of_aws)
    if not _DOCUMENT.fullmatch(name):
        raise Unidentified("the document is not one of this account and region, or of AWS")
    return WholeArn((of_aws if _OWNED_BY_AWS.match(name) else own) + name)


def _node(value: str, scope: Scope) -> str:
    """Return the ARN of a managed node: an instance of EC2, or one that was registered."""
    if _INSTANCE.fullmatch(value):
        return WholeArn(
            f"arn:{scope.partition}:ec2:{scope.operation.region}:{scope.account}:instance/{value}"
        )
    if _MANAGED_INSTANCE.fullmatch(value):
        home = f"arn:{scope.partition}:ssm:{scope.operation.region}:{scope.account}"
        return WholeArn(f"{home}:managed-instance/{value}")
    raise Unidentified("the target is not an instance (`i-…`) or a managed node (`mi-…`)")


def _session(value: str, _scope: Scope) -> str:
    if not _SESSION.fullmatch(value):
        raise Unidentified("it is not the id of a session")
    return value


def _parameter_path(value: str, _scope: Scope) -> str:
    """Return a hierarchy of parameters as its ARN ends; a slash at the end stays (observed)."""
    name = value.removeprefix("/")
    if name.startswith("aws/") or not re.fullmatch(r"([A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/?)?", name):
        raise Unidentified("only plain paths are covered")
    return name


def _work_group(value: str, _scope: Scope) -> str:
    """Source: Athena API Reference: without a workgroup, the primary one is meant."""
    return value or "primary"


def _work_group_of(kind: str) -> Callable[[str, Scope], str]:
    def work_group(value: str, scope: Scope) -> str:
        name = scope.lookup.athena_work_group(scope.operation.region, kind, value)
        if name is None:
            raise Unidentified(f"the workgroup of this {kind} is not known")
        return name

    return work_group


def _service_linked_role(value: str, scope: Scope) -> str:
    suffix = scope.params.get("CustomSuffix")
    name = scope.lookup.service_linked_role_name(value, None if suffix is None else str(suffix))
    if name is None:
        raise Unidentified("the name of this service's role is not known")
    return f"{value}/{name}"


def _deletion_task(value: str, _scope: Scope) -> str:
    match = re.fullmatch(r"task/(aws-service-role/[A-Za-z0-9.-]+/[A-Za-z0-9_-]+)/[0-9a-f-]+", value)
    if match is None:
        raise Unidentified("it is not the id of a deletion task")
    return match[1]


def _secret_name(value: str, _scope: Scope) -> str:
    """Source: Secrets Manager API Reference, CreateSecret (what a name may hold)."""
    if not re.fullmatch(r"[A-Za-z0-9/_+=.@-]{1,512}", value):
        raise Unidentified("it is not the name of a secret")
    return value


def _phone_number(_value: str, _scope: Scope) -> str:
    """Source: SNS Developer Guide: a message to a phone number has no resource, and needs `*`."""
    return WholeArn("*")


# Filters whose parameter may be missing: the service then means something by itself.
OPTIONAL = frozenset({"work_group"})

FILTERS: Mapping[str, Callable[[str, Scope], str]] = {
    **organization_names.FILTERS,
    "ciphertext_key": _ciphertext_key,
    "topic_of_subscription": _topic_of_subscription,
    "document": _document,
    "node": _node,
    "session": _session,
    "parameter_path": _parameter_path,
    "work_group": _work_group,
    "named_query": _work_group_of("named query"),
    "query_execution": _work_group_of("query execution"),
    "service_linked_role": _service_linked_role,
    "deletion_task": _deletion_task,
    "phone_number": _phone_number,
    "secret_name": _secret_name,
}
# Those that give a whole ARN, whose form the table does not show.
WHOLE = frozenset(
    {
        *organization_names.FILTERS,
        "ciphertext_key",
        "topic_of_subscription",
        "document",
        "node",
        "phone_number",
    }
)
