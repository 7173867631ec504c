"""A call that AWS denied: which statement did, or what nearly allows, and the way out.

The policy language takes a while to load, so this is imported when something was denied, not before.
"""

from __future__ import annotations

from watchword.aws.errors import Refusal, Unreachable
from watchword.aws.user_policies import Unread, UserPolicies, read_role_policies, read_user_policies
from watchword.device.acting import Acting
from watchword.device.denial import Why, why_denied
from watchword.device.denial_text import said
from watchword.device.errors import SEE, enrol_command, login_command
from watchword.device.judge import judge_of
from watchword.device.near import Asked
from watchword.device.own import devices_of
from watchword.errors import WatchwordError
from watchword.iam import CredentialKind

SEE_POLICIES = "docs/devices/policies.md"
_MAKING = frozenset({"iam:CreateVirtualMFADevice", "iam:EnableMFADevice"})
_DELETE = "iam:DeleteVirtualMFADevice"
_ENROLLING = _MAKING | {_DELETE, "iam:ListMFADevices", "iam:ListVirtualMFADevices"}


def explain_denial(refusal: Refusal, acting: Acting, resource: str) -> Refusal:
    """Name the statement that denied, or what nearly allows; the policies are read for that."""
    text, kind = said(refusal.aws_message), _signed_with(acting)
    judge = judge_of(_policies_of(acting), acting.identity.arn)
    asked = Asked(action=refusal.operation, resource=text.resource or resource, kind=kind)
    why = why_denied(judge, asked, text)
    error = refusal.explained(f"{why.words}{_way_out(why, asked, acting)}", see=SEE_POLICIES)
    error.names = judge.names()
    return error


def mfa_would_help(refusal: Refusal, acting: Acting, *, resource: str) -> bool | None:
    """Return whether a call that was denied goes through in a session opened with a code; None: not known."""
    text = said(refusal.aws_message)
    judge = judge_of(_policies_of(acting), acting.identity.arn)
    asked = Asked(action=refusal.operation, resource=text.resource or resource, kind=_signed_with(acting))
    return why_denied(judge, asked, text).mfa_helps


def _policies_of(acting: Acting) -> UserPolicies:
    """Read what applies to whoever acts; what goes wrong with that is no news while something else did."""
    head, _, rest = acting.identity.arn.split(":", 5)[5].partition("/")
    try:
        match head:
            case "user":
                return read_user_policies(acting.signed, acting.identity.name)
            case "assumed-role":
                return read_role_policies(acting.signed, rest.partition("/")[0])
            case _:
                return UserPolicies(name=head)
    except WatchwordError:
        return UserPolicies(name=head, unread=(Unread(what="the policies", operation="", code=""),))


def _signed_with(acting: Acting) -> CredentialKind:
    arn = acting.identity.arn
    if ":assumed-role/" in arn:
        return CredentialKind.ROLE_SESSION
    if acting.identity.is_root:
        return CredentialKind.ROOT_KEY
    # Sessions are opened with a code here, never without.
    return CredentialKind.SESSION_MFA if acting.has_session else CredentialKind.ACCESS_KEY


def _way_out(why: Why, asked: Asked, acting: Acting) -> str:
    if why.device_name is not None:
        return f": with `--name {why.device_name}` it goes through"
    if asked.action == _DELETE and not (why.mfa_helps and _devices_for_codes(acting)):
        by_hand = f"aws iam delete-virtual-mfa-device --serial-number {asked.resource}"
        return f"; an administrator can remove it: `{by_hand}`"
    for_oneself = acting.is_own and asked.action in _ENROLLING and not why.denied
    to_copy = f"; {SEE} has one to copy" if for_oneself else ""
    if why.mfa_helps:
        return _with_mfa(why, asked, acting)
    if why.mfa_helps is None and not why.found and asked.kind is CredentialKind.ACCESS_KEY:
        sign_in = f"`{login_command(acting.profile)}` first"
        if asked.action not in _MAKING:
            return f"{to_copy}; or it wants MFA: {sign_in}"
        return f", most likely until there is MFA: {_except(why, asked)}" if why.denied else to_copy
    return to_copy


def _with_mfa(why: Why, asked: Asked, acting: Acting) -> str:
    """A session helps whoever has a device; who has none yet needs the call to get one."""
    if acting.has_session:
        return f": the session is too old, `{login_command(acting.profile)} --force` opens another"
    sign_in = f"`{login_command(acting.profile)}` first"
    devices = _devices_for_codes(acting)
    if devices:
        return f": {sign_in}"
    if asked.action in _MAKING:
        no_device = (
            "there is no device to sign in with" if devices == 0 else f"{sign_in} if there is a device"
        )
        return f", and {no_device}: {_except(why, asked)}"
    if devices is None:
        return f": {sign_in}, if there is a device"
    return f": `{enrol_command(acting.profile)}` first"


def _except(why: Why, asked: Asked) -> str:
    return f"it has to except `{asked.action}`" if why.denied else f"`{asked.action}` must not need it"


def _devices_for_codes(acting: Acting) -> int | None:
    """How many devices whoever acts can sign in with; None when AWS does not tell."""
    try:
        own = devices_of(acting.signed, None)
    except (Refusal, Unreachable):
        return None
    return sum(device.kind.usable_for_cli for device in own)
