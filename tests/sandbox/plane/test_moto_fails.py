"""What moto trips over is refused by name, and it is given one call at a time."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local_aws import LocalAws
from refusal import refusal
from watchword.sandbox.plane import moto
from watchword.sandbox.wire.render import WireResponse

FAILING: list[tuple[str, str, dict[str, Any]]] = [
    ("ssm", "describe_parameters", {"NextToken": "secret-of-mine"}),
    (
        "dynamodb",
        "describe_export",
        {"ExportArn": "arn:aws:dynamodb:us-east-1:123456789012:table/a/export/1"},
    ),
    ("iam", "list_policies", {"Marker": "secret-of-mine"}),
    ("sns", "list_topics", {"NextToken": "secret-of-mine"}),
    ("ec2", "describe_iam_instance_profile_associations", {"NextToken": "secret-of-mine"}),
    ("rds", "promote_read_replica", {"DBInstanceIdentifier": "a"}),
    ("logs", "describe_destinations", {"nextToken": "secret-of-mine"}),
]


@pytest.mark.parametrize(("service", "method", "params"), FAILING, ids=lambda each: str(each)[:30])
def test_a_failure_of_moto_is_a_refusal_by_name(
    sandbox: LocalAws,
    capsys: pytest.CaptureFixture[str],
    service: str,
    method: str,
    params: dict[str, Any],
) -> None:
    code, status, text = refusal(lambda: getattr(sandbox.client(service), method)(**params))
    assert (code, status) == ("SandboxUnsupported", 400)
    assert f"{service}:{method.title().replace('_', '')}".lower() in text.lower()
    said = capsys.readouterr().err
    assert "moto failed at" in said
    assert "secret-of-mine" not in said + text


def test_lists_of_keys_are_about_no_key(sandbox: LocalAws) -> None:
    kms = sandbox.client("kms")
    assert kms.list_keys()["Keys"] == []
    assert "Aliases" in kms.list_aliases()
    assert len(kms.generate_random(NumberOfBytes=8)["Plaintext"]) == 8


def test_keys_are_found_by_their_arn(sandbox: LocalAws) -> None:
    kms = sandbox.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]

    def state() -> str:
        return str(kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"])

    for method, named, after in (
        (kms.disable_key, {}, "Disabled"),
        (kms.enable_key, {}, "Enabled"),
        (kms.schedule_key_deletion, {"PendingWindowInDays": 7}, "PendingDeletion"),
        (kms.cancel_key_deletion, {}, "Disabled"),
    ):
        method(KeyId=arn, **named)
        assert state() == after
    kms.tag_resource(KeyId=arn, Tags=[{"TagKey": "a", "TagValue": "b"}])
    assert kms.list_resource_tags(KeyId=arn)["Tags"] == [{"TagKey": "a", "TagValue": "b"}]


def test_a_tag_without_a_value_has_an_empty_one(sandbox: LocalAws) -> None:
    athena = sandbox.client("athena")
    athena.create_data_catalog(Name="mine", Type="HIVE", Tags=[{"Key": "team"}])
    assert athena.get_data_catalog(Name="mine")["DataCatalog"]["Name"] == "mine"


def test_one_call_at_a_time_is_in_a_service_of_moto(
    sandbox: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.client("s3").create_bucket(Bucket="mine")
    inside, most, real = threading.Semaphore(64), [64], moto._call

    def slowly(*arguments: Any) -> WireResponse:  # noqa: ANN401 - whatever it is called with
        with inside:
            most.append(inside._value)
            time.sleep(0.02)
            return real(*arguments)

    monkeypatch.setattr(moto, "_call", slowly)
    s3 = sandbox.client("s3")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: s3.put_object(Bucket="mine", Key="one", Body=b"x"), range(8)))
    assert min(most) == 63


def test_a_receiver_does_not_keep_the_sender_waiting(sandbox: LocalAws) -> None:
    sqs = sandbox.client("sqs")
    url = sqs.create_queue(QueueName="mine")["QueueUrl"]
    with ThreadPoolExecutor(1) as pool:
        begin = time.monotonic()
        received = pool.submit(sqs.receive_message, QueueUrl=url, WaitTimeSeconds=5)
        time.sleep(0.3)
        sandbox.client("sqs").send_message(QueueUrl=url, MessageBody="hello")
        assert received.result()["Messages"][0]["Body"] == "hello"
    assert time.monotonic() - begin < 4
