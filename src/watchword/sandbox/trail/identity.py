"""`userIdentity`: who called, and with which MFA state.

Source: AWS CloudTrail User Guide, cloudtrail-event-reference-user-identity.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

from watchword.iam import MfaState, PrincipalKind
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.identity.sessions import Session

_TYPES = {
    PrincipalKind.ROOT: "Root",
    PrincipalKind.USER: "IAMUser",
    PrincipalKind.ROLE_SESSION: "AssumedRole",
    PrincipalKind.FEDERATED_USER: "FederatedUser",
}


def user_identity(caller: Caller, at: datetime) -> dict[str, Any]:
    """Return `userIdentity` of a caller of this account, who called at `at`.

    `mfaAuthenticated` is there for sessions only. A call that a service makes for the caller has `invokedBy`,
    the key of a session in place of a long-term one, and a state of MFA in every case (observed).
    """
    identity: dict[str, Any] = {
        "type": _TYPES[caller.principal.kind],
        "principalId": caller.user_id,
        "arn": caller.principal.arn,
        "accountId": caller.account,
        "accessKeyId": _key_id(caller),
    }
    if caller.user_name is not None:
        identity["userName"] = caller.user_name
    if caller.session is not None:
        identity["sessionContext"] = _session_context(caller, caller.session)
    elif caller.called_via:
        identity["sessionContext"] = {"attributes": _attributes(caller, at)}
    if caller.called_via:
        identity["invokedBy"] = caller.called_via[-1]
    return identity


def identity_from_outside(caller: Caller) -> dict[str, Any]:
    """Return `userIdentity` as another account sees the caller: the account and the unique ID, no more."""
    return {"type": "AWSAccount", "principalId": caller.user_id, "accountId": caller.account}


def _key_id(caller: Caller) -> str:
    if caller.session is not None or not caller.called_via:
        return caller.access_key_id
    # The session with which the service calls: nobody holds its key, so only its name is needed.
    digest = hashlib.sha256(f"{caller.called_via[-1]} {caller.access_key_id}".encode()).digest()
    return "ASIA" + base64.b32encode(digest).decode()[:16]


def _session_context(caller: Caller, session: Session) -> dict[str, Any]:
    context: dict[str, Any] = {}
    if session.role is not None:
        context["sessionIssuer"] = {
            "type": "Role",
            "principalId": session.role.role_id,
            "arn": session.role.arn,
            "accountId": session.role.account,
            "userName": session.role.name,
        }
    elif session.federated_name is not None and caller.source_user_name is not None:
        context["sessionIssuer"] = {
            "type": "IAMUser",
            "principalId": session.user_id,
            "arn": caller.principal.user_arn,
            "accountId": session.account,
            "userName": caller.source_user_name,
        }
    context["attributes"] = _attributes(caller, session.issued_at)
    if session.source_identity is not None:
        context["sourceIdentity"] = session.source_identity
    return context


def _attributes(caller: Caller, since: datetime) -> dict[str, str]:
    attributes = {"creationDate": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    if caller.mfa in (MfaState.TRUE, MfaState.FALSE):
        attributes["mfaAuthenticated"] = caller.mfa.value
    return attributes
