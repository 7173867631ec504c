"""Whatever a client says in a signed call, the server answers with a result or a refusal, and goes on."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local_aws import LocalAws
from watchword.sandbox.plane.moto_operations import moto_has
from watchword.sandbox.tables.services import SERVICES
from watchword.sandbox.wire import catalog

OPERATIONS = [
    (service, name)
    for service in SERVICES
    for name in sorted(catalog.operation_names(service))
    if moto_has(service, name) and name != "StartLiveTail"  # at an address of its own
]
TEXTS = st.sampled_from(
    ["a", "", "*", "-1", "é中", "../../x", "x" * 300, "{}", "[]", "i-1234567890abcdef0", "alias/aws/s3",
     "arn:aws:s3:::bucket-of-all", "arn:aws:iam::123456789012:user/alice", "123456789012", "1"]
)  # fmt: skip
CONFIG = Config(
    retries={"total_max_attempts": 1}, parameter_validation=False, s3={"addressing_style": "path"}
)


def value_of(shape: Any, data: st.DataObject, depth: int = 0) -> Any:  # noqa: ANN401 - botocore's shapes
    """Return something of the shape's type that may or may not make sense."""
    if shape.type_name == "structure":
        chosen = [name for name in shape.members if name in shape.required_members or data.draw(RARELY)]
        return {name: value_of(shape.members[name], data, depth + 1) for name in chosen if depth < 5}
    if shape.type_name == "list":
        return [value_of(shape.member, data, depth + 1)] if depth < 5 and data.draw(st.booleans()) else []
    if shape.type_name == "map":
        return {data.draw(TEXTS): value_of(shape.value, data, depth + 1)} if depth < 5 else {}
    return data.draw(PLAIN.get(shape.type_name, TEXTS))


RARELY = st.sampled_from([False, False, True])
PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.sampled_from([0, 1, -1, 1001, 2**31 - 1]),
    "long": st.sampled_from([0, 1, -1, 2**40]),
    "float": st.sampled_from([0.0, -1.5, 1e30]),
    "double": st.sampled_from([0.0, -1.5, 1e30]),
    "boolean": st.booleans(),
    "blob": st.sampled_from([b"", b"x", bytes(range(256))]),
    "timestamp": st.sampled_from([0, 1_700_000_000]),
}


@pytest.fixture
def clients(sandbox: LocalAws) -> dict[str, Any]:
    session = botocore.session.get_session()
    keys: dict[str, Any] = {
        "aws_access_key_id": sandbox.access_key_id,
        "aws_secret_access_key": sandbox.secret_access_key,
        "region_name": "us-east-1",
        "endpoint_url": sandbox.endpoint_url,
        "config": CONFIG,
    }
    return {service: session.create_client(service, **keys) for service in SERVICES}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_signed_call_of_any_kind_is_answered_and_never_a_failure(
    clients: dict[str, Any], data: st.DataObject
) -> None:
    service, name = data.draw(st.sampled_from(OPERATIONS))
    shape = clients[service].meta.service_model.operation_model(name).input_shape
    asked = value_of(shape, data) if shape else {}
    assert status_of(clients[service], name, asked) < 500, (service, name, asked)
    assert clients["sts"].get_caller_identity()["Account"] == "123456789012"


def status_of(client: Any, name: str, asked: dict[str, Any]) -> int:  # noqa: ANN401 - boto makes clients' classes
    """Make a call, and return the status of the answer; 0 where botocore does not write such a request."""
    try:
        return int(client._make_api_call(name, asked)["ResponseMetadata"]["HTTPStatusCode"])
    except ClientError as refused:
        return int(refused.response["ResponseMetadata"]["HTTPStatusCode"])
    except HTTPClientError:
        raise  # no answer, or half of one
    except (BotoCoreError, AttributeError, TypeError, ValueError):
        return 0
