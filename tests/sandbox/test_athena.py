"""Athena writes results as its caller: with a key and a Deny with `Bool` it cannot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws import Key, LocalAws, local_aws
from refusal import refusal

OUT = {"OutputLocation": "s3://results/here"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with local_aws(Path(tmp_path_factory.mktemp("athena")) / "sandbox") as sandbox:
        sandbox.client("s3").create_bucket(Bucket="results")
        yield sandbox


def user(sandbox: LocalAws, name: str, *statements: dict[str, Any]) -> Key:
    return sandbox.user(name, json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def allow(*actions: str, resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


def start(sandbox: LocalAws, key: Key, query: str = "SELECT 1", *, location: str = "here") -> str:
    out = {"OutputLocation": f"s3://results/{location}"}
    started = sandbox.client("athena", key).start_query_execution(QueryString=query, ResultConfiguration=out)
    return str(started["QueryExecutionId"])


def state(sandbox: LocalAws, query: str) -> tuple[str, str]:
    client = sandbox.client("athena")
    found: dict[str, Any] = {}
    for _ in range(4):  # it is queued and runs before it is done
        found = client.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
    return found["State"], found.get("StateChangeReason", "")


def test_a_keys_query_cannot_look_at_its_bucket_when_mfa_is_forced(running: LocalAws) -> None:
    without = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    forced = {"Effect": "Deny", "NotAction": "sts:*", "Resource": "*", "Condition": without}
    key = user(running, "forced", allow("*"), forced)
    assert running.client("s3", key).get_bucket_location(Bucket="results")
    code, _, text = refusal(
        running.client("athena", key).start_query_execution, QueryString="SELECT 1", ResultConfiguration=OUT
    )
    assert (code, text) == ("InvalidRequestException", "Unable to verify/create output bucket results")
    decided = running.log[-1]
    assert (decided.via, decided.action, decided.mfa) == (
        "athena.amazonaws.com",
        "s3:GetBucketLocation",
        "false",
    )
    session = running.session(key, running.device("forced"))
    assert state(running, start(running, session))[0] == "SUCCEEDED"


def test_a_query_whose_results_cannot_be_written_fails(running: LocalAws) -> None:
    own = "arn:aws:s3:::results"
    key = user(
        running,
        "elsewhere",
        allow("athena:*"),
        allow("s3:GetBucketLocation", resource=own),
        allow("s3:PutObject", resource=f"{own}/mine/*"),
    )
    query = start(running, key)
    told, why = state(running, query)
    assert (told, f"Access denied when writing output to url: s3://results/here/{query}.csv" in why) == (
        "FAILED",
        True,
    )
    read = running.client("athena").get_query_results
    assert "Final query state: FAILED" in refusal(read, QueryExecutionId=query)[2]
    assert state(running, start(running, key, location="mine/")) == ("SUCCEEDED", "")


def test_results_are_read_by_those_who_may_read_the_file(running: LocalAws) -> None:
    query = start(running, user(running, "writer", allow("athena:*", "s3:*")))
    assert state(running, query)[0] == "SUCCEEDED"
    key = user(running, "reader", allow("athena:*"), allow("s3:GetObject", resource="arn:aws:s3:::other/*"))
    code, _, text = refusal(running.client("athena", key).get_query_results, QueryExecutionId=query)
    assert (code, "access to the S3 location of your query results" in text) == (
        "InvalidRequestException",
        True,
    )
    decided = running.log[-1]
    assert (decided.via, decided.action, decided.resource) == (
        "athena.amazonaws.com",
        "s3:GetObject",
        f"arn:aws:s3:::results/here/{query}.csv",
    )
    allowed = allow("s3:GetObject", resource="arn:aws:s3:::results/here/*")
    key = user(running, "other", allow("athena:*"), allowed)
    assert running.client("athena", key).get_query_results(QueryExecutionId=query)["ResultSet"]


def test_a_policy_may_ask_for_athena_in_between(running: LocalAws) -> None:
    via = {"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}
    key = user(running, "between", allow("athena:*"), {**allow("s3:*"), "Condition": via})
    assert state(running, start(running, key))[0] == "SUCCEEDED"
    assert refusal(running.client("s3", key).get_bucket_location, Bucket="results")[0] == "AccessDenied"


def test_an_enforced_location_of_the_workgroup_counts(running: LocalAws) -> None:
    running.client("athena").create_work_group(
        Name="team",
        Configuration={
            "ResultConfiguration": {"OutputLocation": "s3://nobodys-bucket/"},
            "EnforceWorkGroupConfiguration": True,
        },
    )
    text = refusal(
        running.client("athena").start_query_execution,
        QueryString="SELECT 1",
        ResultConfiguration=OUT,
        WorkGroup="team",
    )[2]
    assert text == "Unable to verify/create output bucket nobodys-bucket"
    nowhere = refusal(running.client("athena").start_query_execution, QueryString="SELECT 1")[2]
    assert nowhere.startswith("No output location provided.")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM logs",
        "select 1; select 2",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "CREATE TABLE a AS SELECT 1",
        "SELECT 1 /* */ FROM logs",
        "DROP DATABASE x",
        "SHOW TABLES",
        "",
    ],
)
def test_queries_that_read_more_than_nothing_are_refused_by_name(running: LocalAws, query: str) -> None:
    asked = {"QueryString": query or " ", "ResultConfiguration": OUT}
    assert refusal(running.client("athena").start_query_execution, **asked)[0] == "SandboxUnsupported"


def test_words_in_texts_and_comments_are_not_tables(running: LocalAws) -> None:
    query = "SELECT 'from', 2 -- from here\n;"
    assert state(running, start(running, running.root, query))[0] == "SUCCEEDED"
