"""Where a service would use a KMS key of the caller's own, that use is decided, or refused by name."""

from __future__ import annotations

import re
from typing import Any

import pytest

from watchword.sandbox.authorise.bindings import bindings_of, bound_services
from watchword.sandbox.plane.moto_operations import moto_has
from watchword.sandbox.plane.refused import refuse_unsafe
from watchword.sandbox.tables.parameters import parameters_of
from watchword.sandbox.wire import catalog
from watchword.sandbox.wire.error import SandboxRefusal
from watchword.sandbox.wire.operation import Operation, Protocol

KEY = re.compile(r"kms(master|managed)?key|kmskey|sourcekmskey", re.IGNORECASE)
# Decided in `encryption`, or by Athena when a query is started; an inventory is written by S3 itself.
DECIDED = {
    "secretsmanager": re.compile(r"KmsKeyId"),
    "s3": re.compile(r"SSEKMSKeyId|ServerSideEncryptionConfiguration\..*KMSMasterKeyID"),
    "athena": re.compile(r"(Configuration\.)?ResultConfiguration\..*KmsKey"),
}
# Only kept: nothing is there that would use them.
UNUSED = re.compile(r"Configuration\.(CustomerContent|ManagedQueryResults|Monitoring).*KmsKey")
SERVICES = sorted({*bound_services()} - {"kms"})


def given(path: str, value: object = "alias/mine") -> dict[str, Any]:
    """Return the parameters in which `value` stands at `path` (`Outer[].Inner`)."""
    name, _, inner = path.partition(".")
    within = given(inner, value) if inner else value
    return {name.removesuffix("[]"): [within] if name.endswith("[]") else within}


def is_refused(service: str, name: str, path: str) -> bool:
    table = bindings_of(service)
    uncovered = table.uncovered.get(name, ()) if table else ()
    if any(path.startswith(each.replace("[]", "")) for entry in uncovered for each in entry.parameters):
        return True
    operation = Operation(
        service=service, name=name, protocol=Protocol.JSON, region="us-east-1", signing_name=service,
        api_version="", params=given(path),
    )  # fmt: skip
    try:
        refuse_unsafe(operation)
    except SandboxRefusal:
        return True
    return False


@pytest.mark.parametrize("service", SERVICES)
def test_no_operation_takes_a_key_unasked(service: str) -> None:
    table, decided = bindings_of(service), DECIDED.get(service, re.compile(r"(?!)"))
    assert table is not None
    taken = [
        (name, parameter.path)
        for name in sorted(catalog.operation_names(service))
        if name in table.operations and moto_has(service, name)
        for parameter in parameters_of(catalog.operation_model(service, name))
        if KEY.search(parameter.name) and parameter.type_name == "string"
        if not UNUSED.fullmatch(parameter.path) and not decided.fullmatch(parameter.path)
        if not is_refused(service, name, parameter.path)
    ]
    assert taken == []
