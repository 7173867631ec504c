"""What CloudTrail will call a role's session."""

from __future__ import annotations

import re

from watchword.aws import Hop

# Source: AssumeRole, AWS STS API Reference, `RoleSessionName`.
_NO_SIGN_OF_A_NAME = re.compile(r"[^\w+=,.@-]", re.ASCII)
_LONGEST_NAME = 64
_SHORTEST_NAME = 2


def session_name(hop: Hop, who: str) -> str:
    """Return the RoleSessionName: what is configured, else the name of whoever asks (`who`).

    A trust policy can demand that (`"sts:RoleSessionName": "${aws:username}"`).
    Source: "IAM and AWS STS condition context keys", IAM User Guide, `sts:RoleSessionName`.
    """
    if hop.role_session_name is not None:
        return hop.role_session_name
    name = _NO_SIGN_OF_A_NAME.sub("-", who)[:_LONGEST_NAME]
    return name if len(name) >= _SHORTEST_NAME else f"watchword-{name}"
