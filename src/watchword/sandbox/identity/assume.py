"""AssumeRole: who may become which role, for how long, and what the session carries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from watchword.iam import (
    DEFAULT_ASSUMPTIONS,
    AssumeRoleKeys,
    Assumptions,
    Issued,
    IssuingCall,
    MfaState,
    assume_role_keys,
)
from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.identity import refusals
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.identity.devices import Devices
from watchword.sandbox.identity.directory import Directory, Role
from watchword.sandbox.identity.issuing import issued
from watchword.sandbox.identity.mfa_check import check_code_of
from watchword.sandbox.identity.session_policies import SessionPolicies, session_policies_of
from watchword.sandbox.identity.session_tags import SessionTags, source_identity_of, tags_of
from watchword.sandbox.identity.sessions import Grant, Sessions
from watchword.sandbox.wire.error import SandboxRefusal, denied
from watchword.sandbox.wire.protocol import Dialect

DEFAULT_SECONDS: Final = 3600
CHAINED_SECONDS: Final = 3600

_ROLE_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):role/(?:[!-~]*/)?(?P<name>[\w+=,.@-]+)"
)


class MayAssume(Protocol):
    """Whether the policies let `caller` assume `role`. It raises AwsError when they do not.

    `mfa` holds the MFA keys of this call, as the caller's own policies and as the trust policy see
    them; `params` are the call's parameters, and `tags` and `source_identity` what the session would
    carry, inherited ones included.
    """

    def __call__(
        self,
        *,
        caller: Caller,
        role: Role,
        mfa: AssumeRoleKeys,
        params: Mapping[str, Any],
        tags: SessionTags,
        source_identity: str | None,
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumeRole:
    """The operation. Its checks come in this order, each refusing with AWS's text:

    1. the form of the parameters (checked by `Sts`);
    2. root cannot assume roles;
    3. the tags and the source identity fit the caller's, and the session policies are policies;
    4. the serial number and the code, which is used up;
    5. the role exists, and the policies of both sides allow it;
    6. the duration: the role's maximum, then the one hour of chaining.

    That the code comes before the policies follows from the trust policy's seeing the result; AWS's
    order between 3, 4 and 5 is not known. Within 6 it is as observed.
    """

    clock: SandboxClock
    directory: Directory
    devices: Devices
    sessions: Sessions
    assumptions: Assumptions = DEFAULT_ASSUMPTIONS

    def __call__(self, caller: Caller, params: Mapping[str, Any], may_assume: MayAssume) -> dict[str, Any]:
        """Return the result of AssumeRole. Raises AwsError."""
        _refuse_root(caller)
        _refuse_contexts(params)
        tags, source_identity = tags_of(params, caller), source_identity_of(params, caller)
        policies = session_policies_of(params)
        mfa_at = check_code_of(caller, params, self.devices)
        role = self._role(caller, params["RoleArn"])
        may_assume(
            caller=caller,
            role=role,
            mfa=self._keys(caller, mfa_at),
            params=params,
            tags=tags,
            source_identity=source_identity,
        )
        duration = _duration_seconds(caller, role, params.get("DurationSeconds"))
        made = issued(
            IssuingCall.ASSUME_ROLE, caller, with_code=mfa_at is not None, assumptions=self.assumptions
        )
        grant = _grant(caller, role, params["RoleSessionName"], made, policies, tags, source_identity)
        credentials = self.sessions.mint(grant, duration_seconds=duration)
        result: dict[str, Any] = {
            "Credentials": credentials.as_result(),
            "AssumedRoleUser": {"AssumedRoleId": grant.user_id, "Arn": grant.arn},
        }
        packed_percent = policies.packed_percent(tags)
        if packed_percent:
            result["PackedPolicySize"] = packed_percent
        if source_identity is not None:
            result["SourceIdentity"] = source_identity
        return result

    def _role(self, caller: Caller, role_arn: str) -> Role:
        parts = _ROLE_ARN.fullmatch(role_arn)
        if parts is None:
            raise refusals.validation_error("Request ARN is invalid")
        role = self.directory.role(parts["account"], parts["name"])
        if role is None or role.arn != role_arn:
            # AWS does not tell a role that is not there from one that may not be assumed.
            raise denied(
                Dialect.QUERY, principal_arn=caller.principal.arn, action="sts:AssumeRole", resource=role_arn
            )
        return role

    def _keys(self, caller: Caller, code_at: datetime | None) -> AssumeRoleKeys:
        return assume_role_keys(
            caller.mfa,
            age_seconds=caller.mfa_age_seconds(self.clock.now()),
            with_code=code_at is not None,
            assumptions=self.assumptions,
        )


def _refuse_root(caller: Caller) -> None:
    if caller.is_root:
        raise refusals.root_cannot_assume()


def _refuse_contexts(params: Mapping[str, Any]) -> None:
    if params.get("ProvidedContexts"):
        raise SandboxRefusal("AssumeRole with ProvidedContexts is not offered")


def _duration_seconds(caller: Caller, role: Role, asked: int | None) -> int:
    duration = DEFAULT_SECONDS if asked is None else asked
    if duration > role.max_session_seconds:
        raise refusals.longer_than_role_allows()
    if caller.session is not None and duration > CHAINED_SECONDS:
        raise refusals.longer_than_chaining_allows()
    return duration


def _grant(
    caller: Caller,
    role: Role,
    name: str,
    made: Issued,
    policies: SessionPolicies,
    tags: SessionTags,
    source_identity: str | None,
) -> Grant:
    return Grant(
        account=role.account,
        user_id=f"{role.role_id}:{name}",
        arn=f"arn:aws:sts::{role.account}:assumed-role/{role.name}/{name}",
        kind=made.kind,
        mfa=made.mfa,
        contested=made.contested,
        mfa_at=caller.mfa_at if made.mfa is MfaState.TRUE else None,
        role=role,
        session_name=name,
        source_arn=caller.principal.arn,
        policy=policies.inline,
        policy_arns=policies.arns,
        tags=tags.all,
        transitive_tag_keys=tags.transitive_keys,
        source_identity=source_identity,
        chained=caller.session is not None,
    )
