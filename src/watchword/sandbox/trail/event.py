"""One event of CloudTrail: a call that was made, with its outcome.

Source: AWS CloudTrail User Guide, cloudtrail-event-reference-record-contents (version 1.11). There is no
`tlsDetails`: nothing here goes over TLS.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from botocore.parsers import ResponseParserError

from watchword.sandbox.authorise.call import Call
from watchword.sandbox.trail.elements import request_parameters, response_elements
from watchword.sandbox.trail.identity import identity_from_outside, user_identity
from watchword.sandbox.trail.names import event_name, event_source, is_data_event, reads_only
from watchword.sandbox.wire.error import AwsError
from watchword.sandbox.wire.operation import Operation
from watchword.sandbox.wire.outgoing import result_of
from watchword.sandbox.wire.protocol import Dialect
from watchword.sandbox.wire.render import WireResponse

EVENT_VERSION: Final = "1.11"
_ARN_PARTS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A call that came to its end at `at`, with an answer, a result by botocore's names, or a refusal."""

    call: Call
    at: datetime
    outcome: WireResponse | Mapping[str, Any] | AwsError


def events_of(finished: Finished) -> list[tuple[str, dict[str, Any]]]:
    """Return the events of a call, each with the account whose trail it is in.

    There is one, or two that share a `sharedEventID` if a role of another account is assumed.
    """
    caller = finished.call.caller
    event = _event(finished)
    owner = _role_owner(finished.call.operation)
    if owner is None or owner == caller.account:
        return [(caller.account, event)]
    shared = {**event, "sharedEventID": str(uuid.uuid4())}
    theirs = {
        **shared,
        "eventID": str(uuid.uuid4()),
        "userIdentity": identity_from_outside(caller),
        "recipientAccountId": owner,
    }
    return [(caller.account, shared), (owner, theirs)]


def _event(finished: Finished) -> dict[str, Any]:
    result = _result(finished)
    call, operation, caller = finished.call, finished.call.operation, finished.call.caller
    via = caller.called_via[-1] if caller.called_via else None
    is_data = is_data_event(operation)
    return {
        "eventVersion": EVENT_VERSION,
        "userIdentity": user_identity(caller, finished.at),
        "eventTime": finished.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": event_source(operation.service),
        "eventName": event_name(operation),
        "awsRegion": operation.region,
        "sourceIPAddress": via or "127.0.0.1",
        "userAgent": via or call.request.header("user-agent") or "",
        **(_error(finished.call.operation, result) if isinstance(result, AwsError) else {}),
        "requestParameters": request_parameters(operation),
        "responseElements": None if isinstance(result, AwsError) else _made(operation, result),
        "requestID": call.request_id,
        "eventID": str(uuid.uuid4()),
        "readOnly": reads_only(operation),
        **_resources(operation),
        "eventType": "AwsApiCall",
        "apiVersion": operation.api_version,
        "managementEvent": not is_data,
        "recipientAccountId": caller.account,
        "eventCategory": "Data" if is_data else "Management",
    }


def _result(finished: Finished) -> Mapping[str, Any] | AwsError:
    operation, outcome = finished.call.operation, finished.outcome
    if not isinstance(outcome, WireResponse):
        return outcome
    if outcome.status < 300 and not _says_what_it_made(operation):
        return {}
    try:
        return result_of(operation, outcome)
    except AwsError as error:
        return error
    except ResponseParserError:
        return {}


def _says_what_it_made(operation: Operation) -> bool:
    # STS only reads, in CloudTrail's words, and yet it says what it made.
    return operation.service == "sts" or not reads_only(operation)


def _error(operation: Operation, error: AwsError) -> dict[str, str]:
    # EC2 says whose fault it was. Source: cloudtrail-log-file-examples, error-code-and-error-message.
    ec2 = operation.dialect is Dialect.EC2
    return {"errorCode": f"Client.{error.code}" if ec2 else error.code, "errorMessage": error.message}


def _made(operation: Operation, result: Mapping[str, Any]) -> dict[str, Any] | None:
    return response_elements(operation, result) if _says_what_it_made(operation) else None


def _resources(operation: Operation) -> dict[str, Any]:
    owner = _role_owner(operation)
    if owner is None:
        return {}
    arn = operation.params["RoleArn"]
    return {"resources": [{"accountId": owner, "type": "AWS::IAM::Role", "ARN": arn}]}


def _role_owner(operation: Operation) -> str | None:
    if (operation.service, operation.name) != ("sts", "AssumeRole"):
        return None
    parts = str(operation.params.get("RoleArn", "")).split(":")
    return parts[4] if len(parts) == _ARN_PARTS else None
