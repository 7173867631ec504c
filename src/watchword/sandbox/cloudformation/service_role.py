"""The session that CloudFormation has of a service role: its calls are the role's, and nobody's behalf.

Source: AWS CloudFormation User Guide, using-iam-servicerole; IAM User Guide, access_forward_access_sessions
(service roles are not forwarded) and reference_policies_condition-keys (`aws:ViaAWSService`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from watchword.iam import AssumeRoleKeys, CredentialKind, Principal, PrincipalKind, mfa_keys, mfa_state
from watchword.sandbox.authorise.call import Call
from watchword.sandbox.authorise.gate import Gate
from watchword.sandbox.cloudformation.calls import PRINCIPAL
from watchword.sandbox.cloudformation.refusals import role_not_assumed
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.identity.directory import Directory, Role
from watchword.sandbox.identity.session_tags import SessionTags
from watchword.sandbox.identity.sessions import Session
from watchword.sandbox.wire.error import AwsError, SandboxRefusal
from watchword.sandbox.wire.operation import identify
from watchword.sandbox.wire.outgoing import request_of

SESSION_NAME: Final = "AWSCloudFormation"
_LASTS: Final = timedelta(hours=1)


def role_session(
    role_arn: str, call: Call, *, gate: Gate, directory: Directory, now: Callable[[], datetime], host: str
) -> Caller:
    """Return the caller that CloudFormation is with the role `role_arn`.

    Raises AwsError when there is no such role, or when it does not let CloudFormation assume it.
    """
    account, _, resource = role_arn.split(":", 4)[4].partition(":")
    role = directory.role(account, resource.rpartition("/")[2]) if resource.startswith("role/") else None
    if role is None or role.arn != role_arn:
        raise role_not_assumed(role_arn)
    _trusted(role, call, gate=gate, host=host)
    return _caller(role, now())


def _trusted(role: Role, call: Call, *, gate: Gate, host: str) -> None:
    params = {"RoleArn": role.arn, "RoleSessionName": SESSION_NAME}
    request = request_of("sts", "AssumeRole", params, region=call.operation.region, host=host)
    service = Caller(
        principal=Principal(arn=PRINCIPAL, account="", kind=PrincipalKind.SERVICE),
        kind=CredentialKind.SERVICE,
        access_key_id="",
        user_name=None,
        user_id="",
    )
    asked = Call(operation=identify(request), request=request, caller=service, request_id=call.request_id)
    mfa = mfa_keys(mfa_state(CredentialKind.SERVICE))
    keys = AssumeRoleKeys(own_policies=mfa, trust_policy=mfa)
    tags = SessionTags(requested={}, all={}, transitive_keys=())
    try:
        gate.may_assume(asked, role=role, mfa=keys, tags=tags, source_identity=None)
    except SandboxRefusal:
        raise
    except AwsError as error:
        raise role_not_assumed(role.arn) from error


def _caller(role: Role, now: datetime) -> Caller:
    arn = f"arn:aws:sts::{role.account}:assumed-role/{role.name}/{SESSION_NAME}"
    kind = CredentialKind.SERVICE_ROLE
    # Nobody ever holds this key: it is in no list of sessions, and signs nothing.
    session = Session(
        account=role.account,
        user_id=f"{role.role_id}:{SESSION_NAME}",
        arn=arn,
        kind=kind,
        mfa=mfa_state(kind),
        role=role,
        session_name=SESSION_NAME,
        access_key_id="ASIA" + secrets.token_hex(8).upper(),
        secret_access_key="",
        token_digest=b"",
        issued_at=now.replace(microsecond=0),
        expires_at=now + _LASTS,
    )
    return Caller(
        principal=Principal(
            arn=arn,
            account=role.account,
            kind=PrincipalKind.ROLE_SESSION,
            role_arn=role.arn,
            unique_id=role.role_id,
        ),
        kind=kind,
        access_key_id=session.access_key_id,
        user_name=None,
        user_id=session.user_id,
        issued_at=session.issued_at,
        session=session,
    )
