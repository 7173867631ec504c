"""What layers, credentials and outcomes are called in text."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any, Final

from watchword.iam import CredentialKind, Layer, Outcome

WIDTH: Final = 80

CREDENTIALS: Final[Mapping[str, str]] = {
    CredentialKind.ROOT_KEY: "root's access key",
    CredentialKind.ACCESS_KEY: "an access key",
    CredentialKind.SESSION: "a session without MFA",
    CredentialKind.SESSION_MFA: "a session with MFA",
    CredentialKind.CONSOLE: "the console, without MFA",
    CredentialKind.CONSOLE_MFA: "the console, with MFA",
    CredentialKind.LOGIN: "`aws login`, without MFA",
    CredentialKind.LOGIN_MFA: "`aws login`, with MFA",
    CredentialKind.ROLE_SESSION: "a role's session",
    CredentialKind.FEDERATED: "a federated user's session",
    CredentialKind.SERVICE_ROLE: "a service role's session",
    CredentialKind.SERVICE_LINKED_ROLE: "a service-linked role's session",
    CredentialKind.FORWARDED: "a call that a service makes on its behalf, without MFA",
    CredentialKind.FORWARDED_MFA: "a call that a service makes on its behalf, with MFA",
    CredentialKind.SERVICE: "itself, as an AWS service",
}

_LAYERS: Final[Mapping[str, str]] = {
    Layer.SERVICE: "service rules",
    Layer.ROOT: "root user",
    Layer.RESOURCE_CONTROL: "RCPs",
    Layer.SERVICE_CONTROL: "SCPs",
    Layer.ENDPOINT: "endpoint policy",
    Layer.RESOURCE: "resource policy",
    Layer.IDENTITY: "identity policies",
    Layer.BOUNDARY: "permissions boundary",
    Layer.SESSION: "session policies",
    Layer.TRUST: "trust policy",
    Layer.KEY: "key policy",
}
_ONE_OF: Final[Mapping[str, str]] = {
    Layer.RESOURCE_CONTROL: "an RCP",
    Layer.SERVICE_CONTROL: "an SCP",
    Layer.ENDPOINT: "the endpoint policy",
    Layer.RESOURCE: "the resource's policy",
    Layer.IDENTITY: "an identity policy",
    Layer.BOUNDARY: "the permissions boundary",
    Layer.SESSION: "a session policy",
    Layer.TRUST: "the role's trust policy",
    Layer.KEY: "the key's policy",
}
_SIGNS: Final[Mapping[str, str]] = {
    Outcome.ALLOWED: "✓",
    Outcome.EXPLICIT_DENY: "✗",
    Outcome.IMPLICIT_DENY: "✗",
    Outcome.UNDETERMINED: "?",
}


def sign(outcome: str) -> str:
    """Return the sign of an outcome."""
    return _SIGNS[outcome]


def layer_sign(outcome: str) -> str:
    """Return the sign of one layer's outcome: that it allows nothing need not be a denial."""
    return "-" if outcome == Outcome.IMPLICIT_DENY else sign(outcome)


def layer_name(layer: Mapping[str, Any]) -> str:
    """Return what a layer of a value is called: `SCPs, level 1` counts as people do, the root first."""
    name = _LAYERS[layer["layer"]]
    return name if layer["level"] is None else f"{name}, level {layer['level'] + 1}"


def policy_of_layer(step: Mapping[str, Any]) -> str:
    """Return where a statement would be added."""
    level = "" if step["level"] is None else f" of level {step['level'] + 1}"
    return f"{_ONE_OF[step['layer']]}{level}"


def place(ref: Mapping[str, Any]) -> str:
    """Return a statement's address: `mine.json:3:5 (Sid)`."""
    name = ref["sid"] or f"statement {ref['index']}"
    return f"{ref['policy']}:{ref['line']}:{ref['column']} ({name})"


def wrapped(text: str, indent: str, hanging: str | None = None) -> list[str]:
    """Return a text as lines of at most 80 signs: `hanging` is the indent of all but the first."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
