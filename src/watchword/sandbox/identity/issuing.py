"""The one table of which call makes which credential, asked for a caller."""

from __future__ import annotations

from watchword.iam import DEFAULT_ASSUMPTIONS, Assumptions, Issued, IssuingCall, NotIssuable, issue
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.wire.error import AwsError


def issued(
    call: IssuingCall, caller: Caller, *, with_code: bool, assumptions: Assumptions = DEFAULT_ASSUMPTIONS
) -> Issued:
    """Return what `call` makes of the caller's credentials; `with_code` when a code was accepted.

    Raises AwsError where AWS makes nothing of them, whatever the policies say.
    """
    try:
        return issue(call, caller.kind, with_code=with_code, source_mfa=caller.mfa, assumptions=assumptions)
    except NotIssuable as refused:
        raise AwsError(refused.aws_code, refused.aws_message, status=403) from None
