"""Sessions on managed nodes (Session Manager). No data channel is behind one.

moto has none of it. A session is kept with moto's Systems Manager, as plain values, so that it goes and comes
with what else is there. A node is connected if it is a running instance of EC2: there are no agents to ask.
Source: Systems Manager API Reference, StartSession, ResumeSession, TerminateSession, DescribeSessions and
GetConnectionStatus; the texts of refusals as observed on AWS.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.wire.error import AwsError, SandboxRefusal
from watchword.sandbox.wire.operation import Operation

OPERATIONS: Final = frozenset(
    {"StartSession", "ResumeSession", "TerminateSession", "DescribeSessions", "GetConnectionStatus"}
)
DEFAULT_DOCUMENT: Final = "SSM-SessionManagerRunShell"
_OF_AWS: Final = frozenset(
    {
        "AWS-StartInteractiveCommand", "AWS-StartNonInteractiveCommand", "AWS-StartPortForwardingSession",
        "AWS-StartPortForwardingSessionToRemoteHost", "AWS-StartPortForwardingSessionToSocket",
        "AWS-StartSSHSession",
    }
)  # fmt: skip
# The discard port of this machine: a client that follows the address reaches nobody.
_NOWHERE: Final = "wss://127.0.0.1:9/v1/data-channel/"
_MOST_IN_A_PAGE: Final = 200
_LONGEST_NAME: Final = 96 - len("-0123456789abcdef0")

Record = dict[str, Any]
"""A session: texts and, for its times, seconds since 1970."""


class NodeSessions:
    """The sessions of every account and region. Thread-safe: each change is one step."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now

    def call(self, operation: Operation, caller: Caller, account: str) -> Mapping[str, Any]:
        """Answer one of `OPERATIONS`. Raises AwsError as AWS does."""
        params = operation.params
        match operation.name:
            case "StartSession":
                return self._start(operation, caller, account)
            case "ResumeSession":
                return _opened(_active(account, operation.region, params["SessionId"])["SessionId"])
            case "TerminateSession":
                return self._terminate(account, operation.region, params["SessionId"])
            case "DescribeSessions":
                return _described(params, list(_kept(account, operation.region).values()))
            case _:
                status = "connected" if _runs(account, operation.region, params["Target"]) else "notconnected"
                return {"Target": params["Target"], "Status": status}

    def _start(self, operation: Operation, caller: Caller, account: str) -> Mapping[str, Any]:
        params = operation.params
        target = params["Target"]
        document = str(params.get("DocumentName") or DEFAULT_DOCUMENT).rpartition("/")[2]
        if not _is_for_sessions(account, operation.region, document):
            raise _bad("InvalidDocument", f"Document with name {document} does not exist.")
        if not _runs(account, operation.region, target):
            raise _bad("TargetNotConnected", f"{target} is not connected.")
        session_id = f"{_name_of(caller)[:_LONGEST_NAME]}-0{secrets.token_hex(8)}"
        _kept(account, operation.region)[session_id] = {
            "SessionId": session_id,
            "Target": target,
            "DocumentName": document,
            "Owner": caller.principal.arn,
            "OwnerId": caller.user_id,
            "Reason": params.get("Reason"),
            "StartDate": self._now().timestamp(),
            "EndDate": None,
        }
        return _opened(session_id)

    def _terminate(self, account: str, region: str, session_id: str) -> Mapping[str, Any]:
        session = _kept(account, region).get(session_id)
        if session is not None and session["EndDate"] is None:
            session["EndDate"] = self._now().timestamp()
        return {"SessionId": session_id}


def session_tags(arn: str) -> Mapping[str, str] | None:
    """Return the tags that AWS puts on a session, or None when there is no session of that ARN.

    Source: Systems Manager User Guide, getting-started-restrict-access-examples (`aws:ssmmessages:…`).
    """
    _, _, service, region, account, rest = arn.split(":", 5)
    if service != "ssm" or not rest.startswith("session/"):
        return None
    session = _kept(account, region).get(rest.removeprefix("session/"))
    if session is None:
        return None
    return {
        "aws:ssmmessages:session-id": session["OwnerId"],
        "aws:ssmmessages:target-id": session["Target"],
    }


def _kept(account: str, region: str) -> dict[str, Record]:
    from moto.ssm.models import ssm_backends

    backend: MotoObject = ssm_backends[account][region]
    kept: dict[str, Record] = backend.__dict__.setdefault("node_sessions", {})
    return kept


def _active(account: str, region: str, session_id: str) -> Record:
    session = _kept(account, region).get(session_id)
    if session is None or session["EndDate"] is not None:
        raise _bad("DoesNotExistException", f"Session {session_id} does not exist")
    return session


def _opened(session_id: str) -> Mapping[str, str]:
    return {
        "SessionId": session_id,
        "TokenValue": secrets.token_urlsafe(150),
        "StreamUrl": f"{_NOWHERE}{session_id}?role=publish_subscribe",
    }


def _name_of(caller: Caller) -> str:
    """Return what the id of a session begins with: the user's name, or that of the role's session."""
    return "root" if caller.is_root else caller.principal.arn.rpartition("/")[2]


def _runs(account: str, region: str, target: str) -> bool:
    from moto.ec2.models import ec2_backends

    backend: MotoObject = ec2_backends[account][region]
    instances = (
        each for reservation in list(backend.reservations.values()) for each in reservation.instances
    )
    return any(each.id == target and each.state == "running" for each in instances)


def _is_for_sessions(account: str, region: str, document: str) -> bool:
    from moto.ssm.exceptions import InvalidDocument
    from moto.ssm.models import ssm_backends

    if document == DEFAULT_DOCUMENT or document in _OF_AWS:
        return True
    backend: MotoObject = ssm_backends[account][region]
    try:
        kind = backend.describe_document(document, None, None)["DocumentType"]
    except InvalidDocument:
        return False
    if kind != "Session":
        raise SandboxRefusal(
            f"the document `{document}` is not one for sessions; what AWS answers then is not known"
        )
    return True


def _described(params: Mapping[str, Any], sessions: list[Record]) -> Mapping[str, Any]:
    active = params["State"] == "Active"
    wanted = params.get("Filters") or ()
    found = [
        session
        for session in sorted(sessions, key=lambda each: (-each["StartDate"], each["SessionId"]))
        if (session["EndDate"] is None) == active and all(_fits(session, each) for each in wanted)
    ]
    first = _first(params.get("NextToken"))
    past = first + min(params.get("MaxResults") or _MOST_IN_A_PAGE, _MOST_IN_A_PAGE)
    result: dict[str, Any] = {"Sessions": [dict(_shown(session)) for session in found[first:past]]}
    return {**result, "NextToken": str(past)} if past < len(found) else result


def _first(token: object) -> int:
    if token is None:
        return 0
    if not str(token).isdecimal():
        raise _bad("InvalidNextToken", "The specified token is not valid.")
    return int(str(token))


def _fits(session: Record, wanted: Mapping[str, str]) -> bool:
    value = wanted["value"]
    match wanted["key"]:
        case "Target" | "Owner" | "SessionId" as key:
            return bool(session[key] == value)
        case "Status":
            return _status(session) == value
        case "AccessType":
            return value == "Standard"
        case "InvokedAfter":
            return bool(session["StartDate"] > _moment(value))
        case "InvokedBefore":
            return bool(session["StartDate"] < _moment(value))
        case other:
            raise _bad("InvalidFilterKey", f"The specified filter key {other} is not valid.")


def _moment(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SandboxRefusal("the time of a filter is not one of ISO 8601") from None
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _status(session: Record) -> str:
    """No client ever opens the data channel: a session that is not over is still being connected."""
    return "Connecting" if session["EndDate"] is None else "Terminated"


def _shown(session: Record) -> Iterator[tuple[str, object]]:
    for name in ("SessionId", "Target", "DocumentName", "Owner", "Reason"):
        if session[name] is not None:
            yield name, session[name]
    yield "Status", _status(session)
    yield "AccessType", "Standard"
    for name in ("StartDate", "EndDate"):
        if session[name] is not None:
            yield name, session[name]


def _bad(code: str, message: str) -> AwsError:
    return AwsError(code, message, status=400)
