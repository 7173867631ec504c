"""Short ways to a policy and a request, for tests of this room."""

from __future__ import annotations

import json
from typing import TypeAlias

from watchword.iam import (
    CompiledPolicy,
    Context,
    CredentialKind,
    PolicyKind,
    Request,
    compile_policy,
    parse_policy,
    principal_from_arn,
)

Statement: TypeAlias = dict[str, object]

USER = "arn:aws:iam::123456789012:user/alice"


def allow(action: str | list[str] = "*", **elements: object) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": "*", **elements}


def deny(action: str | list[str] = "*", **elements: object) -> Statement:
    return {**allow(action, **elements), "Effect": "Deny"}


def compiled(*statements: Statement, name: str = "policy", kind: PolicyKind | None = None) -> CompiledPolicy:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return compile_policy(parse_policy(text, name=name, kind=kind))


def request(
    action: str = "s3:GetObject",
    resource: str = "arn:aws:s3:::bucket/key",
    *,
    context: Context | None = None,
    principal: str = USER,
    credential: CredentialKind | None = None,
    trust_context: Context | None = None,
) -> Request:
    return Request(
        principal=principal_from_arn(principal),
        action=action,
        resource=resource,
        context=context or {},
        credential=credential,
        trust_context=trust_context,
    )
