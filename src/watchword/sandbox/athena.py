"""Queries of Athena: what Athena calls in S3 on behalf of whoever asks.

Source: Athena User Guide, querying-finding-output-files and s3-permissions; the texts are as published from
AWS by others.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from watchword.sandbox.authorise.call import Call
from watchword.sandbox.forward import Forward
from watchword.sandbox.kept import Kept, Store
from watchword.sandbox.plane.athena_output import output_of
from watchword.sandbox.wire.error import AwsError, SandboxRefusal
from watchword.sandbox.wire.render import WireResponse

PRINCIPAL: Final = "athena.amazonaws.com"
_LITERALS_AND_COMMENTS: Final = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_WITHOUT_TABLES: Final = re.compile(
    r"\s*SELECT\b(?!.*\b(?:FROM|TABLE|JOIN|INTO)\b)[^;]*;?\s*", re.I | re.DOTALL
)
_UNREADABLE: Final = (
    "You do not seem to have access to the S3 location of your query results. Please confirm your account "
    "has access to the S3 location where your query results are saved and try again. If specifying an "
    "expected bucket owner, confirm the bucket is owned by the expected account. If you are using KMS to "
    "encrypt query results, please ensure you have permission to access your KMS key. If you continue to see "
    "this issue, please contact customer support."
)
_OK: Final = 200


class Athena:
    """Runs the operations on queries. Thread-safe.

    Athena writes the results of a query as its caller. moto neither runs queries nor reads data; so those
    that would read tables, and the Glue catalogue with them, are refused by name.
    """

    def __init__(self, *, forward: Forward) -> None:
        self._forward = forward
        self._lock = threading.Lock()
        self._failed: Kept[str, str] = Kept()
        self._written: Kept[str, tuple[str, str]] = Kept()

    def stores(self) -> tuple[Store, ...]:
        """Return why queries have failed and where the results of the others are, to be kept."""
        return (
            Store.of("athena-failures", str, self._failed),
            Store.of("athena-results", tuple[str, str], self._written),
        )

    def run(self, call: Call, run: Callable[[], WireResponse]) -> WireResponse:
        """Answer an authorised operation; `run` has moto do it. Raises AwsError."""
        match call.operation.name:
            case "StartQueryExecution":
                return self._start(call, run)
            case "GetQueryExecution":
                return self._with_failure(run())
            case "GetQueryResults":
                query = str(call.operation.params.get("QueryExecutionId"))
                self._refuse_failed(query)
                self._refuse_unreadable(call, query)
        return run()

    def _start(self, call: Call, run: Callable[[], WireResponse]) -> WireResponse:
        text = _LITERALS_AND_COMMENTS.sub(" ", str(call.operation.params.get("QueryString", "")))
        if not _WITHOUT_TABLES.fullmatch(text):
            raise SandboxRefusal(
                "athena:StartQueryExecution is only there for SELECT without tables: what else a query reads "
                "or makes, and the catalogue that it asks, cannot be authorised"
            )
        bucket, prefix = self._output(call)
        try:
            self._s3(call, "GetBucketLocation", {"Bucket": bucket}, runs=True)
        except SandboxRefusal:
            raise
        except AwsError as error:
            raise _invalid(f"Unable to verify/create output bucket {bucket}") from error
        response = run()
        if response.status == _OK:
            query = str(json.loads(response.body)["QueryExecutionId"])
            self._write(call, query, bucket, f"{prefix}{query}.csv")
        return response

    def _write(self, call: Call, query: str, bucket: str, key: str) -> None:
        # Nothing is written: moto has no results. Whether it could be is what the query ends with.
        with self._lock:
            self._written[query] = (bucket, key)
        try:
            self._s3(call, "PutObject", {"Bucket": bucket, "Key": key}, runs=False)
        except SandboxRefusal:
            with self._lock:
                self._failed[query] = "watchword sandbox: whether the results can be written is not known"
            raise
        except AwsError:
            with self._lock:
                self._failed[query] = (
                    f"Access denied when writing output to url: s3://{bucket}/{key} . Please ensure you are "
                    "allowed to access the S3 bucket. If you are encrypting query results with KMS key, "
                    "please ensure you are allowed to access your KMS key"
                )

    def _s3(self, call: Call, operation: str, params: Mapping[str, Any], *, runs: bool) -> None:
        self._forward.call(
            call.caller,
            via=PRINCIPAL,
            service="s3",
            operation=operation,
            params=params,
            region=call.operation.region,
            request_id=call.request_id,
            runs=runs,
        )

    def _output(self, call: Call) -> tuple[str, str]:
        params = call.operation.params
        asked = params.get("ResultConfiguration") or {}
        group = output_of(
            call.caller.account, call.operation.region, str(params.get("WorkGroup") or "primary")
        )
        location = group.location if group.enforced else asked.get("OutputLocation") or group.location
        if not location:
            raise _invalid(
                "No output location provided. An output location is required either through the Workgroup "
                "result configuration setting or as an API input."
            )
        if asked.get("EncryptionConfiguration") or asked.get("AclConfiguration") or group.encrypted:
            raise SandboxRefusal("results of Athena that are encrypted or have ACLs are not authorised here")
        found = re.fullmatch(r"s3://([a-z0-9.-]{3,63})(?:/(.*))?", str(location), re.DOTALL)
        if found is None:
            raise _invalid(f"outputLocation is not a valid S3 path. Provided: {location}")
        prefix = (found[2] or "").rstrip("/")
        return found[1], f"{prefix}/" if prefix else ""

    # --- queries that have failed ---------------------------------------------------------------------

    def _with_failure(self, response: WireResponse) -> WireResponse:
        if response.status != _OK:
            return response
        told = json.loads(response.body)
        query = told["QueryExecution"]
        with self._lock:
            reason = self._failed.get(str(query["QueryExecutionId"]))
        if reason is not None:
            query["Status"] |= {"State": "FAILED", "StateChangeReason": reason}
        return replace(response, body=json.dumps(told).encode())

    def _refuse_failed(self, query: str) -> None:
        with self._lock:
            if query in self._failed:
                raise _invalid("Query did not finish successfully. Final query state: FAILED")

    def _refuse_unreadable(self, call: Call, query: str) -> None:
        """Source: Athena API Reference, GetQueryResults (whoever asks needs s3:GetObject on the results)."""
        with self._lock:
            written = self._written.get(query)
        if written is None:
            return
        try:
            self._s3(call, "GetObject", {"Bucket": written[0], "Key": written[1]}, runs=False)
        except SandboxRefusal:
            raise
        except AwsError as error:
            raise _invalid(_UNREADABLE) from error


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidRequestException", message, status=400)
