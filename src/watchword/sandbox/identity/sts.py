"""STS: the operations that give sessions away, and those that say who one is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from watchword.iam import DEFAULT_ASSUMPTIONS, Assumptions, IssuingCall
from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.identity import constraints
from watchword.sandbox.identity.assume import AssumeRole, MayAssume
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.identity.devices import Devices
from watchword.sandbox.identity.directory import Directory
from watchword.sandbox.identity.federated import get_federation_token
from watchword.sandbox.identity.issuing import issued
from watchword.sandbox.identity.mfa_check import check_code_of
from watchword.sandbox.identity.sessions import Grant, Sessions
from watchword.sandbox.wire.error import SandboxRefusal

DEFAULT_SECONDS: Final = 43_200
ROOT_SECONDS: Final = 3600

OPERATIONS: Final = (
    "GetSessionToken",
    "GetFederationToken",
    "AssumeRole",
    "GetCallerIdentity",
    "GetAccessKeyInfo",
)
"""What the sandbox offers of STS."""


class Sts:
    """The operations of STS. Whether policies allow the call has been decided before, but for AssumeRole."""

    def __init__(
        self,
        *,
        clock: SandboxClock,
        directory: Directory,
        devices: Devices,
        sessions: Sessions,
        assumptions: Assumptions = DEFAULT_ASSUMPTIONS,
    ) -> None:
        self._directory = directory
        self._assumptions = assumptions
        self._devices = devices
        self._sessions = sessions
        self._assume_role = AssumeRole(
            clock=clock,
            directory=directory,
            devices=devices,
            sessions=sessions,
            assumptions=assumptions,
        )

    def call(
        self, operation: str, caller: Caller, params: Mapping[str, Any], *, may_assume: MayAssume
    ) -> dict[str, Any]:
        """Return the result of `operation`, named as in botocore.

        `may_assume` decides for AssumeRole, when the code has been checked. Raises AwsError, and
        SandboxRefusal for the operations that the sandbox does not offer.
        """
        if operation not in OPERATIONS:
            raise SandboxRefusal(f"sts:{operation} is not offered; there is {', '.join(OPERATIONS)}")
        constraints.check("sts", operation, params)
        match operation:
            case "GetSessionToken":
                return self._get_session_token(caller, params)
            case "GetFederationToken":
                return get_federation_token(caller, params, self._sessions, self._assumptions)
            case "AssumeRole":
                return self._assume_role(caller, params, may_assume)
            case "GetCallerIdentity":
                return {"UserId": caller.user_id, "Account": caller.account, "Arn": caller.principal.arn}
            case _:
                return self._get_access_key_info(params["AccessKeyId"])

    def _get_session_token(self, caller: Caller, params: Mapping[str, Any]) -> dict[str, Any]:
        # Who gets no session is told so before a code of theirs is used up.
        issued(IssuingCall.GET_SESSION_TOKEN, caller, with_code=False)
        mfa_at = check_code_of(caller, params, self._devices)
        made = issued(IssuingCall.GET_SESSION_TOKEN, caller, with_code=mfa_at is not None)
        grant = Grant(
            account=caller.account,
            user_id=caller.user_id,
            arn=caller.principal.arn,
            kind=made.kind,
            mfa=made.mfa,
            contested=made.contested,
            mfa_at=mfa_at,
            source_arn=caller.principal.arn,
        )
        duration = _session_seconds(caller, params.get("DurationSeconds"))
        return {"Credentials": self._sessions.mint(grant, duration_seconds=duration).as_result()}

    def _get_access_key_info(self, access_key_id: str) -> dict[str, Any]:
        key = self._directory.key(access_key_id)
        if key is not None:
            return {"Account": key.account}
        session = self._sessions.peek(access_key_id)
        if session is not None:
            return {"Account": session.account}
        # AWS reads the account out of any key; the sandbox's keys do not hold it.
        raise SandboxRefusal("GetAccessKeyInfo knows the sandbox's own keys only")


def _session_seconds(caller: Caller, asked: int | None) -> int:
    """Return how long a GetSessionToken session lasts.

    Root's lasts an hour at most: asking for more is no error. Source: API_GetSessionToken.
    """
    duration = DEFAULT_SECONDS if asked is None else asked
    return min(duration, ROOT_SECONDS) if caller.is_root else duration
