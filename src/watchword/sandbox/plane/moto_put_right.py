"""Where moto's IAM differs from AWS's in what it makes and accepts: put right when moto is loaded.

- Users and groups have unique IDs that begin with AIDA and AGPA; moto's begin with anything.
  Source: IAM User Guide, reference_identifiers ("Unique identifiers").
- A boundary's type is written `Policy`, and not as the model's enum says.
  Source: API_AttachedPermissionsBoundary.
- AWS stores `arn:aws:iam::*` (observed: it is in a published walk-through); moto refuses an ARN whose
  resource part is not one of those that it knows.

And moto looks through a service's class for the names of its methods with every call, a quarter of the time
that a call takes: here it looks once.
"""

from __future__ import annotations

import functools
import json
import secrets
import string
from typing import Any

_ARN_PARTS = 6
_UNPATCHED = "watchword_set_attributes"
_UNPATCHED_FIND = "watchword_find_log_group"
_ID_ALPHABET = string.ascii_uppercase + "234567"
_ID_LENGTH = 17


def put_right() -> None:
    """Put moto's IAM right. Doing it twice does no harm."""
    from moto.core import responses
    from moto.iam import models
    from moto.iam.policy_validation import IAMPolicyDocumentValidator

    if vars(models)["IAMPolicyDocumentValidator"] is not IAMPolicyDocumentValidator:
        return

    class ShortArnsValidator(IAMPolicyDocumentValidator):
        def __init__(self, policy_document: str) -> None:
            super().__init__(with_short_arns_widened(policy_document))

    class UserWithId(models.User):
        def __init__(self, *arguments: str, **named: str) -> None:
            super().__init__(*arguments, **named)
            self.id = unique_id("AIDA")

    class GroupWithId(models.Group):
        def __init__(self, *arguments: str, **named: str) -> None:
            super().__init__(*arguments, **named)
            self.id = unique_id("AGPA")

    for name, kind in (("User", UserWithId), ("Group", GroupWithId)):
        kind.__module__, kind.__qualname__ = models.__name__, name  # what it is kept under on disk

    def permissions_boundary(role: models.Role) -> dict[str, str] | None:
        arn = role.permissions_boundary_arn
        return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn} if arn else None

    setattr(models.Role, "permissions_boundary", property(permissions_boundary))  # noqa: B010 - a property
    vars(models).update(IAMPolicyDocumentValidator=ShortArnsValidator, User=UserWithId, Group=GroupWithId)
    looking = "method_names_from_class"
    vars(responses)[looking] = functools.cache(vars(responses)[looking])


def leave_key_policies_alone() -> None:
    """Keep moto's KMS from its own, partial reading of key policies: they were evaluated before."""
    from moto.kms import responses

    vars(responses)["validate_policy"] = lambda *_: None


def find_keys() -> None:
    """Let moto's KMS find a key by its ARN in each operation; in some it took it for an ID.

    Doing it twice does no harm.
    """
    from moto.kms.models import KmsBackend

    def by_id(method: Any) -> Any:  # noqa: ANN401 - moto's
        def with_id(backend: KmsBackend, key_id: str, *arguments: Any) -> Any:  # noqa: ANN401
            return method(backend, backend.get_key_id(key_id), *arguments)

        return functools.update_wrapper(with_id, method)

    for name in ("disable_key", "enable_key", "cancel_key_deletion", "schedule_key_deletion"):
        method = vars(KmsBackend)[name]
        if not hasattr(method, "__wrapped__"):
            setattr(KmsBackend, name, by_id(method))


def keep_queue_policies() -> None:
    """Keep a queue's policy when other attributes are set; moto forgets it. Doing it twice does no harm."""
    from moto.sqs.models import Queue

    if hasattr(Queue, _UNPATCHED):
        return
    setattr(Queue, _UNPATCHED, Queue._set_attributes)  # noqa: SLF001 - moto has no other way

    def set_attributes(queue: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
        before = getattr(queue, "_policy_json", None)
        getattr(queue, _UNPATCHED)(attributes, now)
        if before is not None and "Policy" not in attributes:
            queue._policy_json = before  # noqa: SLF001 - as above

    setattr(Queue, "_set_attributes", set_attributes)  # noqa: B010 - a method of moto's


def find_log_groups() -> None:
    """Let moto find the log group that an identifier names: whatever it was given, it took the last one.

    Doing it twice does no harm.
    Source: CloudWatch Logs API Reference, GetLogEvents ("logGroupIdentifier": the name or the ARN).
    """
    from moto.logs.models import LogsBackend

    if hasattr(LogsBackend, _UNPATCHED_FIND):
        return
    setattr(LogsBackend, _UNPATCHED_FIND, LogsBackend._find_log_group)  # noqa: SLF001 - moto has no other way

    def find_log_group(
        backend: LogsBackend, log_group_id: str | None = None, log_group_name: str | None = None
    ) -> object:
        wanted = log_group_id or ""
        head = f"arn:{backend.partition}:logs:{backend.region_name}:{backend.account_id}:log-group:"
        named = wanted.removeprefix(head)
        if named != wanted:
            named = named.removesuffix(":*")
        return getattr(backend, _UNPATCHED_FIND)(log_group_name=log_group_name or named)

    setattr(LogsBackend, "_find_log_group", find_log_group)  # noqa: B010 - a method of moto's


def unique_id(prefix: str) -> str:
    """Return a new unique ID, such as `AIDA` and seventeen characters."""
    return prefix + "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))


def with_short_arns_widened(text: str) -> str:
    """Return the document with `*` for every resource that ends in a wildcard before its sixth part."""
    try:
        document = json.loads(text)
    except ValueError:
        return text
    statements = document.get("Statement") if isinstance(document, dict) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        if isinstance(statement, dict):
            for element in ("Resource", "NotResource"):
                if element in statement:
                    statement[element] = _widened(statement[element])
    return json.dumps(document)


def _widened(value: object) -> object:
    if isinstance(value, list):
        return [_widened(each) for each in value]
    if not isinstance(value, str):
        return value
    short = value.startswith("arn:") and value.count(":") < _ARN_PARTS - 1
    return "*" if short and value.endswith("*") else value
