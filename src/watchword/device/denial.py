"""Why AWS denied a call: the statement that did it, or what nearly allows it, and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from watchword.device.denial_text import PolicyType, Said
from watchword.device.judge import Judge
from watchword.device.near import Asked, Near, nearest
from watchword.iam import (
    CredentialKind,
    Decision,
    Effect,
    Layer,
    Match,
    Outcome,
    PrincipalKind,
    StatementRef,
)

_READABLE: Final = {PolicyType.IDENTITY: Layer.IDENTITY, PolicyType.BOUNDARY: Layer.BOUNDARY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a call was denied, in words.

    - `words`: which statement denied, or what nearly allows.
    - `mfa_helps`: whether the same call goes through in a session opened with a code; None: not known, or
      nobody who could open one.
    - `device_name`: a name for the device with which it goes through as it is.
    - `denied`: whether a Deny did it, and not the lack of an Allow.
    - `found`: False when nothing that was read explains it.
    """

    words: str
    denied: bool
    found: bool
    mfa_helps: bool | None = None
    device_name: str | None = None


def why_denied(judge: Judge, asked: Asked, said: Said) -> Why:
    """Return why AWS denied the call, by the policies that were read and by what AWS itself said.

    Where the two disagree AWS is right: something that was not read decided.
    """
    if said.policy_type is not None and said.policy_type not in _READABLE:
        return Why(
            words=_out_of_reach(said.policy_type, explicit=bool(said.explicit)),
            denied=bool(said.explicit),
            found=True,
        )
    decision = judge.decide(asked.action, asked.resource, asked.kind)
    layer = Layer.IDENTITY if said.policy_type is None else _READABLE[said.policy_type]
    if said.explicit is not False and (deny := _deny(judge, decision, said.policy_type)) is not None:
        return _explicit(judge, asked, *deny)
    if said.explicit or decision.outcome is Outcome.ALLOWED:
        return _unexplained(judge, asked, said)
    if layer is Layer.BOUNDARY or decision.layer is Layer.BOUNDARY:
        return _not_in_boundary(judge, asked, decision)
    return _implicit(judge, asked, decision)


def mfa_helps(judge: Judge, asked: Asked) -> bool | None:
    """Return whether the call goes through in a session that was just opened with a code.

    None when that is not known, when it is signed with one already, or for a principal without such sessions.
    """
    if asked.kind is CredentialKind.SESSION_MFA or judge.principal.kind is not PrincipalKind.USER:
        return None
    decision = judge.decide(asked.action, asked.resource, CredentialKind.SESSION_MFA, fresh_mfa=True)
    match decision.outcome:
        case Outcome.ALLOWED:
            return True
        case Outcome.EXPLICIT_DENY:
            return False
        case Outcome.IMPLICIT_DENY:
            return False if judge.certain(decision) else None
        case Outcome.UNDETERMINED:
            return None


def wants_mfa(judge: Judge, asked: Asked, deny: StatementRef) -> bool:
    """Return whether a Deny that matches does not in a session that was just opened with a code."""
    if judge.principal.kind is not PrincipalKind.USER or asked.kind is CredentialKind.SESSION_MFA:
        return False
    decision = judge.decide(asked.action, asked.resource, CredentialKind.SESSION_MFA, fresh_mfa=True)
    return all(each.ref != deny or each.match is Match.NO for each in judge.statements(decision))


def _deny(
    judge: Judge, decision: Decision, policy_type: PolicyType | None
) -> tuple[StatementRef, Match, tuple[str, ...]] | None:
    """The Deny that matches, else one that may: in the layer that AWS named, if it named one."""
    layers = [_READABLE[policy_type]] if policy_type else list(_READABLE.values())
    denies = [
        each
        for layer in layers
        for each in judge.statements(decision, layer)
        if each.effect is Effect.DENY and each.match is not Match.NO
    ]
    denies.sort(key=lambda each: each.match is not Match.YES)
    return next(((each.ref, each.match, each.missing) for each in denies), None)


def _explicit(judge: Judge, asked: Asked, ref: StatementRef, match: Match, missing: tuple[str, ...]) -> Why:
    words = f"{judge.name(ref)} denies it{' without MFA' if wants_mfa(judge, asked, ref) else ''}"
    if match is Match.UNKNOWN:
        words = f"{words}, if {' and '.join(missing)} is as it says: nothing else that was read denies it"
    return Why(words=words, denied=True, found=True, mfa_helps=mfa_helps(judge, asked))


def _implicit(judge: Judge, asked: Asked, decision: Decision) -> Why:
    near: Near | None = nearest(judge, asked, decision)
    if near is None:
        return Why(
            words=_none_allows(judge, asked),
            denied=False,
            found=not judge.unread,
            mfa_helps=mfa_helps(judge, asked),
        )
    return Why(
        words=near.words,
        denied=False,
        found=True,
        mfa_helps=mfa_helps(judge, asked),
        device_name=near.device_name,
    )


def _none_allows(judge: Judge, asked: Asked) -> str:
    unread = judge.not_read()
    return f"a policy must allow `{asked.action}` on `{asked.resource}`" + (f" ({unread})" if unread else "")


def _not_in_boundary(judge: Judge, asked: Asked, decision: Decision) -> Why:
    near = nearest(judge, asked, decision, Layer.BOUNDARY)
    boundary = judge.policies.permissions_boundary
    if boundary is None:
        return Why(
            words="the permissions boundary does not allow it, and cannot be read", denied=False, found=False
        )
    words = f"the permissions boundary does not allow `{asked.action}` on `{asked.resource}`"
    if near is not None:
        words = f"{words}: {near.words}"
    return Why(words=words, denied=False, found=True, mfa_helps=mfa_helps(judge, asked))


def _out_of_reach(policy_type: PolicyType, *, explicit: bool) -> str:
    verb = "denies" if explicit else "does not allow"
    match policy_type:
        case PolicyType.SERVICE_CONTROL | PolicyType.RESOURCE_CONTROL:
            return f"a {policy_type} of the organization {verb} it, which only its administrators can see"
        case PolicyType.SESSION:
            return f"the session policy that the role was assumed with {verb} it"
        case _:
            return f"the {policy_type} {verb} it"


def _unexplained(judge: Judge, asked: Asked, said: Said) -> Why:
    """AWS says no, and nothing that was read does."""
    if said.explicit is False:
        words = "what can be read allows it: a policy was changed a moment ago, or something unseen decides"
    elif judge.unread:
        verb = "denies" if said.explicit else "must deny"
        words = f"a policy {verb} `{asked.action}` on `{asked.resource}` ({judge.not_read()})"
    else:
        words = "what can be read does not deny it: another policy does, an SCP perhaps"
    return Why(words=words, denied=said.explicit is not False, found=False)
