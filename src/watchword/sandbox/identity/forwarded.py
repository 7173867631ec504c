"""What becomes of a caller when a service calls another one on their behalf."""

from __future__ import annotations

from dataclasses import replace

from watchword.iam import IssuingCall
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.identity.issuing import issued


def forwarded(caller: Caller, service_principal: str) -> Caller:
    """Return `caller` as a service sees them whom `service_principal` (`cloudformation.amazonaws.com`) calls.

    It is the same principal, with the same session, whose policies bind as before. The MFA state becomes
    `false` where a long-term key had none at all. Services may forward what was forwarded to them: the
    chain grows at its end.

    Source: IAM User Guide, access_forward_access_sessions, and reference_policies_condition-keys
    (`aws:MultiFactorAuthPresent`, `aws:CalledVia`).
    """
    made = issued(IssuingCall.FORWARD, caller, with_code=False)
    return replace(caller, kind=made.kind, called_via=(*caller.called_via, service_principal))
