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
    StatementTrace,
)

_READABLE: Final = {PolicyType.IDENTITY: Layer.IDENTITY, PolicyType.BOUNDARY: Layer.BOUNDARY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a call was denied, in words.

    - `words`: which statement denied, or what nearly allows.
    - `mfa_helps`: whether the same call goes through in a session opened with a code just now; None: not
      known, or nobody who could open one.
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
    if said.explicit is not False and (denies := _denies(judge, decision, said)):
        return _explicit(judge, asked, denies, said)
    if said.explicit or decision.outcome is Outcome.ALLOWED:
        return _unexplained(judge, asked, said)
    if layer is Layer.BOUNDARY or decision.layer is Layer.BOUNDARY:
        return _not_in_boundary(judge, asked, decision)
    return _implicit(judge, asked, decision)


def mfa_helps(judge: Judge, asked: Asked) -> bool | None:
    """Return whether the call goes through in a session that was just opened with a code.

    None when that is not known, or for a principal without such sessions. A session that is open already may
    be too old for a condition on the age.
    """
    if judge.principal.kind is not PrincipalKind.USER:
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


def _denies(judge: Judge, decision: Decision, said: Said) -> list[StatementTrace]:
    """The Denies that match or may, those that do first: in the layer that AWS named, if it named one.

    Where AWS does not say that one denied, those that may are none while no statement allows the call.
    """
    layers = [_READABLE[said.policy_type]] if said.policy_type else list(_READABLE.values())
    matches = {Match.YES}
    if said.explicit or decision.outcome is not Outcome.IMPLICIT_DENY:
        matches.add(Match.UNKNOWN)
    denies = [
        each
        for layer in layers
        for each in judge.statements(decision, layer)
        if each.effect is Effect.DENY and each.match in matches
    ]
    return sorted(denies, key=lambda each: each.match is not Match.YES)


def _explicit(judge: Judge, asked: Asked, denies: list[StatementTrace], said: Said) -> Why:
    deny, *others = denies
    without = " without MFA" if wants_mfa(judge, asked, deny.ref) else ""
    words = f"{judge.name(deny.ref)} denies it{without}"
    if deny.match is Match.UNKNOWN:
        # Where AWS says that a Deny did it, the only one that may is the one, but for some that nobody saw.
        hangs = f"by what it says of {' and '.join(f'`{key}`' for key in deny.missing)}"
        may = ", it may be" if others or judge.unread or not said.explicit else ""
        words = f"{words}{may}, {hangs}"
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
