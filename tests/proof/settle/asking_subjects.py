"""Subjects with policies written in a line, and the question put to them."""

from __future__ import annotations

import functools
import json
from typing import Any

from watchword.iam import (
    CompiledPolicy,
    Context,
    CredentialKind,
    MfaState,
    PolicyKind,
    PolicySet,
    Universe,
    compile_policy,
    parse_policy,
    principal_context,
    principal_from_arn,
)
from watchword.local.universe import load_universe
from watchword.proof.settle import Answer, Subject, solve
from watchword.proof.states import Exists, State

ACCOUNT = "123456789012"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"

Statement = dict[str, Any]

_STATES = {
    "key": (MfaState.ABSENT, CredentialKind.ACCESS_KEY),
    "session": (MfaState.FALSE, CredentialKind.SESSION),
    "console": (MfaState.FALSE, CredentialKind.CONSOLE),
    "mfa": (MfaState.TRUE, CredentialKind.SESSION_MFA),
}


@functools.cache
def universe() -> Universe:
    return load_universe()


def allow(actions: object, resources: object = "*", **conditions: object) -> Statement:
    return _statement("Allow", actions, resources, conditions)


def deny(actions: object, resources: object = "*", **conditions: object) -> Statement:
    return _statement("Deny", actions, resources, conditions)


def _statement(effect: str, actions: object, resources: object, conditions: object) -> Statement:
    found: Statement = {"Effect": effect, "Action": actions, "Resource": resources}
    return {**found, "Condition": conditions} if conditions else found


def policies(*statements: Statement, boundary: Statement | None = None) -> PolicySet:
    return PolicySet(
        identity=(_compiled("own", statements, PolicyKind.IDENTITY),),
        permissions_boundary=None
        if boundary is None
        else _compiled("boundary", (boundary,), PolicyKind.IDENTITY),
    )


def _compiled(name: str, statements: object, kind: PolicyKind) -> CompiledPolicy:
    document = {"Version": "2012-10-17", "Statement": statements}
    return compile_policy(parse_policy(json.dumps(document), name=name, kind=kind))


def subject(
    *statements: Statement,
    state: str = "key",
    known: Context | None = None,
    boundary: Statement | None = None,
) -> Subject:
    principal = principal_from_arn(ALICE)
    mfa, credential = _STATES[state]
    return Subject(
        principal=principal,
        arn=ALICE,
        state=State(mfa=mfa, credential=credential, exists=Exists.YES, why="", name=state),
        policies=policies(*statements, boundary=boundary),
        known={**principal_context(principal), **(known or {})},
    )


def answer(
    action: str,
    *statements: Statement,
    resource: str | None = None,
    state: str = "key",
    known: Context | None = None,
    boundary: Statement | None = None,
) -> Answer:
    asked = subject(*statements, state=state, known=known, boundary=boundary)
    return solve(asked, action, universe=universe(), resource=resource)
