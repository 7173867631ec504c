"""GetFederationToken: a session of a user under another name, limited by the policies that come with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from watchword.iam import Assumptions, IssuingCall
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.identity.issuing import issued
from watchword.sandbox.identity.session_policies import session_policies_of
from watchword.sandbox.identity.session_tags import SessionTags
from watchword.sandbox.identity.sessions import Grant, Sessions
from watchword.sandbox.wire.error import SandboxRefusal

DEFAULT_SECONDS: Final = 43_200

_NO_TAGS: Final = SessionTags(requested={}, all={}, transitive_keys=())
_NOT_OFFERED: Final = ("Tags", "MinimumSessionTokenSize")


def get_federation_token(
    caller: Caller, params: Mapping[str, Any], sessions: Sessions, assumptions: Assumptions
) -> dict[str, Any]:
    """Return the result of GetFederationToken; the form of `params` and the policies were looked at before.

    No code goes with this call, and its session never has MFA. Without a session policy it may do nothing
    but what policies of resources grant it. Raises AwsError, and SandboxRefusal for root and for tags.

    Source: API_GetFederationToken.
    """
    made = issued(IssuingCall.GET_FEDERATION_TOKEN, caller, with_code=False, assumptions=assumptions)
    _refuse_what_is_not_offered(caller, params)
    policies = session_policies_of(params)
    name = params["Name"]
    grant = Grant(
        account=caller.account,
        user_id=caller.user_id,
        arn=f"arn:aws:sts::{caller.account}:federated-user/{name}",
        kind=made.kind,
        mfa=made.mfa,
        contested=made.contested,
        source_arn=caller.principal.arn,
        policy=policies.inline,
        policy_arns=policies.arns,
        federated_name=name,
    )
    seconds = params.get("DurationSeconds", DEFAULT_SECONDS)
    result: dict[str, Any] = {
        "Credentials": sessions.mint(grant, duration_seconds=seconds).as_result(),
        "FederatedUser": {"FederatedUserId": f"{caller.account}:{name}", "Arn": grant.arn},
    }
    packed_percent = policies.packed_percent(_NO_TAGS)
    return result | ({"PackedPolicySize": packed_percent} if packed_percent else {})


def _refuse_what_is_not_offered(caller: Caller, params: Mapping[str, Any]) -> None:
    if caller.is_root:
        raise SandboxRefusal("GetFederationToken by root is not offered")
    given = [name for name in _NOT_OFFERED if params.get(name)]
    if given:
        raise SandboxRefusal(f"GetFederationToken with {' and '.join(given)} is not offered")
